// SPDX-License-Identifier: Apache-2.0

import Engine
import Linux

extension LocalSystem {
    /// After each restart of the machine, once: nothing is shown running that is not, and what the last boot left is taken
    /// away. Any other time this reads two small files.
    func sweepAfterRestart() throws {
        let mark = core.paths.runRoot + "/boot"
        guard SmallFile.text(mark) != LocalContainers.bootID else { return }
        do throws(SystemError) {
            // Several commands may be the first after the restart; one sweeps and the others wait for it.
            let lock = try FileLock.wait(mark + ".lock")
            try withExtendedLifetime(lock) { () throws(SystemError) in
                guard SmallFile.text(mark) != LocalContainers.bootID else { return }
                // What cannot be mended now must keep nobody from working; `system check` says what it is.
                if !core.database.isNew { _ = try? findLeftovers(mend: true) }
                // Without the mark the next command looks once more.
                try? SmallFile.replace(mark, with: LocalContainers.bootID.utf8)
            }
        } catch {
            throw EngineError(error, .engine)
        }
    }
}
