// SPDX-License-Identifier: Apache-2.0

/// What a person would see on a terminal: the part of ECMA-48 and xterm that line editors and tables use.
///
/// A cell holds one character cluster; the second cell of a wide one is empty. Colours are not kept.
public struct TerminalScreen: Sendable {
    /// Height and width in cells.
    public private(set) var rows: Int, columns: Int
    /// Where the next character goes, from 0.
    public private(set) var cursorRow = 0, cursorColumn = 0
    /// Rows that have scrolled off the top, oldest first.
    public private(set) var scrolledOff: [String] = []

    private var cells: [[String]]
    private var parser = Parser.ground
    private var pending: [UInt8] = []
    /// The cursor stands behind the last column: the next character wraps first.
    private var wrapsNext = false
    private var saved = (row: 0, column: 0)

    private enum Parser {
        case ground, escape, stringUntilTerminator, charset
        case sequence([UInt8])
    }

    /// An empty screen.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        cells = Array(repeating: Self.emptyRow(columns), count: rows)
    }

    /// The visible rows, without blanks at their ends.
    public var lines: [String] { cells.map(Self.text) }

    /// All rows, those that scrolled off first, as one text without empty rows at the end.
    public var text: String {
        var all = scrolledOff + lines
        while all.last?.isEmpty == true { all.removeLast() }
        return all.joined(separator: "\n")
    }

    /// The row in which the cursor stands.
    public var currentLine: String { Self.text(cells[cursorRow]) }

    private static func emptyRow(_ columns: Int) -> [String] { Array(repeating: " ", count: columns) }

    private static func text(_ row: [String]) -> String {
        var line = row.joined()
        while line.last == " " { line.removeLast() }
        return line
    }

    /// Takes what a program has written.
    public mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { feed(byte) }
    }

    private mutating func feed(_ byte: UInt8) {
        switch parser {
        case .ground: ground(byte)
        case .escape:
            parser = .ground
            switch byte {
            case UInt8(ascii: "["): parser = .sequence([])
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
                parser = .stringUntilTerminator
            case UInt8(ascii: "("), UInt8(ascii: ")"): parser = .charset
            case UInt8(ascii: "7"): saved = (cursorRow, cursorColumn)
            case UInt8(ascii: "8"): moveTo(saved.row, saved.column)
            case UInt8(ascii: "M"): reverseIndex()
            case UInt8(ascii: "c"): self = TerminalScreen(rows: rows, columns: columns)
            default: break
            }
        case .charset: parser = .ground
        case .stringUntilTerminator:
            if byte == 0x07 { parser = .ground } else if byte == 0x1b { parser = .escape }
        case .sequence(var collected):
            if (0x40...0x7e).contains(byte) {
                parser = .ground
                perform(byte, collected)
            } else {
                collected.append(byte)
                parser = .sequence(collected)
            }
        }
    }

    private mutating func ground(_ byte: UInt8) {
        switch byte {
        case 0x1b: parser = .escape
        case 0x0d: moveTo(cursorRow, 0)
        case 0x0a: lineFeed()
        case 0x08: moveTo(cursorRow, max(0, cursorColumn - 1))
        case 0x09: moveTo(cursorRow, min(columns - 1, (cursorColumn / 8 + 1) * 8))
        case 0..<0x20, 0x7f: break
        default:
            pending.append(byte)
            guard let scalar = takeScalar() else { return }
            put(scalar)
        }
    }

    /// The next complete UTF-8 scalar, or U+FFFD for what cannot become one.
    private mutating func takeScalar() -> Unicode.Scalar? {
        let length = pending[0] < 0x80 ? 1 : pending[0] >= 0xf0 ? 4 : pending[0] >= 0xe0 ? 3 : 2
        if pending.count < length { return nil }
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self).unicodeScalars.first
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let width = Self.width(of: scalar)
        let column = max(0, cursorColumn - (wrapsNext ? 0 : 1))
        let owner = cells[cursorRow][column].isEmpty ? max(0, column - 1) : column
        // As tmux, kitty and others do, what follows a zero-width joiner is drawn in the cell before it.
        if width == 0 || cells[cursorRow][owner].unicodeScalars.last == "\u{200D}" {
            cells[cursorRow][owner].unicodeScalars.append(scalar)
            return
        }
        if wrapsNext || cursorColumn + width > columns {
            lineFeed()
            cursorColumn = 0
        }
        wrapsNext = false
        clearWide(at: cursorColumn)
        if width == 2 { clearWide(at: cursorColumn + 1) }
        cells[cursorRow][cursorColumn] = String(Character(scalar))
        if width == 2 { cells[cursorRow][cursorColumn + 1] = "" }
        if cursorColumn + width >= columns {
            cursorColumn = columns - 1
            wrapsNext = true
        } else {
            cursorColumn += width
        }
    }

    /// Overwriting one half of a wide character leaves a blank in the other half.
    private mutating func clearWide(at column: Int) {
        guard column < columns else { return }
        if cells[cursorRow][column].isEmpty, column > 0 { cells[cursorRow][column - 1] = " " }
        if column + 1 < columns, cells[cursorRow][column + 1].isEmpty { cells[cursorRow][column + 1] = " " }
        cells[cursorRow][column] = " "
    }

    private mutating func moveTo(_ row: Int, _ column: Int) {
        cursorRow = min(max(0, row), rows - 1)
        cursorColumn = min(max(0, column), columns - 1)
        wrapsNext = false
    }

    private mutating func lineFeed() {
        wrapsNext = false
        if cursorRow < rows - 1 {
            cursorRow += 1
        } else {
            scrolledOff.append(Self.text(cells.removeFirst()))
            cells.append(Self.emptyRow(columns))
        }
    }

    private mutating func reverseIndex() {
        if cursorRow > 0 {
            cursorRow -= 1
        } else {
            cells.removeLast()
            cells.insert(Self.emptyRow(columns), at: 0)
        }
    }

    private mutating func perform(_ final: UInt8, _ parameters: [UInt8]) {
        // Private modes (`?…h`, `>…`) change nothing that is seen here.
        if let first = parameters.first, first >= 0x3c { return }
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) }
        func number(_ index: Int, _ missing: Int) -> Int {
            let value = index < numbers.count ? numbers[index] ?? missing : missing
            return missing == 1 ? max(1, value) : value
        }
        switch Character(UnicodeScalar(final)) {
        case "A": moveTo(cursorRow - number(0, 1), cursorColumn)
        case "B", "e": moveTo(cursorRow + number(0, 1), cursorColumn)
        case "C", "a": moveTo(cursorRow, cursorColumn + number(0, 1))
        case "D": moveTo(cursorRow, cursorColumn - number(0, 1))
        case "E": moveTo(cursorRow + number(0, 1), 0)
        case "F": moveTo(cursorRow - number(0, 1), 0)
        case "G", "`": moveTo(cursorRow, number(0, 1) - 1)
        case "d": moveTo(number(0, 1) - 1, cursorColumn)
        case "H", "f": moveTo(number(0, 1) - 1, number(1, 1) - 1)
        case "J": eraseScreen(number(0, 0))
        case "K": eraseLine(number(0, 0))
        case "P": shiftLeft(number(0, 1))
        case "@": shiftRight(number(0, 1))
        case "X": for column in cursorColumn..<min(columns, cursorColumn + number(0, 1)) { clearWide(at: column) }
        case "L": for _ in 0..<number(0, 1) { insertLine() }
        case "M": for _ in 0..<number(0, 1) { deleteLine() }
        case "s": saved = (cursorRow, cursorColumn)
        case "u": moveTo(saved.row, saved.column)
        default: break
        }
    }

    private mutating func eraseScreen(_ mode: Int) {
        switch mode {
        case 0:
            eraseLine(0)
            for row in cells.indices where row > cursorRow { cells[row] = Self.emptyRow(columns) }
        case 1:
            eraseLine(1)
            for row in 0..<cursorRow { cells[row] = Self.emptyRow(columns) }
        default: cells = Array(repeating: Self.emptyRow(columns), count: rows)
        }
    }

    private mutating func eraseLine(_ mode: Int) {
        wrapsNext = false
        switch mode {
        case 0: for column in cursorColumn..<columns { clearWide(at: column) }
        case 1: for column in 0...cursorColumn { clearWide(at: column) }
        default: cells[cursorRow] = Self.emptyRow(columns)
        }
    }

    private mutating func shiftLeft(_ count: Int) {
        let gone = min(count, columns - cursorColumn)
        cells[cursorRow].removeSubrange(cursorColumn..<cursorColumn + gone)
        cells[cursorRow] += Array(repeating: " ", count: gone)
    }

    private mutating func shiftRight(_ count: Int) {
        cells[cursorRow].insert(contentsOf: Array(repeating: " ", count: count), at: cursorColumn)
        cells[cursorRow].removeSubrange(columns...)
    }

    private mutating func insertLine() {
        cells.removeLast()
        cells.insert(Self.emptyRow(columns), at: cursorRow)
    }

    private mutating func deleteLine() {
        cells.remove(at: cursorRow)
        cells.append(Self.emptyRow(columns))
    }

    /// Changes the size; what no longer fits is cut, as a terminal without reflow does.
    public mutating func resize(rows newRows: Int, columns newColumns: Int) {
        let surplus = cells.count - newRows
        if surplus > 0 {
            let fromTop = min(surplus, max(0, cursorRow - newRows + 1))
            scrolledOff += cells.prefix(fromTop).map(Self.text)
            cells.removeFirst(fromTop)
            cells.removeLast(surplus - fromTop)
            cursorRow -= fromTop
        }
        cells = cells.map { Array(($0 + Self.emptyRow(newColumns)).prefix(newColumns)) }
        while cells.count < newRows { cells.append(Self.emptyRow(newColumns)) }
        (rows, columns) = (newRows, newColumns)
        moveTo(cursorRow, cursorColumn)
    }

    /// Cells that a scalar takes, by Unicode's East Asian Width; written apart from the product's own table, so that the
    /// two check each other.
    static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x1160...0x11ff, 0xd7b0...0xd7ff, 0x200b...0x200f, 0xfe00...0xfe0f, 0x1f3fb...0x1f3ff, 0xe0000...0xe0fff: 0
        case 0x1100...0x115f, 0xa960...0xa97f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff: 2
        case 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd: 2
        case 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1faff, 0x231a...0x231b, 0x23e9...0x23ec, 0x2705, 0x2728:
            2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: 0
            default: 1
            }
        }
    }
}
