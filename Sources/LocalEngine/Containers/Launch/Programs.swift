// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc

/// The programs that stand beside this one: the supervisor, PID 1 for `--init`, and dsh itself.
struct Programs: Hashable, Sendable {
    let monitor: String
    let initProgram: String
    let shell: String

    /// Looks beside the running program, then in `../libexec/dsh`, where a package puts what nobody types.
    ///
    /// - Throws: `.system` when the supervisor is in neither place.
    static func find() throws(EngineError) -> Programs {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        guard count > 0 else { throw .failed("readlink /proc/self/exe") }
        let own = String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let directory = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
        for place in ["\(directory)", "\(directory)/../libexec/dsh"] where access(place + "/dsh-monitor", X_OK) == 0 {
            return Programs(
                monitor: place + "/dsh-monitor", initProgram: place + "/dsh-init", shell: "\(directory)/dsh")
        }
        throw EngineError(
            .system, .path("\(directory)/dsh-monitor"),
            "the supervisor dsh-monitor is missing: it belongs beside \(own), or in ../libexec/dsh")
    }
}
