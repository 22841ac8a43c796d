// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// Tab.
extension LineEditor {
    /// Inserts what is certain; offers the rest in a menu.
    func complete(forwards: Bool) -> Reaction {
        if tabMayBePasted, keys?.hasPending == true { return insertText("\t") }
        let line = line
        let before = line.beforeCursor
        let completion = host.complete(line.text, before.utf8.count)
        guard !completion.candidates.isEmpty, completion.start <= before.utf8.count else {
            painter.beep()
            return .changed
        }
        let typed = String(decoding: Array(before.utf8.dropFirst(completion.start)), as: UTF8.self)
        if completion.candidates.count == 1 {
            put(completion.candidates[0], inPlaceOf: typed.count)
            return .changed
        }
        let common = completion.commonPrefix
        // What was typed may be a differently written form of the same word, with quotes for instance.
        let word = common.count > typed.count ? common : typed
        if word != typed { replaceWord(typed.count, with: word) }
        return offer(completion.candidates, inPlaceOf: word, forwards: forwards)
    }

    private func replaceWord(_ count: Int, with text: String) {
        let cursor = line.cursor
        remove(max(0, cursor - count)..<cursor)
        editLine.insert(text)
    }

    private func put(_ candidate: Completion.Candidate, inPlaceOf count: Int) {
        replaceWord(count, with: candidate.replacement)
        let line = line
        let following = line.cursor < line.clusters.count ? String(line.clusters[line.cursor]) : ""
        if !candidate.suffix.isEmpty, following == candidate.suffix {
            moveCursor(to: line.cursor + 1)
        } else {
            editLine.insert(candidate.suffix)
        }
    }

    /// Shows the menu until a key closes it; the line shows the choice meanwhile.
    private func offer(_ candidates: [Completion.Candidate], inPlaceOf word: String, forwards: Bool) -> Reaction {
        var menu = Menu(candidates)
        if !forwards { menu.move(.previous, width: size.columns, pageRows: 1) }
        var count = word.count
        while true {
            if let candidate = menu.chosenCandidate {
                replaceWord(count, with: candidate.replacement)
                count = candidate.replacement.count
            }
            let shown = menu
            let key = nextKey { self.paint(shown) }
            if let step = Self.step(for: key, hasChosen: menu.chosen != nil) {
                menu.move(step, width: size.columns, pageRows: pageRows)
                continue
            }
            switch key {
            case .named(.escape), .scalar("\u{7}"):
                replaceWord(count, with: word)
            case .scalar("\n"), .scalar("\r"):
                if let candidate = menu.chosenCandidate {
                    put(candidate, inPlaceOf: count)
                } else {
                    queue += scalars(for: key)
                }
            case .interrupt: outcome = .interrupted
            case .hangup: outcome = .endOfInput
            default: queue += scalars(for: key)
            }
            return outcome == nil ? .changed : .stop
        }
    }

    /// Which way a key moves in the menu. Left and right move in the line as long as nothing has been chosen.
    private static func step(for key: Key, hasChosen: Bool) -> Menu.Step? {
        switch key {
        case .scalar("\t"): .next
        case .named(.backTab): .previous
        case .named(.down), .scalar("\u{E}"): .down
        case .named(.up), .scalar("\u{10}"): .up
        case .named(.pageDown): .pageDown
        case .named(.pageUp): .pageUp
        case .named(.left) where hasChosen: .left
        case .named(.right) where hasChosen: .right
        default: nil
        }
    }

    private var pageRows: Int { max(1, size.rows / 2) }

    private func paint(_ menu: Menu) {
        let frame = frame(line) { width, height in
            let (rows, page) = menu.rows(width: width, height: height)
            guard let page else { return rows }
            let text = host.words.page(page.lowerBound + 1, page.upperBound, menu.grid(width: width).rows)
            return rows + [[StyledText(text, .dim)]]
        }
        painter.paint(frame)
    }
}
