// SPDX-License-Identifier: Apache-2.0

/// On which side of a cell its text stands.
public enum Alignment: Sendable { case left, right }

extension StringProtocol {
    /// The text in at most `columns` columns: cut between grapheme clusters, with `…` where something was lost.
    public func truncated(to columns: Int) -> String {
        guard self.columns > columns else { return String(self) }
        guard columns > 0 else { return "" }
        return prefix(columns: columns - 1) + "…"
    }

    /// As many whole clusters as fit into `columns` columns.
    public func prefix(columns: Int) -> String {
        var left = columns
        return String(
            prefix { character in
                left -= character.columns
                return left >= 0
            })
    }

    /// The text with spaces up to `columns` columns; longer text stays as it is.
    public func padded(to columns: Int, _ alignment: Alignment = .left) -> String {
        let spaces = String(repeating: " ", count: Swift.max(0, columns - self.columns))
        return alignment == .left ? self + spaces : spaces + self
    }

    /// The text in rows of at most `columns` columns, broken at spaces where there are any and between clusters
    /// elsewhere; line feeds in the text stay breaks.
    ///
    /// A cluster wider than `columns` gets a row of its own.
    public func wrapped(to columns: Int) -> [String] {
        split(separator: "\n", omittingEmptySubsequences: false).flatMap { Paragraph(columns: columns).rows(of: $0) }
    }
}

/// One line of text on its way into rows.
private struct Paragraph {
    let columns: Int
    private var rows: [String] = []
    private var row = ""
    private var width = 0

    init(columns: Int) { self.columns = columns }

    consuming func rows(of text: some StringProtocol) -> [String] {
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            append(word.map(\.self), separated: !(rows.isEmpty && row.isEmpty))
        }
        rows.append(row)
        return rows
    }

    private mutating func append(_ word: [Character], separated: Bool) {
        let wordWidth = word.reduce(0) { $0 + $1.columns }
        if separated, width + 1 + wordWidth <= columns {
            row += " " + String(word)
            width += 1 + wordWidth
            return
        }
        if !row.isEmpty, separated { startRow() }
        for character in word {
            if width + character.columns > columns, !row.isEmpty { startRow() }
            row.append(character)
            width += character.columns
        }
    }

    private mutating func startRow() {
        rows.append(row)
        row = ""
        width = 0
    }
}
