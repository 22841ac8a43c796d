// SPDX-License-Identifier: Apache-2.0
package import Terminal

/// Text in one look.
package struct StyledText: Equatable, Sendable {
    package var text: String
    package var style: Style

    package init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }
}

/// What the editor shows: rows that fit the terminal's width, and the place of its cursor.
struct Frame: Equatable {
    struct Row: Equatable {
        /// With the sequences of its looks, each of which ends in the row.
        var text = ""
        var columns = 0
    }
    var rows: [Row]
    var cursorRow: Int
    var cursorColumn: Int
}

extension Frame {
    /// The part of a frame that fits into `height` rows, with the cursor in it.
    func window(height: Int) -> Frame {
        guard rows.count > height, height > 0 else { return self }
        // As much as possible of what is below the cursor gives way first, since that is the menu.
        let first = min(max(0, cursorRow - height + 1), rows.count - height)
        return Frame(
            rows: Array(rows[first..<first + height]), cursorRow: cursorRow - first, cursorColumn: cursorColumn)
    }
}

/// Fills a frame from the left to the right and downwards, breaking rows itself so that no terminal has to.
struct FrameBuilder {
    let width: Int
    private let hasColour: Bool
    private let widths: ClusterWidths
    private var rows: [Frame.Row] = [Frame.Row()]
    private var look = Style.plain
    private var cursor = (row: 0, column: 0)

    init(width: Int, hasColour: Bool, widths: ClusterWidths = ClusterWidths()) {
        self.width = max(1, width)
        self.widths = widths
        self.hasColour = hasColour
    }

    private var last: Int { rows.count - 1 }

    /// Rows used so far.
    var rowCount: Int { rows.count }

    /// Columns left in the present row.
    var room: Int { width - rows[last].columns }

    mutating func append(_ spans: [StyledText]) {
        for span in spans {
            for character in span.text { append(character, span.style) }
        }
    }

    /// Adds one cluster of an edited line or a prompt; a line feed begins a new row.
    mutating func append(_ character: Character, _ style: Style = .plain) {
        if character == "\n" {
            startRow()
            return
        }
        let columns = widths.columns(of: character)
        // A wide character that does not fit starts a new row; a terminal one column wide shows what it can.
        if columns > room, rows[last].columns > 0 { startRow() }
        take(look: style)
        rows[last].text += character.shown
        rows[last].columns += columns
        // A full row sends the cursor to a new one, as it will stand there when the next key comes.
        if room <= 0 { startRow() }
    }

    /// Adds a row of its own that is cut where it is too long.
    mutating func appendRow(_ spans: [StyledText]) {
        if rows[last].columns > 0 || rows.count == cursor.row + 1 { startRow() }
        for span in spans {
            let text = span.text.neutralised.truncated(to: room)
            take(look: span.style)
            rows[last].text += text
            rows[last].columns += text.columns
        }
    }

    mutating func startRow() {
        take(look: .plain)
        rows.append(Frame.Row())
    }

    /// The cursor stands before what is appended next.
    mutating func markCursor() { cursor = (last, rows[last].columns) }

    private mutating func take(look style: Style) {
        // Reversed is no colour: without it nobody would see which candidate is chosen.
        let wanted = hasColour || style == .reversed ? style : .plain
        guard wanted != look else { return }
        rows[last].text += look.closing + wanted.opening
        look = wanted
    }

    consuming func frame() -> Frame {
        take(look: .plain)
        return Frame(rows: rows, cursorRow: cursor.row, cursorColumn: cursor.column)
    }
}
