// SPDX-License-Identifier: Apache-2.0

/// A half-open range of UTF-8 offsets in a `SourceText`.
public struct SourceSpan: Hashable, Sendable {
    /// Offset of the first byte.
    public let start: Int
    /// Offset behind the last byte; equal to `start` for a span that covers nothing.
    public let end: Int

    /// Covers the bytes from `start` up to, not including, `end`.
    public init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = end
    }
}

/// A place as a person counts it: the first line is 1 and so is the first character of a line.
///
/// A column counts what is seen as one character: a Hangul syllable typed as three jamo, a flag, a letter with its accent.
public struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
    /// Line, from 1.
    public let line: Int
    /// Character in the line, from 1.
    public let column: Int

    /// `line:column`, as compilers write it.
    public var description: String { "\(line):\(column)" }
}

/// The text of a script or of a typed line, and where it came from.
public struct SourceText: Hashable, Sendable {
    /// The file as the person named it; `nil` for what is typed at the prompt.
    public let name: String?
    /// The text itself.
    public let text: String
    let bytes: [UInt8]

    /// Takes text that is known to be well-formed.
    public init(_ text: String, name: String? = nil) {
        self.name = name
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Takes the bytes of a file.
    /// - Throws: `SyntaxError` at the first byte that is not UTF-8 or is NUL, so that a program given by mistake is refused
    ///   before any of it runs.
    public init(bytes: [UInt8], name: String?) throws(SyntaxError) {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw SyntaxError(.notText, Self.firstBadByte(of: bytes))
        }
        self.init(text, name: name)
    }

    private static func firstBadByte(of bytes: [UInt8]) -> SourceSpan {
        // Repairing keeps every byte before the first fault, so the common beginning ends at it.
        var offset = 0
        for byte in String(decoding: bytes, as: UTF8.self).utf8 {
            guard offset < bytes.count, bytes[offset] == byte, byte != 0 else { break }
            offset += 1
        }
        return SourceSpan(offset, min(offset + 1, bytes.count))
    }

    /// The text that a span covers; a span that reaches past the end is cut there.
    public subscript(span: SourceSpan) -> String {
        let end = min(span.end, bytes.count)
        return String(decoding: bytes[min(span.start, end)..<end], as: UTF8.self)
    }

    /// Where an offset is, for a person.
    public func position(of offset: Int) -> SourcePosition {
        let offset = min(offset, bytes.count)
        let line = bytes[..<offset].reduce(1) { $1 == Byte.newline ? $0 + 1 : $0 }
        return SourcePosition(line: line, column: self[SourceSpan(lineStart(of: offset), offset)].count + 1)
    }

    /// The span of the line that an offset is in, without its line end.
    public func line(of offset: Int) -> SourceSpan {
        let offset = min(offset, bytes.count)
        var end = bytes[offset...].firstIndex(of: Byte.newline) ?? bytes.count
        let start = lineStart(of: offset)
        if end > start, bytes[end - 1] == Byte.carriageReturn { end -= 1 }
        return SourceSpan(start, end)
    }

    private func lineStart(of offset: Int) -> Int {
        bytes[..<offset].lastIndex(of: Byte.newline).map { $0 + 1 } ?? 0
    }
}

/// The bytes that mean something to the language; all are ASCII, so none occurs inside a longer UTF-8 sequence.
enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let tab = UInt8(ascii: "\t")
    static let space = UInt8(ascii: " ")
    static let backslash = UInt8(ascii: "\\")
    static let single = UInt8(ascii: "'")
    static let double = UInt8(ascii: "\"")
    static let backquote = UInt8(ascii: "`")
    static let dollar = UInt8(ascii: "$")
    static let openParen = UInt8(ascii: "(")
    static let closeParen = UInt8(ascii: ")")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let semicolon = UInt8(ascii: ";")
    static let ampersand = UInt8(ascii: "&")
    static let pipe = UInt8(ascii: "|")
    static let less = UInt8(ascii: "<")
    static let greater = UInt8(ascii: ">")
    static let hash = UInt8(ascii: "#")
    static let tilde = UInt8(ascii: "~")
    static let slash = UInt8(ascii: "/")
    static let at = UInt8(ascii: "@")
    static let bang = UInt8(ascii: "!")
    static let equals = UInt8(ascii: "=")

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func startsName(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return byte == UInt8(ascii: "_") || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
    }

    static func continuesName(_ byte: UInt8) -> Bool { startsName(byte) || isDigit(byte) }

    /// Ends an unquoted word.
    static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case newline, space, tab, semicolon, ampersand, pipe, less, greater, openParen, closeParen: true
        default: false
        }
    }
}
