// SPDX-License-Identifier: Apache-2.0
import Engine

/// Moments as `--since` and `--until` take them.
enum Moment {
    /// A time (RFC 3339 or seconds since the epoch; without a zone it is the user's), or an age such as `10m`.
    @Sendable static func parse(_ text: String) throws(Malformed) -> Timestamp {
        if let age = age(text) { return Timestamp(nanoseconds: Timestamp.now.nanoseconds - age) }
        return try Timestamp(parsing: text) { $0.localOffset(asUTC: true) }
    }

    /// Go's `time.ParseDuration` in nanoseconds: `1h30m`, `1.5s`, `-10m`; `nil` for anything else.
    static func age(_ text: some StringProtocol) -> Int64? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let scale = units[String(unit)] else { return nil }
            total += value * scale
        }
        guard total < 9e18 else { return nil }
        return Int64(isNegative ? -total : total)
    }

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]
}
