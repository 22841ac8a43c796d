// SPDX-License-Identifier: Apache-2.0

/// A parsed part of a template, with its place for error messages.
indirect enum TemplateNode: Sendable {
    case text(String)
    case output(TemplatePipeline)
    case condition(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case with(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case range(TemplatePipeline, body: [TemplateNode], otherwise: [TemplateNode])
    case exit
    case next
}

/// Commands joined by `|`, whose result may get a name.
struct TemplatePipeline: Sendable {
    let position: Int
    /// `$x` of `$x := …`, two for `range`.
    let variables: [String]
    /// Whether the names are old ones that get a new value.
    let assigns: Bool
    let commands: [TemplateCommand]
}

/// A function or value with its arguments.
struct TemplateCommand: Sendable {
    let position: Int
    /// The first is what is called or given; never empty.
    let words: [TemplateWord]
}

/// An operand.
struct TemplateWord: Sendable {
    indirect enum Content: Sendable {
        case dot
        case absent
        case literal(JSONValue, written: String)
        case function(String)
        case fields([String])
        case variable(String, fields: [String])
        case group(TemplatePipeline, fields: [String])
    }

    let position: Int
    let content: Content
}

// MARK: As Go writes them in error messages

extension TemplatePipeline: CustomStringConvertible {
    var description: String {
        let declaration = variables.isEmpty ? "" : variables.joined(separator: ", ") + (assigns ? " = " : " := ")
        return declaration + commands.map { "\($0)" }.joined(separator: " | ")
    }
}

extension TemplateCommand: CustomStringConvertible {
    var description: String { words.map { "\($0)" }.joined(separator: " ") }
}

extension TemplateWord: CustomStringConvertible {
    var description: String {
        switch content {
        case .dot: "."
        case .absent: "nil"
        case .literal(_, let written): written
        case .function(let name): name
        case .fields(let names): names.map { "." + $0 }.joined()
        case .variable(let name, let fields): name + fields.map { "." + $0 }.joined()
        case .group(let pipeline, let fields): "(\(pipeline))" + fields.map { "." + $0 }.joined()
        }
    }
}
