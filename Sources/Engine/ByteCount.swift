// SPDX-License-Identifier: Apache-2.0

/// A number of bytes.
public struct ByteCount: Hashable, Comparable, Sendable {
    /// Bytes; never negative.
    public let bytes: Int64

    /// Takes a number of bytes; negative ones become 0.
    public init(_ bytes: Int64) { self.bytes = max(0, bytes) }

    /// Reads `512m`, `1.5g`, `64KiB`, `1024`: the units of `--memory` are powers of 1024.
    ///
    /// - SeeAlso: docker-run(1), `--memory`.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text[digits.endIndex...].lowercased()[...]
        if unit.hasSuffix("ib") {
            unit = unit.dropLast(2)
        } else if unit.count > 1, unit.hasSuffix("b") {
            unit = unit.dropLast()
        }
        let powers = ["": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
        guard let number = Double(digits), let power = powers[String(unit)] else {
            throw Malformed(text, "a size is a number and b, k, m or g: 512m")
        }
        let value = number * Double(Int64(1) << Int64(10 * power))
        guard value < 9e18 else { throw Malformed(text, "this size is too large") }
        self.bytes = Int64(value)
    }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    /// Docker's short form with powers of 1000 and four significant digits at most: `1.24MB`, `0B`.
    ///
    /// - SeeAlso: github.com/docker/go-units, `HumanSizeWithPrecision`.
    public func decimalText(precision: Int = 3) -> String {
        Self.scaled(Double(bytes), 1000, ["B", "kB", "MB", "GB", "TB", "PB"], precision)
    }

    /// Docker's short form with powers of 1024: `7.664MiB`.
    public func binaryText(precision: Int = 4) -> String {
        Self.scaled(Double(bytes), 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], precision)
    }

    private static func scaled(_ bytes: Double, _ base: Double, _ units: [String], _ precision: Int) -> String {
        var value = bytes
        var unit = 0
        while value >= base, unit < units.count - 1 {
            value /= base
            unit += 1
        }
        return significant(value, precision) + units[unit]
    }

    /// printf's `%.{precision}g` for 0 ≤ value < 10^precision (and a little past, as with 1023 bytes).
    private static func significant(_ value: Double, _ precision: Int) -> String {
        var integerDigits = 1
        var limit = 10.0
        while value >= limit {
            integerDigits += 1
            limit *= 10
        }
        let decimals = max(0, precision - integerDigits)
        var factor = 1.0
        for _ in 0..<decimals { factor *= 10 }
        let rounded = (value * factor).rounded(.toNearestOrEven)
        let whole = Int64(rounded / factor)
        let fraction = Int64(rounded) - whole * Int64(factor)
        guard fraction > 0 else { return "\(whole)" }
        var digits = String(fraction)
        while digits.utf8.count < decimals { digits = "0" + digits }
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
