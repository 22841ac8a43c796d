// SPDX-License-Identifier: Apache-2.0

extension Parser {
    /// Reads what a `$` fills in, or the `$` itself where nothing after it makes it special.
    mutating func dollar(
        _ collector: inout PieceCollector, _ quoting: WordPiece.Quoting
    ) throws(SyntaxError) {
        let start = offset
        let next = offset + 1 < end ? bytes[offset + 1] : Byte.space
        let variable: Variable
        switch next {
        case Byte.openParen: return try substitution(&collector, quoting)
        case Byte.openBrace: return try braces(&collector, quoting)
        case Byte.hash: variable = .argumentCount
        case Byte.at: variable = .arguments
        case UInt8(ascii: "*"): variable = .joinedArguments
        case UInt8(ascii: "?"): variable = .status
        case _ where Byte.isDigit(next): variable = .argument(Int(next - UInt8(ascii: "0")))
        case _ where Byte.startsName(next):
            offset += 1
            while offset < end, Byte.continuesName(bytes[offset]) { offset += 1 }
            let name = source[SourceSpan(start + 1, offset)]
            trail.fillIn(name, from: start + 1, isOpen: offset == end)
            return collector.add(.variable(.named(name), otherwise: nil), quoting, SourceSpan(start, offset))
        case Byte.dollar, Byte.bang, UInt8(ascii: "-"):
            throw SyntaxError(.unknownVariable(source[SourceSpan(start, start + 2)]), SourceSpan(start, start + 2))
        default:
            offset += 1
            trail.fillIn("", from: offset, isOpen: offset == end)
            if offset < end { trail.word?.text += "$" }
            return collector.addText("$", quoting, SourceSpan(start, offset))
        }
        offset += 2
        trail.word?.text += source[SourceSpan(start, offset)]
        collector.add(.variable(variable, otherwise: nil), quoting, SourceSpan(start, offset))
    }

    /// `${NAME}`, `${10}`, `${NAME:-text}`.
    private mutating func braces(
        _ collector: inout PieceCollector, _ quoting: WordPiece.Quoting
    ) throws(SyntaxError) {
        let start = offset
        offset += 2
        let nameStart = offset
        while offset < end, Byte.continuesName(bytes[offset]) { offset += 1 }
        if offset == nameStart, offset < end, isSpecial(bytes[offset]) { offset += 1 }
        let name = source[SourceSpan(nameStart, offset)]
        trail.fillIn(name, from: nameStart, isOpen: offset == end, closing: "}")
        guard offset < end else { throw SyntaxError(.unclosedBrace, SourceSpan(start, start + 2)) }
        var otherwise: [WordPiece]?
        if starts(with: ":-") {
            offset += 2
            otherwise = try alternative(quoting, opened: SourceSpan(start, start + 2))
        }
        guard bytes[offset] == Byte.closeBrace, let variable = Variable(name: name) else {
            while offset < end, bytes[offset] != Byte.closeBrace, !isLineEnd(offset) { offset += 1 }
            let span = SourceSpan(start, offset < end && bytes[offset] == Byte.closeBrace ? offset + 1 : offset)
            throw SyntaxError(.unknownVariable(source[span]), span)
        }
        offset += 1
        trail.word?.text += source[SourceSpan(start, offset)]
        collector.add(.variable(variable, otherwise: otherwise), quoting, SourceSpan(start, offset))
    }

    private func isSpecial(_ byte: UInt8) -> Bool {
        byte == Byte.hash || byte == Byte.at || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?")
    }

    /// The text behind `:-`, which is a word of its own up to the brace that closes.
    private mutating func alternative(
        _ quoting: WordPiece.Quoting, opened: SourceSpan
    ) throws(SyntaxError) -> [WordPiece] {
        let start = offset
        let outer = trail
        trail.place = .nothing
        var scanner = HostScanner(source, SourceSpan(offset, end))
        try scanner.skip(to: Byte.closeBrace, opened: opened, reason: .unclosedBrace)
        trail = outer
        var inside = Parser(source, SourceSpan(start, scanner.offset - 1))
        var collector = PieceCollector(source, from: start)
        while inside.offset < inside.end { try inside.alternativePiece(&collector, quoting) }
        offset = inside.end
        return collector.finish()
    }

