// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc

/// Plain facts about the machine, asked when they are needed.
enum Machine {
    /// The host's name.
    static var name: String { field(\.nodename) }
    /// The kernel's release: `6.18.44`.
    static var kernel: String { field(\.release) }
    /// `x86_64`.
    static var architecture: String { field(\.machine) }
    /// Processors that this process may use.
    static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
    /// Bytes of memory.
    static var memory: UInt64 {
        UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
    }

    /// Seconds east of Greenwich in the user's zone at a moment that was read as UTC.
    static func zoneOffset(at moment: Timestamp) -> Int {
        var seconds = time_t(moment.nanoseconds / 1_000_000_000)
        var fields = tm()
        localtime_r(&seconds, &fields)
        return fields.tm_gmtoff
    }

    private static func field<Characters>(_ field: KeyPath<utsname, Characters>) -> String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: names[keyPath: field]) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
