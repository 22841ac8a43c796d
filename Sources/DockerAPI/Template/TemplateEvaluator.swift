// SPDX-License-Identifier: Apache-2.0

/// Runs a template over a value; its errors are those of Go's text/template.
struct TemplateEvaluator {
    private(set) var output = ""
    private let source: String
    private let isHeading: Bool
    private var variables: [(name: String, value: JSONValue)]

    /// Where a loop is left.
    private enum Flow { case on, exit, next }

    init(source: String, root: JSONValue, isHeading: Bool) {
        self.source = source
        self.isHeading = isHeading
        variables = [("$", root)]
    }

    mutating func run(_ nodes: [TemplateNode], _ dot: JSONValue) throws(TemplateError) {
        _ = try walk(nodes, dot)
    }

    // MARK: Nodes

    private mutating func walk(_ nodes: [TemplateNode], _ dot: JSONValue) throws(TemplateError) -> Flow {
        for node in nodes {
            let flow = try step(node, dot)
            if flow != .on { return flow }
        }
        return .on
    }

    private mutating func step(_ node: TemplateNode, _ dot: JSONValue) throws(TemplateError) -> Flow {
        let depth = variables.count
        switch node {
        case .text(let text): output += text
        case .output(let pipeline):
            let value = try evaluate(pipeline, dot)
            // A declaration prints nothing, and lasts to the end of its block.
            if pipeline.variables.isEmpty { output += GoText.plain(value) }
        case .condition(let pipeline, let then, let otherwise):
            let value = try evaluate(pipeline, dot)
            let flow = try walk(TemplateFunction.isTrue(value) ? then : otherwise, dot)
            leave(depth)
            return flow
        case .with(let pipeline, let then, let otherwise):
            let value = try evaluate(pipeline, dot)
            let isTrue = TemplateFunction.isTrue(value)
            let flow = try walk(isTrue ? then : otherwise, isTrue ? value : dot)
            leave(depth)
            return flow
        case .range(let pipeline, let body, let otherwise):
            let flow = try loop(pipeline, body, otherwise, dot)
            leave(depth)
            return flow
        case .exit: return .exit
        case .next: return .next
        }
        return .on
    }

    private mutating func leave(_ depth: Int) { variables.removeSubrange(depth...) }

