// SPDX-License-Identifier: Apache-2.0

/// Reads statements by recursive descent over the bytes of a text or, for `$(docker …)`, of a part of it.
///
/// There is no separate lexer, because what a byte means depends on who reads it: behind `|` and `!` it is the host's.
struct Parser {
    let source: SourceText
    let bytes: [UInt8]
    let end: Int
    var offset: Int
    /// What completion needs; kept also when the text turns out to be wrong.
    var trail = CursorTrail()

    init(_ source: SourceText) {
        self.init(source, SourceSpan(0, source.bytes.count))
    }

    init(_ source: SourceText, _ part: SourceSpan) {
        self.source = source
        bytes = source.bytes
        offset = part.start
        end = part.end
    }

    mutating func program() throws(SyntaxError) -> Program {
        var statements: [Statement] = []
        while skipLines() { statements.append(try statement()) }
        return Program(statements: statements)
    }

    // MARK: Statements

    private mutating func statement() throws(SyntaxError) -> Statement {
        let first = try pipeline()
        var rest: [Statement.Link] = []
        while true {
            skipBlanks()
            let condition: Statement.Condition
            if starts(with: "&&") {
                condition = .succeeded
            } else if starts(with: "||") {
                condition = .failed
            } else {
                break
            }
            let mark = SourceSpan(offset, offset + 2)
            offset += 2
            trail.beginCommand()
            guard skipLines() else { throw SyntaxError(.nothingAfter(condition.rawValue), mark) }
            rest.append(Statement.Link(condition: condition, pipeline: try pipeline()))
        }
        let span = SourceSpan(first.span.start, (rest.last?.pipeline ?? first).span.end)
        return Statement(first: first, rest: rest, isBackground: try terminator(), span: span)
    }

    /// Takes what ends a statement; the result says whether it was `&`.
    private mutating func terminator() throws(SyntaxError) -> Bool {
        guard offset < end else { return false }
        let isBackground = bytes[offset] == Byte.ampersand
        if bytes[offset] == Byte.semicolon || isBackground {
            if starts(with: ";;") { throw SyntaxError(.unexpected(";;"), SourceSpan(offset, offset + 2)) }
            offset += 1
        } else if !isLineEnd(offset) {
            throw unexpected()
        }
        trail.beginCommand()
        return isBackground
    }

    private mutating func pipeline() throws(SyntaxError) -> Pipeline {
        let start = offset
        var keyword: SourceSpan?
        if takeKeyword("expect") {
            keyword = SourceSpan(start, start + 6)
            if offset < end { trail.beginCommand() }
            skipBlanks()
            if isCommandEnd(offset) { throw SyntaxError(.nothingToExpect, SourceSpan(start, start + 6)) }
        }
        var command = try command()
        var filter: HostScanner.Result?
        skipBlanks()
        if offset < end, bytes[offset] == Byte.pipe, !starts(with: "||") {
            let mark = SourceSpan(offset, offset + 1)
            if starts(with: "|&") { throw SyntaxError(.pipeOfBothStreams, SourceSpan(offset, offset + 2)) }
            offset += 1
            guard skipLines() else {
                trail.beginHostCommand()
                throw SyntaxError(.nothingAfter("|"), mark)
            }
            filter = try hostCommand(orElse: .nothingAfter("|"), at: mark)
        }
        let stop = filter?.command.span.end ?? command.span.end
        var expectation: Expectation?
        if let keyword {
            let clauses = try filter != nil ? takeClauses(of: &filter) : takeClauses(of: &command)
            expectation = Expectation(clauses: clauses, span: keyword)
        }
        return Pipeline(
            expectation: expectation, command: command.value, filter: filter?.command, span: SourceSpan(start, stop))
    }

    // MARK: Commands

    /// A command with, for the host's, the places of its words, in which `expect` looks for its clauses.
    struct ReadCommand {
        var value: Command
        var host: HostScanner.Result?

        var span: SourceSpan {
            switch value {
            case .own(let command), .inContainer(let command): command.span
            case .onHost(let command): command.span
            }
        }
    }

    private mutating func command() throws(SyntaxError) -> ReadCommand {
        let start = offset
        guard offset < end, !isCommandEnd(offset) else { throw unexpected() }
        switch bytes[offset] {
        case Byte.at:
            offset += 1
            skipBlanks()
            trail.beginContainerCommand()
            let command = try simpleCommand(from: start, docker: nil)
            if command.words.isEmpty { throw SyntaxError(.nothingForContainer, SourceSpan(start, start + 1)) }
            return ReadCommand(value: .inContainer(command))
        case Byte.bang:
            offset += 1
            skipBlanks()
            let mark = SourceSpan(start, start + 1)
            let host = try hostCommand(orElse: .nothingForHost, at: mark)
            let whole = HostCommand(text: host.command.text, span: SourceSpan(start, host.command.span.end))
            return ReadCommand(value: .onHost(whole), host: host)
        default:
            try refuseWhatComesLater()
            var docker: SourceSpan?
            if takeKeyword("docker") {
                docker = SourceSpan(start, offset)
                trail.saysDocker = offset < end
            }
            return ReadCommand(value: .own(try simpleCommand(from: start, docker: docker)))
        }
    }

