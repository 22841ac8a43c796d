// SPDX-License-Identifier: Apache-2.0

/// A piece of a template.
struct TemplateToken {
    enum Kind {
        case text, open, close, space, identifier, keyword, field, variable, dot, string, number, character, pipe,
            declare
        case assign, comma, openParen, closeParen, error, end
    }

    let kind: Kind
    /// As it is written; for an error, the sentence.
    let text: String
    /// Offset of its first byte.
    let position: Int
    /// From 1.
    let line: Int

    /// How Go's parser names the token in an error.
    var named: String {
        switch kind {
        case .end: "EOF"
        case .error: text
        case .keyword: "<\(text)>"
        default:
            text.utf8.count > 10
                ? GoText.quoted(String(decoding: text.utf8.prefix(10), as: UTF8.self)) + "..." : GoText.quoted(text)
        }
    }
}

/// Cuts a template into tokens by the rules of Go's text/template/parse.
struct TemplateLexer {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var parens = 0
    private(set) var tokens: [TemplateToken] = []

    static let keywords: Set<String> = [
        "if", "else", "end", "range", "with", "break", "continue", "define", "template", "block", "nil",
    ]

    /// Reads everything; an error is the last token then.
    static func tokens(of text: String) -> [TemplateToken] {
        var lexer = TemplateLexer(bytes: Array(text.utf8))
        lexer.run()
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func run() {
        while let opening = find("{{", from: offset) {
            var textEnd = opening
            let trimsBefore = startsTrimmed(opening + 2)
            if trimsBefore { while textEnd > offset, Self.isSpace(bytes[textEnd - 1]) { textEnd -= 1 } }
            if textEnd > offset { emit(.text, to: textEnd) }
            skip(to: opening)
            guard action(isTrimmed: trimsBefore) else { return }
        }
        if offset < bytes.count { emit(.text, to: bytes.count) }
        emit(.end, to: offset)
    }

    /// Reads from `{{` to behind `}}`; the result says whether all was well.
    private mutating func action(isTrimmed: Bool) -> Bool {
        let inside = offset + (isTrimmed ? 4 : 2)
        if startsWith("/*", at: inside) { return comment(from: inside) }
        emit(.open, to: offset + 2)
        if isTrimmed { skip(to: offset + 1) }
        parens = 0
        while true {
            if let length = closingLength(at: offset) {
                if parens > 0 { return fail("unclosed left paren") }
                let trims = length == 4
                if trims { skip(to: offset + 2) }
                emit(.close, to: offset + 2)
                if trims { while offset < bytes.count, Self.isSpace(bytes[offset]) { skip(to: offset + 1) } }
                return true
            }
            guard offset < bytes.count else { return fail("unclosed action") }
            guard token() else { return false }
        }
    }

    private mutating func comment(from start: Int) -> Bool {
        guard let end = find("*/", from: start) else { return fail("unclosed comment") }
        var close = end + 2
        let trims = close + 1 < bytes.count && Self.isSpace(bytes[close]) && bytes[close + 1] == UInt8(ascii: "-")
        if trims { close += 2 }
        guard startsWith("}}", at: close) else { return fail("comment ends before closing delimiter") }
        skip(to: close + 2)
        if trims { while offset < bytes.count, Self.isSpace(bytes[offset]) { skip(to: offset + 1) } }
        return true
    }

    /// 2 at `}}`, 4 at ` -}}`, where the blank is part of it.
    private func closingLength(at offset: Int) -> Int? {
        if startsWith("}}", at: offset) { return 2 }
        guard offset < bytes.count, Self.isSpace(bytes[offset]), startsWith("-}}", at: offset + 1) else { return nil }
        return 4
    }

    private mutating func token() -> Bool {
        let byte = bytes[offset]
        switch byte {
        case _ where Self.isSpace(byte):
            var end = offset
            while end < bytes.count, Self.isSpace(bytes[end]), closingLength(at: end) == nil { end += 1 }
            emit(.space, to: end)
        case UInt8(ascii: "="): emit(.assign, to: offset + 1)
        case UInt8(ascii: ":"):
            guard startsWith(":=", at: offset) else { return fail("expected :=") }
            emit(.declare, to: offset + 2)
        case UInt8(ascii: "|"): emit(.pipe, to: offset + 1)
        case UInt8(ascii: ","): emit(.comma, to: offset + 1)
        case UInt8(ascii: "\""): return quoted("\"", "unterminated quoted string", .string)
        case UInt8(ascii: "'"): return quoted("'", "unterminated character constant", .character)
        case UInt8(ascii: "`"):
            guard let end = find("`", from: offset + 1) else { return fail("unterminated raw quoted string") }
            emit(.string, to: end + 1)
        case UInt8(ascii: "$"): return name(.variable, from: offset + 1)
        case UInt8(ascii: "."):
            if offset + 1 < bytes.count, Self.isDigit(bytes[offset + 1]) { return number() }
            return name(.field, from: offset + 1)
        case UInt8(ascii: "+"), UInt8(ascii: "-"),
            _ where Self.isDigit(byte):
            return number()
        case UInt8(ascii: "("):
            emit(.openParen, to: offset + 1)
            parens += 1
        case UInt8(ascii: ")"):
            if parens == 0 { return fail("unexpected right paren") }
            emit(.closeParen, to: offset + 1)
            parens -= 1
        case _ where Self.isLetter(byte): return name(.identifier, from: offset)
        default: return fail("unrecognized character in action: \(scalarName(at: offset))")
        }
        return true
    }

    // MARK: Pieces

    private mutating func name(_ kind: TemplateToken.Kind, from start: Int) -> Bool {
        var end = start
        while end < bytes.count, Self.isLetter(bytes[end]) || Self.isDigit(bytes[end]) { end += 1 }
        guard atTerminator(end) else { return fail("bad character \(scalarName(at: end))") }
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        switch kind {
        case .field where end == start: emit(.dot, to: end)
        case .identifier where Self.keywords.contains(text): emit(.keyword, to: end)
        default: emit(kind, to: end)
        }
        return true
    }

    private mutating func quoted(_ quote: String, _ complaint: String, _ kind: TemplateToken.Kind) -> Bool {
        var end = offset + 1
        while end < bytes.count, bytes[end] != quote.utf8.first {
            if bytes[end] == UInt8(ascii: "\\") { end += 1 }
            if end >= bytes.count || bytes[end] == UInt8(ascii: "\n") { return fail(complaint) }
            end += 1
        }
        guard end < bytes.count else { return fail(complaint) }
        emit(kind, to: end + 1)
        return true
    }

    private mutating func number() -> Bool {
        var end = offset + 1
        while end < bytes.count,
            Self.isLetter(bytes[end]) || Self.isDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".")
                || ((bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-"))
                    && bytes[end - 1] | 0x20 == UInt8(ascii: "e"))
        {
            end += 1
        }
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        guard TemplateNumber(text) != nil else { return fail("bad number syntax: \(GoText.quoted(text))") }
        emit(.number, to: end)
        return true
    }

    private func atTerminator(_ offset: Int) -> Bool {
        guard offset < bytes.count else { return true }
        return Self.isSpace(bytes[offset]) || ".,|:()=".utf8.contains(bytes[offset]) || startsWith("}}", at: offset)
    }

    private mutating func emit(_ kind: TemplateToken.Kind, to end: Int) {
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        tokens.append(TemplateToken(kind: kind, text: text, position: offset, line: line))
        skip(to: end)
    }

    private mutating func skip(to end: Int) {
        for byte in bytes[offset..<end] where byte == UInt8(ascii: "\n") { line += 1 }
        offset = end
    }

    private mutating func fail(_ reason: String) -> Bool {
        tokens.append(TemplateToken(kind: .error, text: reason, position: offset, line: line))
        return false
    }

    private func find(_ mark: String, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return (start..<bytes.count).first { startsWith(mark, at: $0) }
    }

    private func startsWith(_ mark: String, at offset: Int) -> Bool {
        offset >= 0 && bytes.count - offset >= mark.utf8.count && bytes[offset...].starts(with: mark.utf8)
    }

    private func startsTrimmed(_ offset: Int) -> Bool {
        startsWith("-", at: offset) && offset + 1 < bytes.count && Self.isSpace(bytes[offset + 1])
    }

    /// `U+0040 '@'`, as Go's `%#U` writes it.
    private func scalarName(at offset: Int) -> String {
        let scalar = String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        return scalar.value < 0x20 || scalar.value == 0x7F ? name : name + " '\(scalar)'"
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return byte >= 0x80 || byte == UInt8(ascii: "_") || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
    }
}

/// A number as Go's templates write it.
struct TemplateNumber {
    let value: JSONValue

    init?(_ text: String) {
        let plain = text.filter { $0 != "_" }
        let unsigned = plain.first == "+" || plain.first == "-" ? plain.dropFirst() : plain[...]
        let radix = [("0x", 16), ("0o", 8), ("0b", 2)].first { unsigned.lowercased().hasPrefix($0.0) }
        if let radix, let number = Int64(unsigned.dropFirst(2), radix: radix.1) {
            value = .integer(plain.first == "-" ? -number : number)
        } else if let number = Int64(plain) {
            value = .integer(number)
        } else if unsigned.utf8.first.map({ TemplateLexer.isDigit($0) || $0 == UInt8(ascii: ".") }) == true,
            let number = Double(plain), number.isFinite
        {
            value = .number(number)
        } else {
            return nil
        }
    }
}