    /// Inside braces blanks and operators are text like any other.
    private mutating func alternativePiece(
        _ collector: inout PieceCollector, _ quoting: WordPiece.Quoting
    ) throws(SyntaxError) {
        let start = offset
        if bytes[offset] == Byte.dollar, quoting == .double || !starts(with: "$'") {
            try dollar(&collector, quoting)
        } else if quoting == .none, !Byte.endsWord(bytes[offset]) {
            try unquoted(&collector)
        } else if bytes[offset] == Byte.backslash, offset + 1 < end,
            escapesInDoubleQuotes(bytes[offset + 1]) || bytes[offset + 1] == Byte.closeBrace
        {
            offset += 1
            let escaped = offset
            offset += 1
            while offset < end, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            collector.addText(source[SourceSpan(escaped, offset)], quoting, SourceSpan(escaped, offset))
        } else {
            offset += 1
            while offset < end, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            collector.addText(source[SourceSpan(start, offset)], quoting, SourceSpan(start, offset))
        }
    }

    /// `$(…)`: the host's, or dsh's own when it starts with `docker`.
    private mutating func substitution(
        _ collector: inout PieceCollector, _ quoting: WordPiece.Quoting
    ) throws(SyntaxError) {
        let start = offset
        if starts(with: "$((") {
            throw SyntaxError(.unknownVariable("$((…))"), SourceSpan(start, start + 3))
        }
        offset += 2
        var scanner = HostScanner(source, SourceSpan(offset, end))
        var failure: SyntaxError?
        do {
            try scanner.skip(to: Byte.closeParen, opened: SourceSpan(start, start + 2), reason: .unclosedParenthesis)
        } catch {
            failure = error
        }
        // Parsed also when it is not closed, since that is where the cursor may be.
        let inside = SourceSpan(offset, failure == nil ? scanner.offset - 1 : end)
        let outer = trail
        let content: Substitution
        do {
            content = try substituted(inside)
        } catch {
            throw failure ?? error
        }
        if let failure { throw failure }
        trail = outer
        offset = inside.end + 1
        trail.word?.text += source[SourceSpan(start, offset)]
        collector.add(.output(of: content), quoting, SourceSpan(start, offset))
    }

    private mutating func substituted(_ span: SourceSpan) throws(SyntaxError) -> Substitution {
        var inner = Parser(source, span)
        _ = inner.skipLines()
        let start = inner.offset
        trail.beginCommand()
        if inner.takeKeyword("docker") {
            inner.offset = start
            defer { trail = inner.trail }
            return .own(try inner.program())
        }
        var stop = span.end
        while stop > start, Byte.isBlank(bytes[stop - 1]) || bytes[stop - 1] == Byte.newline { stop -= 1 }
        trail.beginHostCommand(HostScanner(skimming: SourceSpan(start, span.end), of: source), of: source)
        guard stop > start else {
            throw SyntaxError(.unexpected("$()"), SourceSpan(span.start - 2, min(span.end + 1, end)))
        }
        let text = SourceSpan(start, stop)
        return .host(HostCommand(source, text))
    }
}

extension Variable {
    /// The variable that stands between braces; `nil` where there is none of that name.
    init?(name: String) {
        switch name {
        case "#": self = .argumentCount
        case "@": self = .arguments
        case "*": self = .joinedArguments
        case "?": self = .status
        default:
            guard let first = name.utf8.first else { return nil }
            if Byte.startsName(first) {
                self = .named(name)
            } else if let number = Int(name) {
                self = .argument(number)
            } else {
                return nil
            }
        }
    }
}
