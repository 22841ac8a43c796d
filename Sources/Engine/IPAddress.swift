// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]

    /// Takes 4 or 16 bytes in network order; `nil` for any other number.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// 0.0.0.0: every IPv4 address of the host.
    public static let everyIPv4 = Self(trusted: [UInt8](repeating: 0, count: 4))
    /// `::`: every IPv6 address of the host.
    public static let everyIPv6 = Self(trusted: [UInt8](repeating: 0, count: 16))

    private init(trusted bytes: [UInt8]) { self.bytes = bytes }

    /// Whether this is an IPv6 address.
    public var isIPv6: Bool { bytes.count == 16 }

    /// Whether this is 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        isIPv6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 : bytes.first == 127
    }

    /// Whether this stands for every address: 0.0.0.0 or ::.
    public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Reads `127.0.0.1`, `::1`, `[::1]` or `localhost`-free text forms of RFC 4291 §2.2.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        guard let bytes = inner.contains(":") ? Self.readIPv6(String(inner)) : Self.readIPv4(String(inner)) else {
            throw Malformed(text, "Invalid ip address")
        }
        self.bytes = bytes
    }

    /// The usual text form: dotted for IPv4, RFC 5952 for IPv6.
    public var text: String {
        guard isIPv6 else { return bytes.map { "\($0)" }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        func hex(_ range: Range<Int>) -> String { range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? hex(0..<8) : hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
    }

    public var description: String { text }

    private static func readIPv4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard !part.isEmpty, part.utf8.count <= 3, part.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func readIPv6(_ text: String) -> [UInt8]? {
        func groups(_ half: Substring) -> [UInt8]? {
            if half.isEmpty { return [] }
            var bytes: [UInt8] = []
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (position, part) in parts.enumerated() {
                if part.contains(".") {
                    guard position == parts.count - 1, let four = readIPv4(String(part)) else { return nil }
                    bytes += four
                } else {
                    guard !part.isEmpty, part.utf8.count <= 4, let group = UInt16(part, radix: 16), part.first != "+"
                    else {
                        return nil
                    }
                    bytes += [UInt8(group >> 8), UInt8(group & 255)]
                }
            }
            return bytes
        }
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("::") {
                let after = text.index(index, offsetBy: 2)
                guard let head = groups(text[..<index]), let tail = groups(text[after...]),
                    head.count + tail.count <= 14
                else { return nil }
                return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
            }
            index = text.index(after: index)
        }
        guard let whole = groups(text[...]), whole.count == 16 else { return nil }
        return whole
    }
}
