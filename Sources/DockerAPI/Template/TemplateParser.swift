// SPDX-License-Identifier: Apache-2.0

/// Builds the tree of a template; its errors are those of Go's text/template/parse.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private var index = 0
    /// Names of variables in force, innermost last.
    private var variables = ["$"]
    private var loops = 0
    /// Where the action began that is being read.
    private var actionLine = 0

    init(_ text: String) { tokens = TemplateLexer.tokens(of: text) }

    mutating func template() throws(TemplateError) -> [TemplateNode] {
        let (nodes, end) = try list()
        if let end { throw error("unexpected {{\(end.text)}}", end) }
        return nodes
    }

    // MARK: Lists

    /// Reads up to `{{end}}`, `{{else…}}` or the end of the text, which is `nil`.
    private mutating func list() throws(TemplateError) -> ([TemplateNode], TemplateToken?) {
        var nodes: [TemplateNode] = []
        while true {
            let token = next()
            switch token.kind {
            case .text: nodes.append(.text(token.text))
            case .open:
                actionLine = token.line
                let keyword = peekPastSpace()
                if keyword.kind == .keyword, keyword.text == "end" || keyword.text == "else" {
                    _ = nextPastSpace()
                    return (nodes, keyword)
                }
                nodes.append(try action())
            case .end: return (nodes, nil)
            default: throw unexpected(token, "input")
            }
        }
    }

    private mutating func action() throws(TemplateError) -> TemplateNode {
        let token = peekPastSpace()
        guard token.kind == .keyword, token.text != "nil" else {
            return .output(try pipeline("command", until: .close))
        }
        _ = nextPastSpace()
        switch token.text {
        case "if": return try control("if") { .condition($0, then: $1, otherwise: $2) }
        case "with": return try control("with") { .with($0, then: $1, otherwise: $2) }
        case "range":
            loops += 1
            return try control("range") { .range($0, body: $1, otherwise: $2) }
        case "break", "continue":
            guard loops > 0 else { throw error("{{\(token.text)}} outside {{range}}", token) }
            let close = nextPastSpace()
            guard close.kind == .close else { throw unexpected(close, "{{\(token.text)}}") }
            return token.text == "break" ? .exit : .next
        default: throw error("{{\(token.text)}} is not supported", token)
        }
    }

    private mutating func control(
        _ context: String, _ make: (TemplatePipeline, [TemplateNode], [TemplateNode]) -> TemplateNode
    ) throws(TemplateError) -> TemplateNode {
        let depth = variables.count
        defer { variables.removeSubrange(depth...) }
        let pipeline = try pipeline(context, until: .close)
        let (body, end) = try list()
        if context == "range" { loops -= 1 }
        guard let end else { throw unexpected(current, "") }
        guard end.text == "else" else {
            try close("end")
            return make(pipeline, body, [])
        }
        let chained = peekPastSpace()
        if chained.kind == .keyword, chained.text == context, context != "range" {
            // `{{else if}}` is an `if` in the else, and shares its `{{end}}`.
            _ = nextPastSpace()
            let inner = try control(context, make)
            return make(pipeline, body, [inner])
        }
        try close("else")
        let (otherwise, last) = try list()
        guard let last else { throw unexpected(current, "") }
        guard last.text == "end" else { throw error("expected end; found {{else}}", last) }
        try close("end")
        return make(pipeline, body, otherwise)
    }

    private mutating func close(_ context: String) throws(TemplateError) {
        let token = nextPastSpace()
        guard token.kind == .close else { throw unexpected(token, context) }
    }

    // MARK: Pipelines

    private mutating func pipeline(
        _ context: String, until end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipeline {
        let position = peekPastSpace().position
        let (names, assigns) = try declaration(context)
        var commands: [TemplateCommand] = []
        loop: while true {
            let token = peekPastSpace()
            switch token.kind {
            case end:
                _ = nextPastSpace()
                break loop
            case .identifier, .keyword, .field, .variable, .dot, .string, .number, .character, .openParen:
                commands.append(try command())
            default:
                _ = nextPastSpace()
                throw unexpected(token, context)
            }
        }
        if commands.isEmpty { throw error("missing value for \(context)", current) }
        for (place, command) in commands.enumerated().dropFirst() {
            switch command.words[0].content {
            case .literal, .dot, .absent:
                throw error("non executable command in pipeline stage \(place + 1)", current)
            default: break
            }
        }
        return TemplatePipeline(position: position, variables: names, assigns: assigns, commands: commands)
    }

    /// `$x :=`, `$x =`, and for `range` also `$i, $x :=`.
    private mutating func declaration(_ context: String) throws(TemplateError) -> ([String], Bool) {
        let start = index
        let first = peekPastSpace()
        guard first.kind == .variable else { return ([], false) }
        _ = nextPastSpace()
        var names = [first.text]
        if peekPastSpace().kind == .comma {
            guard context == "range" else { throw error("too many declarations in \(context)", first) }
            _ = nextPastSpace()
            let second = nextPastSpace()
            guard second.kind == .variable else { throw error("range can only initialize variables", second) }
            names.append(second.text)
        }
        switch peekPastSpace().kind {
        case .declare:
            _ = nextPastSpace()
            variables += names
            return (names, false)
        case .assign:
            for name in names where !variables.contains(name) {
                throw error("undefined variable \(GoText.quoted(name))", first)
            }
            _ = nextPastSpace()
            return (names, true)
        default:
            index = start
            return ([], false)
        }
    }

    private mutating func command() throws(TemplateError) -> TemplateCommand {
        let position = peekPastSpace().position
        var words: [TemplateWord] = []
        while true {
            _ = peekPastSpace()
            if let word = try operand() { words.append(word) }
            let token = next()
            switch token.kind {
            case .space: continue
            case .close, .closeParen: index -= 1
            case .pipe: break
            default: throw unexpected(token, "operand")
            }
            break
        }
        guard let first = words.first else { throw error("empty command", current) }
        if case .absent = first.content { throw error("nil is not a command", current) }
        return TemplateCommand(position: position, words: words)
    }

    private mutating func operand() throws(TemplateError) -> TemplateWord? {
        guard let word = try term() else { return nil }
        guard peek().kind == .field else { return word }
        // Go names a field of a field by the place of the second one.
        let position = peek().position
        var fields: [String] = []
        while peek().kind == .field { fields.append(String(next().text.dropFirst())) }
        switch word.content {
        case .fields(let names): return TemplateWord(position: position, content: .fields(names + fields))
        case .variable(let name, _): return TemplateWord(position: position, content: .variable(name, fields: fields))
        case .group(let pipeline, _): return TemplateWord(position: position, content: .group(pipeline, fields: fields))
        case .dot, .absent, .literal, .function:
            throw error("unexpected . after term \(GoText.quoted("\(word)"))", current)
        }
    }

    private mutating func term() throws(TemplateError) -> TemplateWord? {
        let token = nextPastSpace()
        let content: TemplateWord.Content
        switch token.kind {
        case .identifier where token.text == "true" || token.text == "false":
            content = .literal(.bool(token.text == "true"), written: token.text)
        case .identifier:
            guard TemplateFunction.names.contains(token.text) else {
                throw error("function \(GoText.quoted(token.text)) not defined", token)
            }
            content = .function(token.text)
        case .keyword where token.text == "nil": content = .absent
        case .dot: content = .dot
        case .field: content = .fields([String(token.text.dropFirst())])
        case .variable:
            guard variables.contains(token.text) else {
                throw error("undefined variable \(GoText.quoted(token.text))", token)
            }
            content = .variable(token.text, fields: [])
        case .string, .character: content = try literal(token)
        case .number:
            guard let number = TemplateNumber(token.text) else {
                throw error("illegal number syntax: \(GoText.quoted(token.text))", token)
            }
            content = .literal(number.value, written: token.text)
        case .openParen: content = .group(try pipeline("parenthesized pipeline", until: .closeParen), fields: [])
        default:
            index -= 1
            return nil
        }
        return TemplateWord(position: token.position, content: content)
    }

    private func literal(_ token: TemplateToken) throws(TemplateError) -> TemplateWord.Content {
        guard let text = GoText.unquoted(token.text) else { throw error("invalid syntax", token) }
        guard token.kind == .character else { return .literal(.string(text), written: token.text) }
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
            throw error("malformed character constant: \(token.text)", token)
        }
        return .literal(.integer(Int64(scalar.value)), written: token.text)
    }

    // MARK: Tokens

    private var current: TemplateToken { tokens[max(0, min(index, tokens.count) - 1)] }

    private mutating func next() -> TemplateToken {
        index = min(index + 1, tokens.count)
        return current
    }

    private func peek() -> TemplateToken { tokens[min(index, tokens.count - 1)] }

    private mutating func peekPastSpace() -> TemplateToken {
        while peek().kind == .space { index += 1 }
        return peek()
    }

    private mutating func nextPastSpace() -> TemplateToken {
        _ = peekPastSpace()
        return next()
    }

    private func error(_ reason: String, _ token: TemplateToken) -> TemplateError {
        TemplateError("template: :\(token.line): \(reason)")
    }

    private func unexpected(_ token: TemplateToken, _ context: String) -> TemplateError {
        if token.kind == .error {
            guard actionLine > 0, actionLine != token.line else { return error(token.text, token) }
            let start =
                token.text.hasSuffix(" action") ? " started at :\(actionLine)" : " in action started at :\(actionLine)"
            return error(token.text + start, token)
        }
        return error(token.kind == .end ? "unexpected EOF" : "unexpected \(token.named) in \(context)", token)
    }
}
