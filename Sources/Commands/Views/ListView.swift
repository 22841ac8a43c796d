// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Engine
import Terminal

/// How one kind of thing is listed: its fields under Docker's names, and the only place where rows become a table, JSON, a
/// template's lines or bare ids.
struct ListView<Row: Sendable>: Sendable {
    /// A value of a row.
    struct Field: Sendable {
        /// What templates and JSON call it.
        let name: String
        /// What stands above its column.
        let heading: String
        /// Columns that remain on a narrow terminal; `nil` is never cut.
        let shrinksTo: Int?
        /// What a person looks at the list for: cut only where the other columns cannot give enough.
        let isVital: Bool
        let text: @Sendable (Row) -> String

        init(
            _ name: String, _ heading: String, shrinksTo: Int? = nil, isVital: Bool = false,
            _ text: @escaping @Sendable (Row) -> String
        ) {
            self.name = name
            self.heading = heading
            self.shrinksTo = shrinksTo
            self.isVital = isVital
            self.text = text
        }
    }

    /// Texts of a row that a template reaches by name: `.Label "key"`.
    struct Lookup: Sendable {
        let name: String
        let texts: @Sendable (Row) -> [String: String]

        init(_ name: String, _ texts: @escaping @Sendable (Row) -> [String: String]) {
            self.name = name
            self.texts = texts
        }
    }

    /// How a person wants to see the rows.
    struct Wish: Sendable {
        /// Bare ids.
        var isQuiet = false
        /// The value of `--format`; `nil` is the table.
        var format: String?
        /// Fields of the table; `nil` is the usual ones.
        var fields: [String]?
    }

    /// The row's type in Go, for messages about templates.
    let type: String
    /// Everything that can be shown.
    let fields: [Field]
    /// The fields of the usual table.
    let standard: [String]
    var lookups: [Lookup] = []
    /// The field that `-q` prints.
    var id = "ID"

    /// Prints the rows.
    ///
    /// - Throws: `TemplateError` for a template that cannot be read or asks for what is not there.
    func print(_ rows: [Row], as wish: Wish, in session: Session) throws {
        if wish.isQuiet {
            if wish.format != nil { session.error.line(Text.formatIsIgnored.text(in: session.language)) }
            guard let field = field(id) else { return }
            for row in rows { session.output.line(field.text(row)) }
            return
        }
        let chosen = (wish.fields ?? standard).compactMap(field)
        guard let format = wish.format, !format.isEmpty, format != "table" else {
            return table(rows, chosen, in: session)
        }
        let listFormat = try ListFormat(
            parsing: format, standard: chosen.map { "{{.\($0.name)}}" }.joined(separator: "\t"))
        let lines = try rows.map { try listFormat.line(object($0)) }
        guard listFormat.isTable else { return lines.forEach { session.output.lines(fromOutside: $0) } }
        let names = Dictionary(fields.map { ($0.name, $0.heading) }) { first, _ in first }
        let headings = Self.cells(try listFormat.heading(names))
        var table = Table(headings.map { Table.Column($0) })
        for line in lines { table.append(Self.cells(line)) }
        session.output.write(table.text(for: session.output))
    }

    private func field(_ name: String) -> Field? { fields.first { $0.name == name } }

    private func table(_ rows: [Row], _ chosen: [Field], in session: Session) {
        var table = Table(chosen.map { Table.Column($0.heading, shrinksTo: $0.shrinksTo, shrinksLast: $0.isVital) })
        for row in rows { table.append(chosen.map { $0.text(row) }) }
        session.output.write(table.text(for: session.output))
    }

    private func object(_ row: Row) -> JSONObject {
        var object = JSONObject(.row(type))
        for field in fields { object[field.name] = .string(field.text(row)) }
        for lookup in lookups { object.lookups[lookup.name] = JSONObject(texts: lookup.texts(row)) }
        return object
    }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
}
