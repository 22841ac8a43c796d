// SPDX-License-Identifier: Apache-2.0

/// A moment of the wall clock: nanoseconds since 1970-01-01T00:00:00Z, before or after.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch.
    public let nanoseconds: Int64

    /// Takes nanoseconds since the epoch.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// A date and time of day of the proleptic Gregorian calendar, in some zone.
    public struct Civil: Hashable, Sendable {
        /// The year, 1 to 9999 in texts.
        public var year: Int
        /// 1 to 12.
        public var month: Int
        /// 1 to 31.
        public var day: Int
        /// 0 to 23.
        public var hour: Int
        /// 0 to 59.
        public var minute: Int
        /// 0 to 59.
        public var second: Int
        /// 0 to 999,999,999.
        public var nanosecond: Int
        /// 0 is Sunday.
        public var weekday: Int
    }

    /// The date and time of day in a zone that is `offset` seconds east of Greenwich.
    public func civil(offset: Int = 0) -> Civil {
        let seconds = nanoseconds.floored(by: 1_000_000_000) + Int64(offset)
        let nanosecond = Int(nanoseconds - nanoseconds.floored(by: 1_000_000_000) * 1_000_000_000)
        let days = seconds.floored(by: 86_400)
        let rest = Int(seconds - days * 86_400)
        // Days to year, month, day: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
        let shifted = days + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = Int(monthIndex < 10 ? monthIndex + 3 : monthIndex - 9)
        return Civil(
            year: Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month: month,
            day: Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1), hour: rest / 3600, minute: rest / 60 % 60,
            second: rest % 60, nanosecond: nanosecond, weekday: Int((days + 4) - (days + 4).floored(by: 7) * 7))
    }

    /// The moment of a date and time of day in a zone that is `offset` seconds east of Greenwich; `weekday` is not read.
    public init(_ civil: Civil, offset: Int = 0) {
        // days_from_civil of the same paper.
        let year = Int64(civil.year) - (civil.month <= 2 ? 1 : 0)
        let era = year.floored(by: 400)
        let yearOfEra = year - era * 400
        let monthIndex = Int64(civil.month + (civil.month > 2 ? -3 : 9))
        let dayOfYear = (153 * monthIndex + 2) / 5 + Int64(civil.day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + Int64(civil.hour * 3600 + civil.minute * 60 + civil.second - offset)
        self.nanoseconds = seconds * 1_000_000_000 + Int64(civil.nanosecond)
    }

    /// `2024-05-01T12:34:56.123456789Z`: RFC 3339 in UTC, always with nine decimals, as `logs -t` prints it.
    public var rfc3339Nano: String {
        let civil = civil()
        return
            "\(Self.pad(civil.year, 4))-\(Self.pad(civil.month, 2))-\(Self.pad(civil.day, 2))T\(Self.pad(civil.hour, 2)):"
            + "\(Self.pad(civil.minute, 2)):\(Self.pad(civil.second, 2)).\(Self.pad(civil.nanosecond, 9))Z"
    }

    /// RFC 3339 in UTC without trailing zeros of the fraction, as Go's `time.RFC3339Nano` and `inspect` print it.
    public var rfc3339: String {
        var text = rfc3339Nano.dropLast()
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + "Z"
    }

    /// What Docker shows where there was no such moment: `0001-01-01T00:00:00Z`.
    public static let never = "0001-01-01T00:00:00Z"

    static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension Timestamp {
    /// Reads RFC 3339 (`2013-01-02T15:04:05.000000001Z`, `+09:00`), its beginnings (`2013-01-02`, `…T15:04`), or seconds
    /// since the epoch with a fraction; a text without a zone is in the zone that `zoneOffset` gives (seconds east of
    /// Greenwich for a moment that was read as UTC).
    ///
    /// - SeeAlso: docker-logs(1), `--since`.
    public init(parsing text: some StringProtocol, zoneOffset: (Timestamp) -> Int) throws(Malformed) {
        func refuse() -> Malformed {
            Malformed(text, "a time is 2013-01-02T15:04:05Z, 1357137245, or an age such as 10m")
        }
        if text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 }), !text.isEmpty {
            let (whole, fraction) = Substring(text).cut(atFirst: ".")
            let nine = (fraction ?? "").prefix(9)
            guard let seconds = Int64(whole), seconds < 9_000_000_000,
                let nanoseconds = Int64(nine + String(repeating: "0", count: 9 - nine.count))
            else { throw refuse() }
            self.init(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
            return
        }
        var rest = Array(text.utf8)[...]
        func number(_ width: Int) -> Int? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
            rest = rest.dropFirst(width)
            return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        func eat(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), eat("-"), let month = number(2), eat("-"), let day = number(2),
            (1...12).contains(month),
            (1...31).contains(day)
        else { throw refuse() }
        var civil = Civil(year: year, month: month, day: day, hour: 0, minute: 0, second: 0, nanosecond: 0, weekday: 0)
        if eat("T") || eat(" ") {
            guard let hour = number(2), hour < 24 else { throw refuse() }
            civil.hour = hour
            if eat(":") {
                guard let minute = number(2), minute < 60 else { throw refuse() }
                civil.minute = minute
            }
            if eat(":") {
                guard let second = number(2), second < 61 else { throw refuse() }
                civil.second = second
            }
            if eat(".") {
                let digits = rest.prefix { $0 >= 48 && $0 <= 57 }
                guard !digits.isEmpty else { throw refuse() }
                rest = rest.dropFirst(digits.count)
                var value = 0
                for place in 0..<9 {
                    value = value * 10 + (place < digits.count ? Int(digits[digits.startIndex + place] - 48) : 0)
                }
                civil.nanosecond = value
            }
        }
        if rest.isEmpty {
            let asUTC = Timestamp(civil)
            self.init(nanoseconds: asUTC.nanoseconds - Int64(zoneOffset(asUTC)) * 1_000_000_000)
        } else if eat("Z") {
            guard rest.isEmpty else { throw refuse() }
            self.init(civil)
        } else {
            let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
            guard eat("+") || eat("-"), let hours = number(2), eat(":"), let minutes = number(2), rest.isEmpty,
                hours < 15,
                minutes < 60
            else { throw refuse() }
            self.init(civil, offset: sign * (hours * 3600 + minutes * 60))
        }
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
