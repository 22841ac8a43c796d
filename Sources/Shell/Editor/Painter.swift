// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// Brings frames to a terminal with relative moves only: it need not know where on the screen it is.
///
/// Each frame is one write(2), inside a synchronized update and with the cursor hidden, and carries only the rows that
/// have changed.
final class Painter {
    private let output: Output
    private var shown: Frame?
    /// Whether the terminal moves the rest of a line to the next row when it becomes narrower.
    private let reflows: Bool

    init(output: Output, reflows: Bool) {
        self.output = output
        self.reflows = reflows
    }

    /// Begins at a row of its own, marking a line that the last program left unfinished.
    func begin(width: Int, pasteMarks: Bool) {
        // The mark and the blanks reach the last column exactly; from a column further right they wrap to a new row.
        let mark = output.styled("⏎", .dim)
        let blanks = String(repeating: " ", count: max(0, width - 1))
        output.write(mark + blanks + "\r\u{1B}[K" + (pasteMarks ? "\u{1B}[?2004h" : ""))
        forget()
    }

    /// Shows a frame instead of the one before it.
    func paint(_ frame: Frame) {
        if frame == shown { return }
        var text = ""
        var row = shown?.cursorRow ?? 0
        let old = shown?.rows ?? []
        for (index, new) in frame.rows.enumerated() where index >= old.count || old[index] != new {
            text += Self.move(from: row, to: index) + "\r" + (index < old.count ? "\u{1B}[K" : "") + new.text
            row = index
        }
        if old.count > frame.rows.count {
            text += Self.move(from: row, to: frame.rows.count) + "\r\u{1B}[J"
            row = frame.rows.count
        }
        text += Self.move(from: row, to: frame.cursorRow) + "\r"
        if frame.cursorColumn > 0 { text += "\u{1B}[\(frame.cursorColumn)C" }
        output.write("\u{1B}[?2026h\u{1B}[?25l" + text + "\u{1B}[?25h\u{1B}[?2026l")
        shown = frame
    }

    /// Down by line feeds, which scroll at the bottom and are plain moves elsewhere.
    private static func move(from row: Int, to target: Int) -> String {
        if target < row { return "\u{1B}[\(row - target)A" }
        return target == row ? "" : "\r" + String(repeating: "\n", count: target - row)
    }

    /// Leaves the frame on the screen and goes to the row after it.
    func end(pasteMarks: Bool) {
        let rows = (shown?.rows.count ?? 1) - 1 - (shown?.cursorRow ?? 0)
        let down = String(repeating: "\n", count: rows + 1)
        output.write("\r" + down + (pasteMarks ? "\u{1B}[?2004l" : ""))
        forget()
    }

    /// Draws a cluster at the beginning of the cursor's row, where the next frame will overwrite it, and asks where the
    /// cursor is then.
    func probe(_ character: Character) {
        output.write("\r" + String(character) + "\u{1B}[6n")
        guard var frame = shown else { return }
        // No row looks like this, so the next frame writes it anew.
        frame.rows[frame.cursorRow] = Frame.Row(text: "\0")
        shown = frame
    }

    /// The screen is no longer what was painted: the next frame is painted whole from where the cursor is.
    func forget() { shown = nil }

    /// Empties the whole screen.
    func clearScreen() {
        output.write("\u{1B}[H\u{1B}[2J")
        forget()
    }

    /// Wipes the frame after the terminal's width has changed, so that the next one is painted from its first row.
    func resized(to width: Int) {
        guard let frame = shown else { return }
        var above = frame.cursorRow
        if reflows {
            above = frame.rows[..<frame.cursorRow].reduce(0) { $0 + max(1, ($1.columns + width - 1) / width) }
            above += min(frame.cursorColumn, max(0, frame.rows[frame.cursorRow].columns)) / width
        }
        output.write((above > 0 ? "\u{1B}[\(above)A" : "") + "\r\u{1B}[J")
        forget()
    }

    func beep() { output.write("\u{7}") }
}
