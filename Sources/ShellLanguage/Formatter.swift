// SPDX-License-Identifier: Apache-2.0

extension Program: CustomStringConvertible {
    /// The program as text, a statement a line, one blank between words; comments are not kept.
    ///
    /// Parsing the result gives the same program again, at other places.
    public var description: String { statements.map { "\($0)" }.joined(separator: "\n") }

    /// The same on one line, as it stands in `$(…)`.
    var line: String {
        statements.indices.map { index in
            let statement = statements[index]
            return "\(statement)" + (index == statements.count - 1 ? "" : statement.isBackground ? " " : "; ")
        }.joined()
    }
}

extension Statement: CustomStringConvertible {
    /// The statement as text, with its `&`.
    public var description: String {
        rest.reduce("\(first)") { "\($0) \($1.condition.rawValue) \($1.pipeline)" } + (isBackground ? " &" : "")
    }
}

extension Pipeline: CustomStringConvertible {
    /// The pipeline as text.
    public var description: String {
        var text = expectation == nil ? "\(command)" : "expect \(command)"
        if let filter { text += " | \(filter.text)" }
        return (expectation?.clauses ?? []).reduce(text) { "\($0) \($1)" }
    }
}

extension Command: CustomStringConvertible {
    /// The command as text.
    public var description: String {
        switch self {
        case .own(let command): command.atStart
        case .inContainer(let command): "@ \(command)"
        case .onHost(let command): "! \(command.text)"
        }
    }
}

extension SimpleCommand: CustomStringConvertible {
    /// Words, then redirections, without the `@` of a command in a container.
    public var description: String {
        ([docker == nil ? "" : "docker"] + words.map { "\($0)" } + redirections.map { "\($0)" })
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The same where a command starts: a word that a joined line kept from being a keyword must not become one.
    fileprivate var atStart: String {
        guard docker == nil, let first = words.first?.pieces.first, first.quoting == .none,
            case .text(let text) = first.content,
            CommandStart.isSpecial(words[0].bare ?? text)
        else { return description }
        return "\\" + description
    }
}

extension Redirection: CustomStringConvertible {
    /// The redirection as text, with the stream's number only where it is not the usual one.
    public var description: String {
        let usual: Stream = if case .read = target { .input } else { .output }
        let prefix = streams.count > 1 ? "&" : streams.first == usual ? "" : "\((streams.first ?? usual).rawValue)"
        return switch target {
        case .read(let word): "\(prefix)< \(word)"
        case .write(let word): "\(prefix)> \(word)"
        case .append(let word): "\(prefix)>> \(word)"
        case .copy(let stream): "\(prefix)>&\(stream.rawValue)"
        }
    }
}

extension Expectation.Clause: CustomStringConvertible {
    /// The clause as text.
    public var description: String {
        switch self {
        case .status(let word): "status \(word)"
        case .prints(let word): "prints \(word)"
        }
    }
}

extension Word: CustomStringConvertible {
    /// The word with the kind of quotes in which it was written.
    public var description: String { pieces.text() }
}

extension [WordPiece] {
    /// The pieces as text; neighbours in double quotes share them.
    fileprivate func text(insideDoubleQuotes: Bool = false) -> String {
        var result = ""
        var isOpen = false
        for piece in self {
            let isDouble = piece.quoting == .double && !insideDoubleQuotes
            if isDouble != isOpen { result += "\"" }
            isOpen = isDouble
            result += piece.text
        }
        return isOpen ? result + "\"" : result
    }
}

extension WordPiece {
    fileprivate var text: String {
        switch content {
        case .home: "~"
        case .output(.host(let command)): "$(\(command.text)\(command.needsLine ? "\n" : ""))"
        case .output(.own(let program)): "$(\(program.line))"
        case .variable(let variable, let otherwise):
            if let otherwise {
                "${\(variable.name):-\(otherwise.text(insideDoubleQuotes: quoting == .double))}"
            } else {
                "${\(variable.name)}"
            }
        case .text(let text):
            switch quoting {
            case .none: text
            case .escaped: text.map { "\\\($0)" }.joined()
            case .single: "'\(text)'"
            case .double: ShellQuoting.doubled(text)
            case .ansi: ShellQuoting.ansi(text)
            }
        }
    }
}

extension HostCommand {
    /// A comment in the last line would swallow a parenthesis behind it.
    fileprivate var needsLine: Bool { text.split(separator: "\n").last?.contains("#") ?? false }
}

extension Variable {
    fileprivate var name: String {
        switch self {
        case .named(let name): name
        case .argument(let number): "\(number)"
        case .argumentCount: "#"
        case .arguments: "@"
        case .joinedArguments: "*"
        case .status: "?"
        }
    }
}
