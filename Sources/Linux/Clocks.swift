// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Times of the kernel, in nanoseconds.
public enum Clocks {
    /// Since 1970, UTC: clock_gettime(2), `CLOCK_REALTIME`.
    public static var wall: Int64 { now(CLOCK_REALTIME) }
    /// Since some moment in the past; it never goes back: `CLOCK_MONOTONIC`.
    public static var steady: Int64 { now(CLOCK_MONOTONIC) }

    private static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The name that this boot of the machine has, and no other: /proc/sys/kernel/random/boot_id.
    public static func bootID() throws(SystemError) -> String {
        let file = try Descriptor(opening: "/proc/sys/kernel/random/boot_id", O_RDONLY)
        return String(decoding: try file.readToEnd().prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
