// SPDX-License-Identifier: Apache-2.0

import GRDB

extension EngineDatabase {
    /// What SQLite finds wrong with its file; nothing when it is whole.
    ///
    /// - SeeAlso: sqlite.org/pragma.html#pragma_quick_check.
    func damages() -> [String] {
        do {
            return try read { try String.fetchAll($0, sql: "PRAGMA quick_check(20)") }.filter { $0 != "ok" }
        } catch {
            // A file that is damaged badly enough cannot even be checked.
            return ["\(error)"]
        }
    }
}
