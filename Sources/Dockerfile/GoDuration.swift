// SPDX-License-Identifier: Apache-2.0

/// A time as Go writes it: `1h30m`, `500ms`, `1.5s`.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// Nanoseconds; `nil` for what is no time.
    static func nanoseconds(_ text: String) -> Int? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
            guard !digits.isEmpty, digits != ".", let value = Double(digits) ?? Double(digits + "0") else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            guard let unit = units.first(where: { $0.name == name }) else { return nil }
            rest = rest.dropFirst(name.count)
            total += value * unit.nanoseconds
        }
        guard total < 9e18 else { return nil }
        return isNegative ? -Int(total) : Int(total)
    }

    /// Nanoseconds as Go writes them: `1m30s`, `1.5s`, `100ms`, `0s`.
    static func text(_ nanoseconds: Int) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let amount = nanoseconds.magnitude
        for (name, unit) in [("ns", 1), ("µs", 1000), ("ms", 1_000_000)] as [(String, UInt)] where amount < unit * 1000
        {
            return sign + fraction(amount, unit) + name
        }
        let second: UInt = 1_000_000_000
        let (hours, minutes) = (amount / (3600 * second), amount / (60 * second) % 60)
        let seconds = fraction(amount % (60 * second), second) + "s"
        if hours > 0 { return "\(sign)\(hours)h\(minutes)m\(seconds)" }
        return sign + (minutes > 0 ? "\(minutes)m" : "") + seconds
    }

    /// A decimal number without zeros at its end.
    private static func fraction(_ amount: UInt, _ unit: UInt) -> String {
        var rest = amount % unit
        var digits = ""
        var place = unit
        while rest > 0 {
            place /= 10
            digits += "\(rest / place)"
            rest %= place
        }
        return "\(amount / unit)" + (digits.isEmpty ? "" : "." + digits)
    }
}
