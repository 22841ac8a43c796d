// SPDX-License-Identifier: Apache-2.0

/// The exec form: `["node", "server.js"]`.
enum JSONStrings {
    /// What a text that may be in the exec form is.
    enum Reading: Equatable {
        /// An array of strings.
        case strings([Word])
        /// A JSON array with something else in it; the span is of that.
        case other(TextSpan)
        /// No JSON array: the shell form.
        case none
    }

    /// Reads all of a part of an instruction.
    static func read(_ text: LogicalText, _ range: Range<Int>) -> Reading {
        let part = text.trimmed(range)
        guard text.bytes[part].first == Byte.openBracket else { return .none }
        var scanner = JSONScanner(bytes: text.bytes[part])
        guard let elements = scanner.array(), scanner.isAtEnd else { return .none }
        var words: [Word] = []
        for element in elements {
            guard let string = element.string else { return .other(text.span(element.range)) }
            words.append(Word(string, text.span(element.range)))
        }
        return .strings(words)
    }
}

/// As much of JSON as it takes to tell an array of strings from other arrays and from what is no JSON at all.
struct JSONScanner {
    struct Element {
        let range: Range<Int>
        /// `nil` for what is no string.
        let string: String?
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = current, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// `nil` when there is no array here.
    mutating func array(depth: Int = 0) -> [Element]? {
        guard take("[") else { return nil }
        var elements: [Element] = []
        skipBlanks()
        if take("]") { return elements }
        while true {
            skipBlanks()
            guard let element = value(depth: depth) else { return nil }
            elements.append(element)
            skipBlanks()
            if take("]") { return elements }
            guard take(",") else { return nil }
        }
    }

    private mutating func value(depth: Int) -> Element? {
        let start = position
        var text: String?
        switch current {
        // Deeper than anyone writes; the limit keeps the stack small.
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            guard depth < 100, current == UInt8(ascii: "[") ? array(depth: depth + 1) != nil : object(depth: depth + 1)
            else { return nil }
        case Byte.double:
            text = string()
            guard text != nil else { return nil }
        default:
            guard literal() else { return nil }
        }
        return Element(range: start..<position, string: text)
    }

    private mutating func object(depth: Int) -> Bool {
        guard take("{") else { return false }
        skipBlanks()
        if take("}") { return true }
        while true {
            skipBlanks()
            guard string() != nil else { return false }
            skipBlanks()
            guard take(":") else { return false }
            skipBlanks()
            guard value(depth: depth) != nil else { return false }
            skipBlanks()
            if take("}") { return true }
            guard take(",") else { return false }
        }
    }

    /// A number, `true`, `false` or `null`.
    private mutating func literal() -> Bool {
        let start = position
        while let byte = current, !Byte.isBlank(byte), !Array(",]}".utf8).contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if ["true", "false", "null"].contains(text) { return true }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, first >= 48, first <= 57 else { return false }
        if first == 48, let second = digits.utf8.dropFirst().first, second >= 48, second <= 57 { return false }
        return !text.hasSuffix(".") && Double(text) != nil
            && digits.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var result: [UInt8] = []
        while let byte = current {
            position += 1
            if byte == Byte.double { return String(decoding: result, as: UTF8.self) }
            // Control characters must be escaped.
            guard byte >= 32 else { return nil }
            guard byte == Byte.backslash else {
                result.append(byte)
                continue
            }
            guard let scalar = escaped() else { return nil }
            result += Array(String(scalar).utf8)
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        guard let byte = current else { return nil }
        position += 1
        switch byte {
        case Byte.double, Byte.backslash, UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return unicode()
        default: return nil
        }
    }

    /// Four digits, or two times four for what lies past U+FFFF; half a pair becomes U+FFFD, as in Go.
    private mutating func unicode() -> Unicode.Scalar? {
        guard let high = fourDigits() else { return nil }
        guard high >= 0xD800, high < 0xE000 else { return Unicode.Scalar(high) }
        let saved = position
        if high < 0xDC00, take("\\"), take("u"), let low = fourDigits(), low >= 0xDC00, low < 0xE000 {
            return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        }
        position = saved
        return "\u{FFFD}"
    }

    private mutating func fourDigits() -> UInt32? {
        guard position + 4 <= bytes.endIndex else { return nil }
        let text = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard text.utf8.count == 4, text.allSatisfy(\.isHexDigit) else { return nil }
        position += 4
        return UInt32(text, radix: 16)
    }
}
