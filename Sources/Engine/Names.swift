// SPDX-License-Identifier: Apache-2.0

/// What a person typed to name a container: a name, an id, or the beginning of an id that no other container shares.
public struct ContainerName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The word as it was typed, without the leading `/` that Docker's own output carries.
    public let text: String

    /// Takes any word; whether it names something is known to the engine only.
    public init(_ text: some StringProtocol) { self.text = String(text.first == "/" ? text.dropFirst() : text[...]) }

    public init(stringLiteral text: String) { self.init(text) }

    public var description: String { text }

    /// Whether a new container may be called so: `[a-zA-Z0-9][a-zA-Z0-9_.-]*`. One character is enough, unlike Docker's two.
    public var isValidForNew: Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, Self.isAlphanumeric(first) else { return false }
        return bytes.allSatisfy {
            Self.isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// A container's id: 64 lower-case hexadecimal digits, chosen at random when it is created.
public struct ContainerID: Hashable, Sendable, CustomStringConvertible {
    /// All 64 digits.
    public let text: String

    /// Takes 64 lower-case hexadecimal digits; anything else is refused.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        guard text.utf8.count == 64, text.utf8.allSatisfy(isLowercaseHexDigit) else {
            throw Malformed(text, "a container's id is 64 hexadecimal digits")
        }
        self.text = String(text)
    }

    /// A new id from the system's random numbers.
    public static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        let bytes = (0..<4).flatMap { _ in
            let word: UInt64 = generator.next()
            return (0..<16).map { digits[Int((word >> (UInt64($0) * 4)) & 15)] }
        }
        return Self(trusted: String(decoding: bytes, as: UTF8.self))
    }

    private init(trusted text: String) { self.text = text }

    /// The twelve digits that tables show.
    public var short: String { String(text.prefix(12)) }

    public var description: String { text }
}

/// What a person typed to name an image: `repository[:tag][@digest]`, an id with or without `sha256:`, or its beginning.
public struct ImageName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The word as it was typed.
    public let text: String

    /// Takes any word; the engine reads it as a reference or an id.
    public init(_ text: some StringProtocol) { self.text = String(text) }

    public init(stringLiteral text: String) { self.init(text) }

    public var description: String { text }
}

/// An image's id: the digest of its configuration, `sha256:` and 64 hexadecimal digits.
public struct ImageID: Hashable, Sendable, CustomStringConvertible {
    /// The whole digest, `sha256:…`.
    public let text: String

    /// Takes `sha256:` and 64 hexadecimal digits; anything else is refused.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        guard text.hasPrefix("sha256:"), text.utf8.count == 71, text.utf8.dropFirst(7).allSatisfy(isLowercaseHexDigit)
        else { throw Malformed(text, "an image's id is sha256: and 64 hexadecimal digits") }
        self.text = String(text)
    }

    /// The twelve digits that tables show.
    public var short: String { String(text.dropFirst(7).prefix(12)) }

    public var description: String { text }
}

func isLowercaseHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
