// SPDX-License-Identifier: Apache-2.0

/// A half-open range of UTF-8 offsets in a `DockerfileText`.
public struct TextSpan: Hashable, Sendable {
    /// Offset of the first byte.
    public let start: Int
    /// Offset behind the last byte; equal to `start` for a span that covers nothing.
    public let end: Int

    /// Covers the bytes from `start` up to, not including, `end`.
    public init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = max(start, end)
    }

    /// Covers this span, the other and what is between them.
    func joined(with other: TextSpan) -> TextSpan { TextSpan(min(start, other.start), max(end, other.end)) }
}

/// A place as a person counts it: the first line is 1 and so is the first character of a line.
public struct TextPosition: Hashable, Sendable, CustomStringConvertible {
    /// Line, from 1.
    public let line: Int
    /// Character in the line, from 1.
    public let column: Int

    /// `line:column`, as compilers write it.
    public var description: String { "\(line):\(column)" }
}

/// A piece of a Dockerfile and where it stands.
public struct Word: Hashable, Sendable {
    /// What it says, continuation lines joined.
    public let text: String
    /// Where it stands.
    public let span: TextSpan

    /// Puts a word together.
    public init(_ text: String, _ span: TextSpan) {
        self.text = text
        self.span = span
    }

    /// Where some bytes of the word stand; all of it where quotes or line ends that went make that unknown.
    func span(of range: Range<Int>) -> TextSpan {
        guard text.utf8.count == span.end - span.start else { return span }
        return TextSpan(span.start + range.lowerBound, span.start + range.upperBound)
    }
}

/// The text of a Dockerfile or of an ignore file, and where it came from.
public struct DockerfileText: Hashable, Sendable {
    /// The file as the person named it.
    public let name: String
    /// The text itself, a byte order mark included.
    public let text: String
    let bytes: [UInt8]
    private let lineStarts: [Int]

    /// Takes text that is known to be well-formed.
    public init(_ text: String, name: String) {
        self.name = name
        self.text = text
        let bytes = Array(text.utf8)
        self.bytes = bytes
        lineStarts = [0] + bytes.indices.filter { bytes[$0] == Byte.newline }.map { $0 + 1 }
    }

    /// Takes the bytes of a file. What is not UTF-8 is replaced, as comments in old encodings are common.
    /// - Throws: `DockerfileError` for UTF-16, which editors of Windows write, and for NUL bytes: neither is a text.
    public init(bytes: [UInt8], name: String) throws(DockerfileError) {
        let mark = bytes.prefix(2)
        if mark == [0xFF, 0xFE] || mark == [0xFE, 0xFF] {
            throw DockerfileError(
                "the file is encoded as UTF-16", TextSpan(0, 0), hint: "save it as UTF-8 in your editor")
        }
        let text = Self(String(decoding: bytes, as: UTF8.self), name: name)
        if let place = text.bytes.firstIndex(of: 0) {
            throw DockerfileError("the file has a NUL byte: it is not a text", TextSpan(place, place + 1))
        }
        self = text
    }

    /// The text that a span covers; a span that reaches past the end is cut there.
    public subscript(span: TextSpan) -> String {
        let end = min(span.end, bytes.count)
        return String(decoding: bytes[min(span.start, end)..<end], as: UTF8.self)
    }

    /// Where an offset is, for a person.
    public func position(of offset: Int) -> TextPosition {
        let number = lineIndex(of: offset)
        let before = self[TextSpan(lineStarts[number], min(offset, bytes.count))]
        // The byte order mark is no character that a person sees.
        let unseen = number == 0 && before.unicodeScalars.first == "\u{FEFF}" ? 1 : 0
        return TextPosition(line: number + 1, column: before.count + 1 - unseen)
    }

    /// The span of the line that an offset is in, without its line end.
    public func line(of offset: Int) -> TextSpan {
        let number = lineIndex(of: offset)
        var start = lineStarts[number]
        var end = number + 1 < lineStarts.count ? lineStarts[number + 1] - 1 : bytes.count
        while end > start, bytes[end - 1] == Byte.carriageReturn { end -= 1 }
        if start == 0, bytes.starts(with: Byte.orderMark) { start = min(Byte.orderMark.count, end) }
        return TextSpan(start, end)
    }

    private func lineIndex(of offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// A sentence about some characters of this text: place, sentence, the line and a mark under it.
    ///
    /// - Parameter width: columns that a character takes on the terminal, so that the mark stands under Hangul too.
    public func report(_ sentence: String, at span: TextSpan, width: (Character) -> Int = { _ in 1 }) -> String {
        let line = line(of: span.start)
        let start = min(max(span.start, line.start), line.end)
        let end = min(max(span.end, start), line.end)
        // A tab stays a tab, since how far it goes is known to the terminal alone.
        let margin = self[TextSpan(line.start, start)].map {
            $0 == "\t" ? "\t" : String(repeating: " ", count: max(width($0), 0))
        }.joined()
        let columns = self[TextSpan(start, end)].reduce(0) { $0 + max(width($1), 0) }
        let mark = "^" + String(repeating: "~", count: max(columns - 1, 0))
        return "\(name):\(position(of: start)): \(sentence)\n  \(self[line])\n  \(margin)\(mark)"
    }
}

/// The bytes that mean something; all are ASCII, so none occurs inside a longer UTF-8 sequence.
enum Byte {
    static let orderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let tab = UInt8(ascii: "\t")
    static let space = UInt8(ascii: " ")
    static let backslash = UInt8(ascii: "\\")
    static let backquote = UInt8(ascii: "`")
    static let single = UInt8(ascii: "'")
    static let double = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let dash = UInt8(ascii: "-")
    static let equals = UInt8(ascii: "=")
    static let openBracket = UInt8(ascii: "[")

    /// Space, tab, newline, vertical tab, form feed and carriage return.
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || (byte >= 9 && byte <= 13) }
}

extension StringProtocol {
    /// Without the blanks at both ends.
    var trimmed: String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || ($0.value >= 9 && $0.value <= 13) || $0 == "\u{A0}" }
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(self[first...last])
    }

    /// What stands before and after the first `separator`; without one, everything and `nil`.
    func cut(atFirst separator: Unicode.Scalar) -> (SubSequence, SubSequence?) {
        guard let place = unicodeScalars.firstIndex(of: separator) else { return (self[...], nil) }
        return (self[..<place], self[unicodeScalars.index(after: place)...])
    }

    /// As Go's `%q` writes plain text.
    var quoted: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
