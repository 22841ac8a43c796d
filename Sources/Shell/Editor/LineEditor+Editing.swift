// SPDX-License-Identifier: Apache-2.0

/// The commands that move and change.
extension LineEditor {
    /// Enter: the line is done, unless a quote is open or the like.
    func accept() -> Reaction {
        let line = line
        if host.isIncomplete(line.text) { return insertText("\n") }
        outcome = .line(line.text)
        // libedit takes a line without any character for the end of input.
        editLine.moveCursor(to: editLine.line.scalars.count)
        editLine.insert("\n")
        return .endLine
    }

    func insertText(_ text: String) -> Reaction {
        if !editLine.insert(text) { painter.beep() }
        return .changed
    }

    func insertNextKey() -> Reaction {
        switch nextKey({ self.paint() }) {
        case .scalar(let scalar): return insertText(String(Character(scalar)))
        case .alt(let scalar): return insertText("\u{1B}" + String(Character(scalar)))
        case .named(.escape): return insertText("\u{1B}")
        case .interrupt: outcome = .interrupted
        case .hangup: outcome = .endOfInput
        default: painter.beep()
        }
        return outcome == nil ? .changed : .stop
    }

    /// Moves the cursor to a cluster; beyond the ends is nowhere.
    func move(to place: (LineText) -> Int) -> Reaction {
        let line = line
        let place = place(line)
        guard place != line.cursor, (0...line.clusters.count).contains(place) else {
            painter.beep()
            return .changed
        }
        moveCursor(to: place)
        return .changed
    }

    func erase() -> Reaction {
        let cursor = line.cursor
        if cursor == 0 { painter.beep() } else { remove(cursor - 1..<cursor) }
        return .changed
    }

    func delete() -> Reaction {
        let line = line
        if line.cursor == line.clusters.count {
            painter.beep()
        } else {
            remove(line.cursor..<line.cursor + 1)
        }
        return .changed
    }

    func deleteOrLeave() -> Reaction {
        guard line.isEmpty else { return delete() }
        outcome = .endOfInput
        return .stop
    }

    /// Cuts from the cursor to a cluster, through libedit's own commands: only they reach its kill buffer, which yank,
    /// vi's put and all other cuts share.
    func cut(to place: (LineText) -> Int) -> Reaction {
        let line = line
        let target = place(line)
        guard target != line.cursor else {
            painter.beep()
            return .changed
        }
        jumpTarget = target
        queue = [PrivateKey.mark, PrivateKey.jump, PrivateKey.cut] + queue
        return .changed
    }

    func jump() -> Reaction {
        moveCursor(to: min(jumpTarget, line.clusters.count))
        return .changed
    }

    func clearScreen() -> Reaction {
        painter.clearScreen()
        return .changed
    }

    func takeBack() -> Reaction {
        if let before = undo.pop() { replaceLine(before) } else { painter.beep() }
        return .changed
    }
}
