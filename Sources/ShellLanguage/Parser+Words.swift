// SPDX-License-Identifier: Apache-2.0

extension Parser {
    /// Reads a word; the caller has seen that one starts here.
    mutating func word() throws(SyntaxError) -> Word {
        let start = offset
        var collector = PieceCollector(source, from: offset)
        trail.word = CursorTrail.OpenWord(start: start, text: "")
        if offset < end, bytes[offset] == Byte.tilde,
            offset + 1 >= end || bytes[offset + 1] == Byte.slash || Byte.endsWord(bytes[offset + 1])
                || isLineEnd(offset + 1)
        {
            offset += 1
            collector.add(.home, .none, SourceSpan(start, offset))
            trail.word?.text = "~"
        }
        while offset < end, !Byte.endsWord(bytes[offset]), !isLineEnd(offset) {
            try unquoted(&collector)
        }
        let word = Word(pieces: collector.finish(), span: SourceSpan(start, offset))
        // The cursor still stands in a word that reaches to the end of the text.
        if offset < end { trail.word = nil }
        return word
    }

    /// Reads one character, quoted text or value outside quotes.
    mutating func unquoted(_ collector: inout PieceCollector) throws(SyntaxError) {
        let start = offset
        switch bytes[offset] {
        case Byte.single: try singleQuoted(&collector)
        case Byte.double: try doubleQuoted(&collector)
        case Byte.backquote: throw SyntaxError(.backquotes, SourceSpan(start, start + 1))
        case Byte.dollar where offset + 1 < end && bytes[offset + 1] == Byte.single: try ansiQuoted(&collector)
        case Byte.dollar: try dollar(&collector, .none)
        case Byte.backslash where isContinuation(offset): offset += startsCRLF(offset + 1) ? 3 : 2
        case Byte.backslash:
            guard offset + 1 < end else { throw SyntaxError(.danglingBackslash, SourceSpan(start, start + 1)) }
            offset += 1 + length(at: offset + 1)
            add(SourceSpan(start + 1, offset), .escaped, &collector)
        default:
            offset += 1
            while offset < end, isPlain(bytes[offset]) { offset += 1 }
            add(SourceSpan(start, offset), .none, &collector)
        }
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case Byte.single, Byte.double, Byte.backquote, Byte.dollar, Byte.backslash, Byte.carriageReturn: false
        default: !Byte.endsWord(byte)
        }
    }

    /// Bytes of the scalar at an offset.
    private func length(at offset: Int) -> Int {
        var stop = offset + 1
        while stop < end, bytes[stop] & 0xC0 == 0x80 { stop += 1 }
        return stop - offset
    }

    private mutating func add(_ span: SourceSpan, _ quoting: WordPiece.Quoting, _ collector: inout PieceCollector) {
        let text = source[span]
        collector.addText(text, quoting, span)
        trail.word?.text += text
    }

    // MARK: Quotes

    private mutating func singleQuoted(_ collector: inout PieceCollector) throws(SyntaxError) {
        let start = offset
        var stop = offset + 1
        while stop < end, bytes[stop] != Byte.single { stop += 1 }
        let span = SourceSpan(start + 1, stop)
        guard stop < end else {
            trail.word?.text += source[span]
            trail.word?.quoting = .single
            throw SyntaxError(.unclosedQuote("'"), SourceSpan(start, start + 1))
        }
        offset = stop + 1
        add(span, .single, &collector)
    }

    private mutating func doubleQuoted(_ collector: inout PieceCollector) throws(SyntaxError) {
        let start = offset
        offset += 1
        trail.word?.quoting = .double
        collector.addText("", .double, SourceSpan(offset, offset))
        while offset < end, bytes[offset] != Byte.double {
            let from = offset
            switch bytes[offset] {
            case Byte.dollar: try dollar(&collector, .double)
            case Byte.backquote: throw SyntaxError(.backquotes, SourceSpan(from, from + 1))
            case Byte.backslash where isContinuation(offset): offset += startsCRLF(offset + 1) ? 3 : 2
            case Byte.backslash where offset + 1 < end && escapesInDoubleQuotes(bytes[offset + 1]):
                offset += 2
                add(SourceSpan(from + 1, offset), .double, &collector)
            default:
                offset += 1
                while offset < end, !stopsDoubleQuoted(bytes[offset]) { offset += 1 }
                add(SourceSpan(from, offset), .double, &collector)
            }
        }
        guard offset < end else { throw SyntaxError(.unclosedQuote("\""), SourceSpan(start, start + 1)) }
        offset += 1
        trail.word?.quoting = .none
    }

    private func stopsDoubleQuoted(_ byte: UInt8) -> Bool {
        byte == Byte.double || byte == Byte.dollar || byte == Byte.backquote || byte == Byte.backslash
    }

    /// POSIX, Shell Command Language 2.2.3: a backslash before any other character stays.
    func escapesInDoubleQuotes(_ byte: UInt8) -> Bool { stopsDoubleQuoted(byte) }

    private mutating func ansiQuoted(_ collector: inout PieceCollector) throws(SyntaxError) {
        let start = offset
        offset += 2
        trail.word?.quoting = .ansi
        var text = ""
        while offset < end, bytes[offset] != Byte.single {
            let from = offset
            if bytes[offset] == Byte.backslash {
                text += try ansiEscape()
            } else {
                while offset < end, bytes[offset] != Byte.single, bytes[offset] != Byte.backslash { offset += 1 }
                text += source[SourceSpan(from, offset)]
            }
        }
        trail.word?.text += text
        guard offset < end else { throw SyntaxError(.unclosedQuote("'"), SourceSpan(start, start + 2)) }
        collector.addText(text, .ansi, SourceSpan(start + 2, offset))
        offset += 1
        trail.word?.quoting = .none
    }

    private mutating func ansiEscape() throws(SyntaxError) -> String {
        let start = offset
        guard offset + 1 < end else { throw SyntaxError(.danglingBackslash, SourceSpan(start, start + 1)) }
        offset += 1 + length(at: offset + 1)
        switch bytes[start + 1] {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "a"): return "\u{7}"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "v"): return "\u{B}"
        case UInt8(ascii: "e"): return "\u{1B}"
        case Byte.backslash, Byte.single, Byte.double: return source[SourceSpan(start + 1, offset)]
        case UInt8(ascii: "x"): return try ansiScalar(from: start, digits: 2)
        case UInt8(ascii: "u"): return try ansiScalar(from: start, digits: 4)
        case UInt8(ascii: "U"): return try ansiScalar(from: start, digits: 8)
        default: throw SyntaxError(.unknownEscape(source[SourceSpan(start, offset)]), SourceSpan(start, offset))
        }
    }

    private mutating func ansiScalar(from start: Int, digits: Int) throws(SyntaxError) -> String {
        let first = offset
        while offset < end, offset - first < digits, Character(UnicodeScalar(bytes[offset])).isHexDigit { offset += 1 }
        let span = SourceSpan(start, offset)
        // A word is text: no NUL, and above 0x7F \x would be half a character.
        guard let value = UInt32(source[SourceSpan(first, offset)], radix: 16), value > 0, digits > 2 || value < 0x80,
            let scalar = UnicodeScalar(value)
        else { throw SyntaxError(.unknownEscape(source[span]), span) }
        return String(Character(scalar))
    }
}

