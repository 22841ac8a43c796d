// SPDX-License-Identifier: Apache-2.0

/// A template of Docker's `--format`: Go's text/template with Docker's functions, over JSON values.
///
/// What is not there: `define`, `template` and `block`, and the functions `call`, `html`, `js` and `urlquery`; each is
/// refused by name.
/// - SeeAlso: Go, text/template; docs.docker.com, Format command and log output.
public struct FormatTemplate: Sendable {
    /// The template's text.
    public let text: String
    private let nodes: [TemplateNode]

    /// Reads a template.
    /// - Throws: `TemplateError` in Go's words, after `template parsing error: `.
    public init(parsing text: String) throws(TemplateError) {
        var parser = TemplateParser(text)
        nodes = try parser.template()
        self.text = text
    }

    /// What the template prints for a value; no newline is added.
    /// - Throws: `TemplateError` when it asks for what is not there; nothing is printed then.
    public func callAsFunction(_ value: JSONValue) throws(TemplateError) -> String {
        var evaluator = TemplateEvaluator(source: text, root: value, isHeading: false)
        try evaluator.run(nodes, value)
        return evaluator.output
    }

    /// What it prints for the headings of a table, which functions leave as they are.
    func heading(_ headings: JSONObject) throws(TemplateError) -> String {
        var evaluator = TemplateEvaluator(source: text, root: .object(headings), isHeading: true)
        try evaluator.run(nodes, .object(headings))
        return evaluator.output
    }
}

/// The `--format` of a command that lists things: `table TEMPLATE`, `json`, or a template.
///
/// - SeeAlso: docker/cli, formatter.Context.
public struct ListFormat: Sendable {
    /// Whether rows are columns under headings, divided by tabs in what `heading` and `line` give.
    public let isTable: Bool
    private let template: FormatTemplate

    /// Reads the value of `--format`.
    ///
    /// - Parameters:
    ///   - text: the value as it was typed; `\t` and `\n` in it mean a tab and a newline.
    ///   - standard: the template that `table` alone, and no `--format` at all, stand for: `{{.ID}}\t{{.Names}}`.
    public init(parsing text: String, standard: String) throws(TemplateError) {
        var body: Substring
        switch text {
        case "", "table":
            (isTable, body) = (true, standard[...])
        case "json":
            (isTable, body) = (false, "{{json .}}")
        default:
            isTable = text.hasPrefix("table")
            body = isTable ? text.dropFirst(5) : text[...]
        }
        while body.first == " " { body.removeFirst() }
        while body.last == " " { body.removeLast() }
        template = try FormatTemplate(parsing: Self.unescaped(body))
    }

    /// The headings of the template's columns, divided by tabs.
    ///
    /// - Parameter names: the heading of each field, `Names` → `NAMES`; a field without one shows `<no value>`.
    public func heading(_ names: [String: String]) throws(TemplateError) -> String {
        try template.heading(JSONObject(texts: names))
    }

    /// A row, divided by tabs where it is one of a table; without a newline at the end.
    public func line(_ row: JSONObject) throws(TemplateError) -> String { try template(.object(row)) }

    /// strings.NewReplacer: one pass from left to right.
    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var index = text.startIndex
        while index < text.endIndex {
            let rest = text[index...]
            if rest.hasPrefix("\\t") || rest.hasPrefix("\\n") {
                result += rest.hasPrefix("\\t") ? "\t" : "\n"
                index = text.index(index, offsetBy: 2)
            } else {
                result.append(text[index])
                index = text.index(after: index)
            }
        }
        return result
    }
}
