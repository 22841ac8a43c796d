// SPDX-License-Identifier: Apache-2.0

/// Finds where text for the host's `sh` ends, by POSIX's rules for quotes and parentheses, without understanding more of it.
struct HostScanner {
    /// The text of a command and the places of its words.
    struct Result {
        var command: HostCommand
        /// What stands between blanks and operators outside all quotes.
        var words: [SourceSpan]
    }

    private let source: SourceText
    private let bytes: [UInt8]
    private let end: Int
    private(set) var offset: Int
    /// Complete words, and at last the one that reaches to the end.
    private var words: [SourceSpan] = []
    /// How many of them stand before the last operator.
    private var wordsOfOthers = 0
    private var wordStart: Int?
    private var awaitsCommand = false

    init(_ source: SourceText, _ span: SourceSpan) {
        self.source = source
        bytes = source.bytes
        offset = span.start
        end = span.end
    }

    /// Reads a text that need not be complete or right, for its words alone.
    init(skimming span: SourceSpan, of source: SourceText) {
        self.init(source, span)
        while offset < end {
            // A mistake ends a command as an operator does; an open quote has read its word up to the end.
            _ = try? command()
            wordsOfOthers = offset < end ? words.count : wordsOfOthers
            offset += 1
        }
        offset = end
    }

    /// The words behind the last operator.
    var wordsOfLastCommand: ArraySlice<SourceSpan> { words[min(wordsOfOthers, words.count)...] }

    /// Reads up to `;`, `&`, `&&`, `||`, an unmatched `)` or the end of the line; `nil` when there is no word before that.
    mutating func command() throws(SyntaxError) -> Result? {
        let start = offset
        let earlier = words.count
        var pipe = SourceSpan(offset, offset)
        defer { endWord() }
        scan: while offset < end {
            let next = offset + 1 < end ? bytes[offset + 1] : Byte.space
            switch bytes[offset] {
            case Byte.newline where awaitsCommand: offset += 1
            case Byte.newline, Byte.semicolon, Byte.closeParen: break scan
            case Byte.carriageReturn where next == Byte.newline:
                guard awaitsCommand else { break scan }
                offset += 2
            case Byte.space, Byte.tab:
                endWord()
                offset += 1
            case Byte.hash where wordStart == nil:
                while offset < end, bytes[offset] != Byte.newline { offset += 1 }
            case Byte.backslash where wordStart == nil && isLineEnd(offset + 1):
                offset += next == Byte.newline ? 2 : 3
            case Byte.ampersand where next == Byte.greater:
                endWord()
                offset += 2
            case Byte.ampersand: break scan
            case Byte.pipe where next == Byte.pipe: break scan
            case Byte.pipe where next == Byte.ampersand:
                throw SyntaxError(.pipeOfBothStreams, SourceSpan(offset, offset + 2))
            case Byte.pipe:
                guard !awaitsCommand, wordStart != nil || words.count > earlier else { break scan }
                endWord()
                pipe = SourceSpan(offset, offset + 1)
                awaitsCommand = true
                wordsOfOthers = words.count
                offset += 1
            case Byte.less where next == Byte.less: throw SyntaxError(.hereDocument, SourceSpan(offset, offset + 2))
            case Byte.less, Byte.greater: redirection()
            default: try element()
            }
        }
        endWord()
        if awaitsCommand { throw SyntaxError(offset < end ? .unexpected("|") : .nothingAfter("|"), pipe) }
        guard words.count > earlier, let last = words.last else { return nil }
        let span = SourceSpan(start, last.end)
        return Result(command: HostCommand(source, span), words: words)
    }

    private func isLineEnd(_ offset: Int) -> Bool {
        guard offset < end else { return false }
        let isReturn = bytes[offset] == Byte.carriageReturn
        return bytes[offset] == Byte.newline || (isReturn && offset + 1 < end && bytes[offset + 1] == Byte.newline)
    }

    /// Skips to behind a closing character, over everything that is quoted or nested.
    mutating func skip(to closing: UInt8, opened: SourceSpan, reason: SyntaxError.Reason) throws(SyntaxError) {
        while offset < end {
            if bytes[offset] == closing {
                offset += 1
                return
            }
            if bytes[offset] == Byte.hash, closing == Byte.closeParen, startsComment {
                while offset < end, bytes[offset] != Byte.newline { offset += 1 }
            } else {
                try element()
            }
        }
        throw SyntaxError(reason, opened)
    }

    private var startsComment: Bool {
        guard offset > 0 else { return true }
        let before = bytes[offset - 1]
        return Byte.endsWord(before) && before != Byte.closeParen
    }

    // MARK: Pieces

    /// `>`, `>>`, `>&`, `>|`, `<`, `<&`, `<>`: the file or number behind it is a word like others.
    private mutating func redirection() {
        endWord()
        offset += 1
        if offset < end, [Byte.greater, Byte.ampersand, Byte.pipe].contains(bytes[offset]) { offset += 1 }
    }

    private mutating func endWord() {
        if let start = wordStart { words.append(SourceSpan(start, offset)) }
        wordStart = nil
    }

    private mutating func element() throws(SyntaxError) {
        if wordStart == nil { wordStart = offset }
        awaitsCommand = false
        let start = offset
        switch bytes[offset] {
        case Byte.backslash: offset = min(offset + 2, end)
        case Byte.single:
            offset += 1
            while offset < end, bytes[offset] != Byte.single { offset += 1 }
            try close("'", from: start)
        case Byte.double: try doubleQuoted()
        case Byte.backquote:
            offset += 1
            while offset < end, bytes[offset] != Byte.backquote {
                offset = min(offset + (bytes[offset] == Byte.backslash ? 2 : 1), end)
            }
            try close("`", from: start)
        case Byte.dollar: try dollar()
        case Byte.openParen:
            offset += 1
            try skip(to: Byte.closeParen, opened: SourceSpan(start, start + 1), reason: .unclosedParenthesis)
        default: offset += 1
        }
    }

    private mutating func dollar() throws(SyntaxError) {
        let opened = SourceSpan(offset, min(offset + 2, end))
        offset += 1
        guard offset < end else { return }
        if bytes[offset] == Byte.openParen {
            offset += 1
            try skip(to: Byte.closeParen, opened: opened, reason: .unclosedParenthesis)
        } else if bytes[offset] == Byte.openBrace {
            offset += 1
            try skip(to: Byte.closeBrace, opened: opened, reason: .unclosedBrace)
        }
    }

    private mutating func doubleQuoted() throws(SyntaxError) {
        let start = offset
        offset += 1
        while offset < end, bytes[offset] != Byte.double {
            switch bytes[offset] {
            case Byte.backslash: offset = min(offset + 2, end)
            case Byte.dollar: try dollar()
            default: offset += 1
            }
        }
        try close("\"", from: start)
    }

    /// Takes the quote that ends what was opened.
    private mutating func close(_ quote: Character, from start: Int) throws(SyntaxError) {
        guard offset < end else { throw SyntaxError(.unclosedQuote(quote), SourceSpan(start, start + 1)) }
        offset += 1
    }
}

extension HostCommand {
    /// Takes text out of a source; lines that end as on Windows end as sh wants them.
    init(_ source: SourceText, _ span: SourceSpan) {
        let bytes = source.bytes[span.start..<span.end]
        let kept = bytes.indices.filter {
            bytes[$0] != Byte.carriageReturn || $0 + 1 == bytes.endIndex || bytes[$0 + 1] != Byte.newline
        }
        self.init(text: String(decoding: kept.map { bytes[$0] }, as: UTF8.self), span: span)
    }
}
