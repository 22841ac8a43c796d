// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// A walk through the lines that begin like the one that was typed.
struct Recall {
    let prefix: String
    /// What was typed, to come back to.
    let original: LineText
    /// Which entry is shown; the number of entries means the original.
    var position: Int
    var shown: String
}

/// A search that is going on.
struct SearchView {
    var text = ""
    var position: Int
    var hasFailed = false
}

extension LineEditor {
    /// One logical line up, or an older entry.
    func up() -> Reaction {
        let line = line
        if recall?.shown != line.text, let place = line.cursorOneRow(up: true) { return move(to: { _ in place }) }
        var present = walk(from: line)
        guard let older = history.older(than: present.position, prefix: present.prefix, unlike: present.shown) else {
            painter.beep()
            return .changed
        }
        present.position = older
        present.shown = history.entries[older]
        recall = present
        replaceLine(LineText(present.shown))
        return .changed
    }

    /// The walk that is going on, or a new one, for which other shells' lines are read too.
    private func walk(from line: LineText) -> Recall {
        if let recall, recall.shown == line.text { return recall }
        history.refresh()
        return Recall(prefix: line.beforeCursor, original: line, position: history.entries.count, shown: line.text)
    }

    /// One logical line down, or a newer entry, and in the end what was typed.
    func down() -> Reaction {
        let line = line
        guard var present = recall, present.shown == line.text else {
            return line.cursorOneRow(up: false).map { place in move(to: { _ in place }) } ?? beeping()
        }
        if let newer = history.newer(than: present.position, prefix: present.prefix, unlike: present.shown) {
            present.position = newer
            present.shown = history.entries[newer]
            recall = present
            replaceLine(LineText(present.shown))
        } else {
            recall = nil
            replaceLine(present.original)
        }
        return .changed
    }

    private func beeping() -> Reaction {
        painter.beep()
        return .changed
    }

    /// Ctrl-R: each key narrows the search, the line shows what was found.
    ///
    /// Enter runs it; Esc and Ctrl-G bring back what was there; any other key ends the search and does what it does.
    func searchHistory(backwards: Bool) -> Reaction {
        let original = line
        if recall?.shown != original.text { history.refresh() }
        let end = history.entries.count
        var state = SearchView(position: backwards ? end : -1)
        if let recall, recall.shown == original.text { state.position = recall.position }
        while true {
            let shown = state
            let key = nextKey { self.paintSearch(shown) }
            switch key {
            case .scalar("\u{12}"): find(&state, from: state.position - 1, backwards: true)
            case .scalar("\u{13}"): find(&state, from: state.position + 1, backwards: false)
            case .scalar("\u{8}"), .scalar("\u{7F}"):
                if !state.text.isEmpty { state.text.removeLast() }
                state.position = end
                find(&state, from: end - 1, backwards: true)
            case .scalar(let scalar) where scalar.value >= 0x20:
                state.text.unicodeScalars.append(scalar)
                find(&state, from: min(state.position, end - 1), backwards: true)
            case .paste(let text):
                state.text += text.prefix { $0 != "\n" }
                find(&state, from: min(state.position, end - 1), backwards: true)
            case .named(.escape), .scalar("\u{7}"):
                replaceLine(original)
                return .changed
            default: return leaveSearch(with: key, at: state.position)
            }
        }
    }

    private func leaveSearch(with key: Key, at position: Int) -> Reaction {
        if history.entries.indices.contains(position) {
            recall = Recall(prefix: "", original: LineText(""), position: position, shown: history.entries[position])
        }
        switch key {
        case .interrupt: outcome = .interrupted
        case .hangup: outcome = .endOfInput
        default: queue += scalars(for: key)
        }
        return outcome == nil ? .changed : .stop
    }

    private func find(_ state: inout SearchView, from position: Int, backwards: Bool) {
        if state.text.isEmpty {
            state.hasFailed = false
            return
        }
        guard let found = history.containing(state.text, from: position, backwards: backwards) else {
            state.hasFailed = true
            painter.beep()
            return
        }
        state.hasFailed = false
        state.position = found
        let entry = history.entries[found]
        let offset = entry.firstOffset(of: state.text) ?? 0
        let before = String(decoding: Array(entry.utf8.prefix(offset)), as: UTF8.self)
        replaceLine(LineText(entry, cursor: min(before.count, entry.count)))
    }

    private func paintSearch(_ state: SearchView) {
        let label = state.hasFailed ? host.words.searchFails : host.words.search
        painter.paint(
            frame(line) { _, _ in
                [[StyledText(label, state.hasFailed ? .red : .dim), StyledText(state.text + "_", .bold)]]
            })
    }
}
