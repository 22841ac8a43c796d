// SPDX-License-Identifier: Apache-2.0

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
    static var memory: UInt64 { UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE)))) }

    /// The name that this start of the machine has: random(4), `boot_id`. Empty where /proc is not mounted.
    static var bootID: String {
        String(decoding: (SmallFile.read("/proc/sys/kernel/random/boot_id") ?? []).prefix { $0 != 10 }, as: UTF8.self)
    }

    /// Nanoseconds since 1970, UTC.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds of a clock that nobody sets.
    static var uptime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func field<Characters>(_ field: KeyPath<utsname, Characters>) -> String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: names[keyPath: field]) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