    private mutating func loop(
        _ pipeline: TemplatePipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode], _ dot: JSONValue
    ) throws(TemplateError) -> Flow {
        let value = try evaluate(pipeline, dot, bindsVariables: false)
        let elements: [(JSONValue, JSONValue)]
        switch value {
        case .array(let values): elements = values.enumerated().map { (.integer(Int64($0.offset)), $0.element) }
        case .object(let object) where object.kind == .map || object.kind == .texts:
            elements = object.visited.map { (.string($0.key), $0.value) }
        case .integer(let count) where count <= 1_000_000:
            elements = (0..<max(0, count)).map { (.integer($0), .integer($0)) }
        case .null: elements = []
        default: throw failure("range can't iterate over \(GoText.plain(value))", pipeline.position, "\(pipeline)")
        }
        if elements.isEmpty { return try walk(otherwise, dot) }
        for (key, element) in elements {
            let depth = variables.count
            bind(pipeline, pipeline.variables.count == 2 ? [key, element] : [element])
            let flow = try walk(body, element)
            leave(depth)
            if flow == .exit { break }
        }
        return .on
    }

    private mutating func bind(_ pipeline: TemplatePipeline, _ values: [JSONValue]) {
        for (name, value) in zip(pipeline.variables, values) {
            if pipeline.assigns, let place = variables.lastIndex(where: { $0.name == name }) {
                variables[place].value = value
            } else {
                variables.append((name, value))
            }
        }
    }

    // MARK: Pipelines

    private mutating func evaluate(
        _ pipeline: TemplatePipeline, _ dot: JSONValue, bindsVariables: Bool = true
    ) throws(TemplateError) -> JSONValue {
        var value: JSONValue?
        for command in pipeline.commands { value = try evaluate(command, dot, piped: value) }
        let result = value ?? .null(.value)
        if bindsVariables { bind(pipeline, [result]) }
        return result
    }

    private mutating func evaluate(
        _ command: TemplateCommand, _ dot: JSONValue, piped: JSONValue?
    ) throws(TemplateError) -> JSONValue {
        let first = command.words[0]
        if case .function(let name) = first.content { return try call(name, command, dot, piped) }
        if let value = try lookup(command, dot) { return value }
        if command.words.count > 1 || piped != nil {
            throw failure("can't give argument to non-function \(first)", first.position, "\(first)")
        }
        return try value(of: first, dot)
    }

    private mutating func call(
        _ name: String, _ command: TemplateCommand, _ dot: JSONValue, _ piped: JSONValue?
    ) throws(TemplateError) -> JSONValue {
        let arguments = command.words.dropFirst()
        let count = arguments.count + (piped == nil ? 0 : 1)
        let (least, most) = TemplateFunction.arity(of: name)
        guard count >= least, count <= most ?? count else {
            let wanted = most == nil ? "at least \(least)" : "\(least)"
            throw failure(
                "wrong number of args for \(name): want \(wanted) got \(count)", command.words[0].position,
                "\(command.words[0])")
        }
        var values: [JSONValue] = []
        for word in arguments {
            values.append(try value(of: word, dot))
            // `and` and `or` look no further than they must.
            if let last = values.last, name == "and" || name == "or", TemplateFunction.isTrue(last) == (name == "or") {
                return last
            }
        }
        if let piped { values.append(piped) }
        if name == "and" || name == "or" { return values.last ?? .null(.value) }
        if isHeading, let value = TemplateFunction.headingValue(name, values) { return value }
        do {
            return try TemplateFunction.call(name, values)
        } catch {
            let isArgument = error.reason.hasPrefix("wrong type for value") || error.reason.hasPrefix("invalid value")
            let reason = isArgument ? error.reason : "error calling \(name): \(error.reason)"
            throw failure(reason, command.position, "\(command)")
        }
    }

    /// `.Label "name"`: a method of a row that takes an argument.
    private mutating func lookup(_ command: TemplateCommand, _ dot: JSONValue) throws(TemplateError) -> JSONValue? {
        guard case .fields(let names) = command.words[0].content, names.count == 1, case .object(let row) = dot,
            let table = row.lookups[names[0]]
        else { return nil }
        guard command.words.count == 2 else {
            let got = command.words.count - 1
            let word = command.words[0]
            throw failure("wrong number of args for \(names[0]): want 1 got \(got)", word.position, "\(word)")
        }
        return table[GoText.plain(try value(of: command.words[1], dot))] ?? ""
    }

    // MARK: Values

    private mutating func value(of word: TemplateWord, _ dot: JSONValue) throws(TemplateError) -> JSONValue {
        switch word.content {
        case .dot: return dot
        case .absent: return .null(.value)
        case .literal(let value, _): return value
        case .function(let name):
            return try call(name, TemplateCommand(position: word.position, words: [word]), dot, nil)
        case .fields(let names): return try follow(names, from: dot, word)
        case .variable(let name, let fields):
            return try follow(fields, from: variables.last { $0.name == name }?.value ?? .null(.value), word)
        case .group(let pipeline, let fields): return try follow(fields, from: try evaluate(pipeline, dot), word)
        }
    }

    private func follow(
        _ names: [String], from start: JSONValue, _ word: TemplateWord
    ) throws(TemplateError) -> JSONValue {
        var value = start
        for name in names {
            guard case .object(let object) = value else {
                throw failure(noField(name, of: value), word.position, "\(word)")
            }
            if let next = object.value(ofField: name) {
                value = next
                continue
            }
            switch object.kind {
            case .fields: throw failure("map has no entry for key \(GoText.quoted(name))", word.position, "\(word)")
            case .row(let type):
                throw failure("can't evaluate field \(name) in type \(type)", word.position, "\(word)")
            case .texts, .map: value = .null(.value)
            }
        }
        return value
    }

    private func noField(_ name: String, of value: JSONValue) -> String {
        switch value {
        case .null(.value), .null(.map): "nil data; no entry for key \(GoText.quoted(name))"
        case .null(.pointer): "nil pointer evaluating interface {}.\(name)"
        default: "can't evaluate field \(name) in type \(GoText.typeName(value))"
        }
    }

    /// `template: :line:column: executing "" at <…>: reason`, the column counted from 0 as Go does.
    private func failure(_ reason: String, _ position: Int, _ context: String) -> TemplateError {
        let before = source.utf8.prefix(position)
        let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
        return TemplateError("template: :\(line):\(column): executing \"\" at <\(context)>: \(reason)")
    }
}
