// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// Spans of time in Docker's words.
enum Age {
    /// `3 minutes`, `About an hour`.
    ///
    /// - SeeAlso: github.com/docker/go-units, `HumanDuration`.
    static func text(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        let minutes = seconds / 60
        // Rounded to the nearest hour, as go-units does.
        let hours = (seconds + 1800) / 3600
        switch (seconds, minutes, hours) {
        case (..<1, _, _): return "Less than a second"
        case (1, _, _): return "1 second"
        case (..<60, _, _): return "\(seconds) seconds"
        case (_, 1, _): return "About a minute"
        case (_, ..<60, _): return "\(minutes) minutes"
        case (_, _, 1): return "About an hour"
        case (_, _, ..<48): return "\(hours) hours"
        case (_, _, ..<336): return "\(hours / 24) days"
        case (_, _, ..<1440): return "\(hours / 24 / 7) weeks"
        case (_, _, ..<17520): return "\(hours / 24 / 30) months"
        default: return "\(seconds / 3600 / 24 / 365) years"
        }
    }

    /// The span from one moment to another, as text; a moment to come counts as now.
    static func text(from begin: Timestamp, to end: Timestamp) -> String {
        text(.nanoseconds(max(0, end.nanoseconds - begin.nanoseconds)))
    }
}

extension Timestamp {
    /// The wall clock's time.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Seconds east of Greenwich of the user's zone (`TZ`, else the machine's) at this moment, or at the wall clock's time
    /// that was read as if it were UTC.
    ///
    /// - SeeAlso: localtime_r(3), mktime(3).
    func localOffset(asUTC: Bool) -> Int {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var local = tm()
        tzset()
        guard asUTC else {
            localtime_r(&seconds, &local)
            return local.tm_gmtoff
        }
        // The clock on the wall shows this; mktime finds the zone that was in force then.
        gmtime_r(&seconds, &local)
        local.tm_isdst = -1
        let real = mktime(&local)
        return seconds - real
    }

    /// `2024-05-01 12:34:56 +0900 KST`, as Docker's lists print `CreatedAt`.
    var listText: String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var local = tm()
        tzset()
        localtime_r(&seconds, &local)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S %z %Z", &local)
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
