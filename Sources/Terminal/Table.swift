// SPDX-License-Identifier: Apache-2.0

/// Rows under headings, aligned by display width, as Docker's lists are.
///
/// Written to a file or a pipe, the table is plain and never cut. On a terminal that is too narrow, columns that may
/// shrink are cut with `…`, the widest first, those that matter most last; where that is not enough, each row becomes a small block of
/// `HEADING value` lines. Cells are neutralised on a terminal only, since a script wants the bytes as they are.
public struct Table: Sendable {
    /// One column: its heading and what may happen to it on a narrow terminal.
    public struct Column: Sendable {
        public let heading: String
        public let alignment: Alignment
        /// Columns that remain when the table shrinks; `nil` means that cells are never cut (ids, ports, sizes).
        public let minimum: Int?
        /// Cut only where cutting the others to their minimum is not enough.
        public let shrinksLast: Bool

        public init(
            _ heading: String, alignment: Alignment = .left, shrinksTo minimum: Int? = nil, shrinksLast: Bool = false
        ) {
            self.heading = heading
            self.alignment = alignment
            self.minimum = minimum
            self.shrinksLast = shrinksLast
        }
    }

    public let columns: [Column]
    public private(set) var rows: [[String]] = []
    private static let gap = 3
    /// Docker pads every column but the last to ten columns, its gap included.
    private static let narrowest = 10

    public init(_ columns: [Column], rows: [[String]] = []) {
        self.columns = columns
        for row in rows { append(row) }
    }

    /// Adds a row; missing cells are empty, cells beyond the last column are dropped.
    public mutating func append(_ cells: [String]) {
        rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : "" })
    }

    /// The table as it suits `output`, ending in a line feed.
    public func text(for output: Output) -> String {
        output.isTerminal ? text(width: output.columns, neutralising: true) : text(width: nil, neutralising: false)
    }

    /// - Parameter width: columns of the terminal; `nil` for any number.
    func text(width: Int?, neutralising: Bool) -> String {
        var table = self
        if neutralising { table.rows = rows.map { $0.map(\.neutralised) } }
        let natural = table.naturalWidths
        guard let width else { return table.laidOut(natural, narrowest: Self.narrowest) }
        if table.total(natural, narrowest: Self.narrowest) <= width {
            return table.laidOut(natural, narrowest: Self.narrowest)
        }
        if let widths = table.shrunk(natural, to: width) { return table.laidOut(widths, narrowest: 0) }
        return table.folded(width: width)
    }

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(columns[index].heading.columns) { max($0, $1[index].columns) }
        }
    }

    private func total(_ widths: [Int], narrowest: Int) -> Int {
        guard let last = widths.last else { return 0 }
        return widths.dropLast().reduce(last) { $0 + max($1 + Self.gap, narrowest) }
    }

    /// Takes columns from the widest that may still shrink until the table fits; `nil` where it cannot.
    private func shrunk(_ natural: [Int], to width: Int) -> [Int]? {
        var widths = natural
        var excess = total(widths, narrowest: 0) - width
        while excess > 0 {
            let candidates = columns.indices.filter { widths[$0] > (columns[$0].minimum ?? .max) }
            let first = candidates.filter { !columns[$0].shrinksLast }
            let widest = (first.isEmpty ? candidates : first).max { widths[$0] < widths[$1] }
            guard let widest else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func laidOut(_ widths: [Int], narrowest: Int) -> String {
        var text = ""
        for cells in [columns.map(\.heading)] + rows {
            var line = ""
            for (index, cell) in cells.enumerated() {
                let fitted = cell.truncated(to: widths[index])
                let isLast = index == columns.count - 1
                if columns[index].alignment == .right {
                    line += fitted.padded(to: widths[index], .right)
                    if !isLast { line += String(repeating: " ", count: Self.gap) }
                } else {
                    line += isLast ? fitted : fitted.padded(to: max(widths[index] + Self.gap, narrowest))
                }
            }
            text += line + "\n"
        }
        return text
    }

    /// One block a row: headings on the left, values wrapped on the right; below a dozen columns of room, beneath.
    private func folded(width: Int) -> String {
        let label = columns.reduce(0) { max($0, $1.heading.columns) } + Self.gap
        let isStacked = width - label < 12
        let indent = isStacked ? 2 : label
        var blocks: [String] = []
        for cells in rows {
            var block = ""
            for (column, cell) in zip(columns, cells) where !cell.isEmpty {
                let lines = cell.wrapped(to: max(2, width - indent))
                let blank = String(repeating: " ", count: indent)
                if isStacked {
                    block += column.heading.truncated(to: width) + "\n" + blank
                } else {
                    block += column.heading.padded(to: label)
                }
                block += lines.joined(separator: "\n" + blank) + "\n"
            }
            blocks.append(block)
        }
        if blocks.isEmpty { return columns.map { $0.heading.truncated(to: width) + "\n" }.joined() }
        return blocks.joined(separator: "\n")
    }
}
