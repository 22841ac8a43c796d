// SPDX-License-Identifier: Apache-2.0

/// The SHA-256 of some bytes, by which they are named: `sha256:` and 64 lower-case hexadecimal digits.
///
/// - SeeAlso: OCI image specification, descriptor.md, "Digests".
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 64 digits, without `sha256:`.
    public let hex: String

    /// `sha256:…`
    public var description: String { "sha256:" + hex }

    /// The twelve digits that tables show.
    public var short: String { String(hex.prefix(12)) }

    /// Why a text is no digest.
    public enum Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no `algorithm:hex`, or a digit is not a lower-case hexadecimal one.
        case format(String)
        /// The algorithm is known but the number of digits is not its own.
        case length(String)
        /// Only sha256 is understood: no image in use has another.
        case algorithm(String)

        public var description: String {
            switch self {
            case .format: "invalid checksum digest format"
            case .length: "invalid checksum digest length"
            case .algorithm: "unsupported digest algorithm"
            }
        }
    }

    /// Reads `sha256:` and 64 digits.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        guard let colon = text.firstIndex(of: ":") else { throw .format(String(text)) }
        guard text[..<colon] == "sha256" else { throw .algorithm(String(text)) }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.count == 64 else { throw .length(String(text)) }
        guard digits.utf8.allSatisfy(\.isLowercaseHexDigit) else { throw .format(String(text)) }
        hex = String(digits)
    }

    /// Takes the 32 bytes that the hash function gave.
    public init(sha256 bytes: some Sequence<UInt8>) {
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        for byte in bytes {
            digits.append(Self.digit(byte >> 4))
            digits.append(Self.digit(byte & 15))
        }
        precondition(digits.count == 64, "a SHA-256 has 32 bytes")
        hex = String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension Digest: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    var isLowercase: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
    var isUppercase: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }
    var isLetterOrDigit: Bool { isDigit || isLowercase || isUppercase }
    var isLowercaseHexDigit: Bool { isDigit || (self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f")) }
    var isHexDigit: Bool { isLowercaseHexDigit || (self >= UInt8(ascii: "A") && self <= UInt8(ascii: "F")) }
}
