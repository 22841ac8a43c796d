// SPDX-License-Identifier: Apache-2.0
internal import CEditLine
internal import Terminal

/// Keys that no terminal sends: libedit gets them for what has no character of its own.
///
/// They are C1 controls, which ``KeyReader`` lets nobody type, so that they fit into libedit's table of 256 keys.
enum PrivateKey {
    private static let firstCode: UInt32 = 0x80

    static func code(_ key: NamedKey) -> Unicode.Scalar {
        let index = NamedKey.allCases.firstIndex(of: key) ?? 0
        return scalar(UInt32(index))
    }

    static var paste: Unicode.Scalar { scalar(UInt32(NamedKey.allCases.count)) }
    /// Sets libedit's mark at the cursor.
    static var mark: Unicode.Scalar { scalar(UInt32(NamedKey.allCases.count + 1)) }
    /// Moves the cursor to the place that a command has left.
    static var jump: Unicode.Scalar { scalar(UInt32(NamedKey.allCases.count + 2)) }
    /// Cuts what is between mark and cursor into libedit's kill buffer.
    static var cut: Unicode.Scalar { scalar(UInt32(NamedKey.allCases.count + 3)) }

    static func contains(_ scalar: Unicode.Scalar) -> Bool { (0x80..<0xA0).contains(scalar.value) }

    /// The key as libedit's `bind` reads it: an octal escape.
    static func spelling(_ scalar: Unicode.Scalar) -> String { "\\" + String(scalar.value, radix: 8) }

    private static func scalar(_ index: UInt32) -> Unicode.Scalar {
        // 32 codes; there are fewer keys than that.
        Unicode.Scalar(firstCode + index) ?? "\u{80}"
    }
}

extension LineEditor {
    /// libedit asks for a key: the line is stable now, so it is painted, and then waited upon.
    ///
    /// - Returns: `nil` when the line ends without a key; `outcome` says how.
    func nextScalar() -> Unicode.Scalar? {
        settleLine()
        while true {
            if !queue.isEmpty { return queue.removeFirst() }
            guard outcome == nil else { return nil }
            let key = nextKey { self.paint() }
            switch key {
            case .interrupt: outcome = .interrupted
            case .hangup: outcome = .endOfInput
            default: queue += scalars(for: key)
            }
        }
    }

    /// The next key, after `repaint` where nothing is waiting; resizes are dealt with on the way.
    func nextKey(_ repaint: () -> Void) -> Key {
        guard let keys else { return .hangup }
        // While keys are waiting already, what they leave is painted, not each step.
        if !keys.hasPending { repaint() }
        while true {
            let key = keys.next()
            guard key == .resized else { return key }
            size = TerminalSize.current(of: keys.descriptor) ?? size
            painter.resized(to: size.columns)
            prompt = host.prompt(size.columns)
            repaint()
        }
    }

    /// How libedit is told of a key.
    func scalars(for key: Key) -> [Unicode.Scalar] {
        switch key {
        case .scalar(let scalar): return [scalar]
        case .named(let named): return [PrivateKey.code(named)]
        case .alt(let scalar): return [editLine.isVi ? PrivateKey.code(.escape) : "\u{1B}", scalar]
        case .sequence(let sequence): return Array(sequence.unicodeScalars)
        case .paste(let text):
            pasted = text
            return [PrivateKey.paste]
        case .interrupt, .resized, .hangup, .position: return []
        }
    }

    /// Repairs what libedit's own commands, which count scalars, may have left: a cursor inside a cluster, or a private
    /// key taken for text. Then the line is remembered for undo.
    private func settleLine() {
        var (scalars, place) = editLine.line
        if scalars.contains(where: PrivateKey.contains) {
            replaceLine(LineText(String(String.UnicodeScalarView(scalars.filter { !PrivateKey.contains($0) }))))
            (scalars, place) = editLine.line
        }
        let line = LineText(scalars: scalars, cursor: place)
        guard line.scalarCount(0..<line.cursor) != place, line.clusters.count > 0 else { return undo.note(line) }
        // Inside: on to the side to which the command was going.
        let isForward = line.cursor > undo.last.cursor
        moveCursor(to: isForward ? line.cursor : max(0, line.cursor - 1))
        undo.note(self.line)
    }

    /// The line as it is now.
    var line: LineText {
        let (scalars, cursor) = editLine.line
        return LineText(scalars: scalars, cursor: cursor)
    }

    /// Moves the cursor to before cluster `place`.
    func moveCursor(to place: Int) { editLine.moveCursor(to: line.scalarCount(0..<place)) }

    /// Removes a range of clusters; the cursor stands there afterwards.
    func remove(_ range: Range<Int>) {
        let line = line
        let count = line.scalarCount(range)
        editLine.moveCursor(to: line.scalarCount(0..<range.upperBound))
        editLine.eraseBackwards(count)
    }

    /// Puts another line in place of this one.
    func replaceLine(_ new: LineText) {
        let old = line
        remove(0..<old.clusters.count)
        editLine.insert(new.text)
        if new.cursor < new.clusters.count { moveCursor(to: new.cursor) }
    }
}

extension LineEditor {
    /// Paints the line as it is.
    func paint() {
        let line = line
        while let (character, kind) = widths.unknown(in: line), let keys {
            painter.probe(character)
            widths.learn(kind, of: character, columns: keys.awaitPosition())
        }
        painter.paint(frame(line))
    }

    /// The frame of a line: prompt, text, what stands after it, and rows below.
    func frame(
        _ line: LineText, ending: [StyledText] = [],
        below: (_ width: Int, _ height: Int) -> [[StyledText]] = { _, _ in [] }
    ) -> Frame {
        var builder = FrameBuilder(width: size.columns, hasColour: output.hasColour, widths: widths)
        builder.append(prompt.spans)
        for (index, cluster) in line.clusters.enumerated() {
            if index == line.cursor { builder.markCursor() }
            builder.append(cluster)
            if cluster == "\n" { builder.append(prompt.continuation) }
        }
        if line.cursor == line.clusters.count { builder.markCursor() }
        builder.append(ending)
        for row in below(size.columns, max(2, size.rows - builder.rowCount)) { builder.appendRow(row) }
        return builder.frame().window(height: size.rows)
    }
}

/// What the line was before, step by step: emacs mode has no undo of its own.
struct UndoStack {
    private var steps: [LineText] = []
    private(set) var last = LineText("")
    private var isUndoing = false

    /// Called with the line before each key.
    mutating func note(_ line: LineText) {
        defer { last = line }
        guard line.clusters != last.clusters, !isUndoing else {
            isUndoing = false
            return
        }
        // Letters typed one after the other are undone a word at a time.
        let isTyping = line.clusters.count == last.clusters.count + 1 && line.clusters.last != " "
        let continues = isTyping && steps.last.map { $0.clusters.count < last.clusters.count } ?? false
        if !continues { steps.append(last) }
    }

    /// The line to go back to.
    mutating func pop() -> LineText? {
        isUndoing = true
        return steps.popLast()
    }
}
