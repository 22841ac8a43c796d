// SPDX-License-Identifier: Apache-2.0

extension Parser {
    /// Takes the clauses of `expect` from the end of a command; what stands before them stays.
    mutating func takeClauses(of command: inout ReadCommand) throws(SyntaxError) -> [Expectation.Clause] {
        switch command.value {
        case .own(let simple):
            let (kept, clauses) = try clauses(of: simple)
            if kept.words.isEmpty, kept.docker == nil { throw SyntaxError(.nothingToExpect, simple.span) }
            command.value = .own(kept)
            return clauses
        case .inContainer(let simple):
            let (kept, clauses) = try clauses(of: simple)
            if kept.words.isEmpty { throw SyntaxError(.nothingForContainer, simple.span) }
            command.value = .inContainer(kept)
            return clauses
        case .onHost(let host):
            let clauses = try takeClauses(of: &command.host)
            guard let kept = command.host else { throw SyntaxError(.nothingForHost, host.span) }
            let span = SourceSpan(host.span.start, kept.command.span.end)
            command.value = .onHost(HostCommand(text: kept.command.text, span: span))
            return clauses
        }
    }

    private func clauses(
        of command: SimpleCommand
    ) throws(SyntaxError) -> (SimpleCommand, [Expectation.Clause]) {
        var words = command.words
        var clauses: [Expectation.Clause] = []
        while words.count >= 2, let clause = try clause(words[words.count - 2].bare, words[words.count - 1], clauses) {
            clauses.insert(clause, at: 0)
            words.removeLast(2)
        }
        let ends = [command.docker?.end, words.last?.span.end, command.redirections.last?.span.end]
        let span = SourceSpan(command.span.start, ends.compactMap(\.self).max() ?? command.span.end)
        let kept = SimpleCommand(
            docker: command.docker, words: words, redirections: command.redirections, span: span)
        return (kept, clauses)
    }

    /// The same where the command is the host's: its last words are read as words of dsh.
    mutating func takeClauses(of host: inout HostScanner.Result?) throws(SyntaxError) -> [Expectation.Clause] {
        guard var result = host else { return [] }
        let start = result.command.span.start
        var clauses: [Expectation.Clause] = []
        while result.words.count >= 2 {
            let keyword = source[result.words[result.words.count - 2]]
            guard keyword == "status" || keyword == "prints" else { break }
            var value = Parser(source, result.words[result.words.count - 1])
            guard let clause = try clause(keyword, try value.word(), clauses) else { break }
            clauses.insert(clause, at: 0)
            result.words.removeLast(2)
        }
        guard let last = result.words.last else {
            host = nil
            if !clauses.isEmpty { throw SyntaxError(.nothingToExpect, result.command.span) }
            return clauses
        }
        if !clauses.isEmpty {
            let span = SourceSpan(start, last.end)
            result.command = HostCommand(source, span)
        }
        host = result
        return clauses
    }

    private func clause(
        _ keyword: String?, _ value: Word, _ others: [Expectation.Clause]
    ) throws(SyntaxError) -> Expectation.Clause? {
        switch keyword {
        case "prints": return .prints(value)
        case "status":
            if let text = value.literal, UInt8(text) == nil { throw SyntaxError(.noStatus(text), value.span) }
            let isSecond = others.contains { if case .status = $0 { true } else { false } }
            if isSecond { throw SyntaxError(.secondStatus, value.span) }
            return .status(value)
        default: return nil
        }
    }
}