/// Joins neighbouring text of one quoting into one piece.
struct PieceCollector {
    private var pieces: [WordPiece] = []
    private let start: Int

    init(_ source: SourceText, from start: Int) { self.start = start }

    mutating func add(_ content: WordPiece.Content, _ quoting: WordPiece.Quoting, _ span: SourceSpan) {
        // The empty text that `"` leaves is kept only where nothing else is between the quotes.
        if let last = pieces.last, quoting == .double, last.quoting == .double, last.content == .text("") {
            pieces.removeLast()
        }
        pieces.append(WordPiece(content: content, quoting: quoting, span: span))
    }

    mutating func addText(_ text: String, _ quoting: WordPiece.Quoting, _ span: SourceSpan) {
        guard let last = pieces.last, last.quoting == quoting, case .text(let before) = last.content else {
            // Nothing is added to a value in quotes by quotes that are empty.
            if quoting == .double, text.isEmpty, pieces.last?.quoting == .double { return }
            return add(.text(text), quoting, span)
        }
        pieces[pieces.count - 1] = WordPiece(
            content: .text(before + text), quoting: quoting, span: SourceSpan(last.span.start, span.end))
    }

    /// The pieces; a word made of joined lines alone is an empty text.
    func finish() -> [WordPiece] {
        pieces.isEmpty
            ? [WordPiece(content: .text(""), quoting: .none, span: SourceSpan(start, start))] : pieces
    }
}