    private mutating func simpleCommand(from start: Int, docker: SourceSpan?) throws(SyntaxError) -> SimpleCommand {
        var words: [Word] = []
        var redirections: [Redirection] = []
        var stop = docker?.end ?? start
        while true {
            skipBlanks()
            if let redirection = try redirection() {
                if words.isEmpty, docker == nil {
                    throw SyntaxError(.unexpected(source[redirection.span]), redirection.span)
                }
                redirections.append(redirection)
                stop = redirection.span.end
            } else if isCommandEnd(offset) {
                break
            } else if bytes[offset] == Byte.openParen {
                guard words.count == 1, let name = words[0].bare else { throw unexpected() }
                throw SyntaxError(.function(name), SourceSpan(words[0].span.start, offset + 1))
            } else {
                let word = try word()
                words.append(word)
                trail.add(word, of: source)
                stop = word.span.end
            }
        }
        return SimpleCommand(
            docker: docker, words: words, redirections: redirections, span: SourceSpan(start, stop))
    }

    private mutating func refuseWhatComesLater() throws(SyntaxError) {
        if bytes[offset] == Byte.openParen { throw SyntaxError(.group, SourceSpan(offset, offset + 1)) }
        var stop = offset
        while stop < end, !Byte.endsWord(bytes[stop]) { stop += 1 }
        let span = SourceSpan(offset, stop)
        let word = source[span]

        // At the cursor it may still become a longer word.
        if stop == end { trail.word = CursorTrail.OpenWord(start: offset, text: word) }
        if CommandStart.blocks.contains(word) { throw SyntaxError(.block(word), span) }
        if let name = CommandStart.assignedName(in: word) {
            throw SyntaxError(.assignment(name), SourceSpan(offset, offset + name.utf8.count + 1))
        }
    }

    private mutating func hostCommand(
        orElse reason: SyntaxError.Reason, at mark: SourceSpan
    ) throws(SyntaxError) -> HostScanner.Result {
        var scanner = HostScanner(source, SourceSpan(offset, end))
        defer { trail.beginHostCommand(scanner, of: source) }
        let result = try scanner.command()
        offset = scanner.offset
        guard let result else { throw offset < end ? unexpected() : SyntaxError(reason, mark) }
        return result
    }
}

/// What has a meaning only where a command starts.
enum CommandStart {
    static let blocks: Set<String> = [
        "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "select", "function",
        "{", "}",
    ]

    /// `NAME` of a word that starts with `NAME=`.
    static func assignedName(in word: String) -> String? {
        guard let first = word.utf8.first, Byte.startsName(first), let mark = word.utf8.firstIndex(of: Byte.equals),
            word.utf8[..<mark].allSatisfy(Byte.continuesName)
        else { return nil }
        return String(word[..<mark])
    }

    /// Whether a word would be read as something else than a word there.
    static func isSpecial(_ word: String) -> Bool {
        blocks.contains(word) || word == "docker" || word == "expect" || assignedName(in: word) != nil
            || word.utf8.first == Byte.at || word.utf8.first == Byte.bang
    }
}

// MARK: What stands between the words

extension Parser {
    func starts(with mark: StaticString) -> Bool {
        mark.withUTF8Buffer { wanted in
            offset + wanted.count <= end && wanted.indices.allSatisfy { bytes[offset + $0] == wanted[$0] }
        }
    }

    /// Takes a word that is written without quotes and stands alone.
    mutating func takeKeyword(_ keyword: StaticString) -> Bool {
        let stop = offset + keyword.utf8CodeUnitCount
        var next = stop
        while isContinuation(next) { next += startsCRLF(next + 1) ? 3 : 2 }
        guard starts(with: keyword), isLineEnd(next) || Byte.endsWord(bytes[next]) else { return false }
        // At the cursor it may still become a longer word.
        trail.word = stop == end ? CursorTrail.OpenWord(start: offset, text: source[SourceSpan(offset, stop)]) : nil
        offset = stop
        return true
    }

    func isLineEnd(_ offset: Int) -> Bool {
        guard offset < end else { return true }
        return bytes[offset] == Byte.newline || startsCRLF(offset)
    }

    func startsCRLF(_ offset: Int) -> Bool {
        offset + 1 < end && bytes[offset] == Byte.carriageReturn && bytes[offset + 1] == Byte.newline
    }

    /// A backslash that joins the next line to this one.
    func isContinuation(_ offset: Int) -> Bool {
        offset + 1 < end && bytes[offset] == Byte.backslash && isLineEnd(offset + 1)
    }

    private func isCommandEnd(_ offset: Int) -> Bool {
        if isLineEnd(offset) { return true }
        switch bytes[offset] {
        case Byte.semicolon, Byte.ampersand, Byte.pipe, Byte.closeParen: return true
        default: return false
        }
    }

    /// Skips blanks, joined lines and a comment; stops at the line's end.
    mutating func skipBlanks() {
        while offset < end {
            if Byte.isBlank(bytes[offset]) {
                offset += 1
            } else if isContinuation(offset) {
                offset += startsCRLF(offset + 1) ? 3 : 2
            } else if bytes[offset] == Byte.hash {
                while !isLineEnd(offset) { offset += 1 }
                if offset == end { trail.place = .nothing }
                return
            } else {
                return
            }
        }
    }

    /// Skips everything up to the next character of a statement; the result says whether there is one.
    mutating func skipLines() -> Bool {
        while true {
            skipBlanks()
            guard offset < end else { return false }
            guard isLineEnd(offset) else { return true }
            trail.beginCommand()
            offset += startsCRLF(offset) ? 2 : 1
        }
    }

    /// The error for an operator that has no place where it is.
    func unexpected() -> SyntaxError {
        let stop = starts(with: "&&") || starts(with: "||") || starts(with: ";;") ? offset + 2 : min(offset + 1, end)
        let span = SourceSpan(offset, stop)
        return SyntaxError(.unexpected(isLineEnd(offset) ? "the end of the line" : source[span]), span)
    }
}
