// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// A build on a terminal: a line for each step that has ended, and below them, drawn again and again, the steps that run
/// with their time and the last lines of their command.
///
/// What has ended is written once and scrolls away like any text; only what runs is drawn over. Nothing is drawn for a
/// step before the first tick, so that steps out of the cache do not flicker.
struct LiveBuildView: BuildView {
    private struct Running {
        let step: BuildStep
        let begin: Duration
        var output = StepLines()
        var error = StepLines()
        /// The last lines, as rows.
        var tail: [String] = []
        /// Why the step is done again, or not.
        var miss: String?
    }

    /// A line of the screen and its look.
    private struct Row {
        let text: String
        var style = Style.plain
    }

    private let language: Language
    private let hasColour: Bool
    /// Whether every step's reason is told, not only the one where the cache ends.
    private let explains: Bool
    private var running: [Running] = []
    /// The columns of each row that is drawn and will be drawn over.
    private var drawn: [Int] = []
    /// Lines of a command that are shown.
    private static let tailLength = 5

    init(language: Language, hasColour: Bool, explains: Bool = false) {
        self.language = language
        self.explains = explains
        self.hasColour = hasColour
    }

    mutating func text(for event: BuildEvent, at time: Duration, on screen: BuildScreen) -> String {
        switch event {
        case .skipped(let stages):
            guard !stages.isEmpty else { return "" }
            let rows = Self.paragraph(Text.skipsStages(stages).text(in: language), screen)
            return redraw(below: rows, at: time, screen)
        case .started(let step): running.append(Running(step: step, begin: time))
        case .output(let step, let stream, let bytes): take(bytes, of: step, stream)
        case .explained(let step, let reason):
            guard let index = index(of: step) else { break }
            running[index].miss = Text.explanation(of: reason, at: step.number, always: explains)?.text(in: language)
        case .missed: break
        case .finished(let step, let fromCache, let size):
            let run = remove(step, at: time)
            let figures = (size.map { $0.decimalText() + "  " } ?? "") + (time - run.begin).tenths
            let row = Row(
                text: Self.fit(step, fromCache ? PlainBuildView.cached : figures, screen),
                style: fromCache ? .cyan : .plain)
            return redraw(below: [row] + Self.missRows(run, screen), at: time, screen)
        case .failed(let step):
            let word = "ERROR  " + (time - remove(step, at: time).begin).tenths
            return redraw(below: [Row(text: Self.fit(step, word, screen), style: .red)], at: time, screen)
        }
        return ""
    }

    mutating func tick(at time: Duration, on screen: BuildScreen) -> String {
        running.isEmpty && drawn.isEmpty ? "" : redraw(at: time, screen)
    }

    mutating func text(forNote note: String, at time: Duration, on screen: BuildScreen) -> String {
        redraw(below: Self.paragraph(note, screen, .yellow), at: time, screen)
    }

    mutating func ending(at time: Duration, on screen: BuildScreen) -> String {
        let rows = running.map { run in
            Row(text: Self.fit(run.step, "CANCELED  " + (time - run.begin).tenths, screen), style: .yellow)
        }
        running = []
        return rows.isEmpty && drawn.isEmpty ? "" : redraw(below: rows, at: time, screen)
    }
}

// MARK: What runs

extension LiveBuildView {
    private func index(of step: BuildStep) -> Int? { running.firstIndex { $0.step.id == step.id } }

    private mutating func remove(_ step: BuildStep, at time: Duration) -> Running {
        index(of: step).map { running.remove(at: $0) } ?? Running(step: step, begin: time)
    }

    private mutating func take(_ bytes: [UInt8], of step: BuildStep, _ stream: OutputStream) {
        guard let index = index(of: step) else { return }
        let lines = stream == .error ? running[index].error.take(bytes) : running[index].output.take(bytes)
        running[index].tail += lines.suffix(Self.tailLength).map(\.asRow)
        running[index].tail = running[index].tail.suffix(Self.tailLength)
    }
}

// MARK: Drawing

extension LiveBuildView {
    /// Takes off the screen what runs, writes rows that stay, and draws what runs below them.
    private mutating func redraw(
        below rows: [Row] = [], at time: Duration, _ screen: BuildScreen
    ) -> String {
        let live = liveRows(at: time, screen)
        let text = erasure(screen) + (rows + live).map { styled($0) + "\n" }.joined()
        drawn = live.map(\.text.columns)
        return text
    }

    /// Goes up to the first row that is drawn over. A terminal that became narrower has broken rows in two meanwhile.
    private func erasure(_ screen: BuildScreen) -> String {
        guard !drawn.isEmpty else { return "" }
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + screen.columns - 1) / max(1, screen.columns)) }
        return "\u{1B}[\(rows)A\r\u{1B}[J"
    }

    private func styled(_ row: Row) -> String {
        hasColour && !row.text.isEmpty ? row.style.applied(to: row.text) : row.text
    }

    /// The steps that run, as many as there is room for, each with as much of its output as the others leave.
    private func liveRows(at time: Duration, _ screen: BuildScreen) -> [Row] {
        let room = max(1, screen.rows - 1)
        let shown = running.suffix(room)
        let spare = shown.isEmpty ? 0 : (room - shown.count) / shown.count
        return shown.flatMap { run in
            let heading = Row(text: Self.fit(run.step, (time - run.begin).tenths, screen))
            let last = [run.output.unfinished, run.error.unfinished].compactMap { $0?.asRow }
            let tail = (run.tail + last.filter { !$0.isEmpty }).suffix(Self.tailLength).map { line in
                Row(text: ("    " + line).truncated(to: screen.columns - 1), style: .dim)
            }
            return [heading] + (Self.missRows(run, screen) + tail).suffix(spare)
        }
    }

    /// Why a step is done again is what a person builds for: it is never cut.
    private static func missRows(_ run: Running, _ screen: BuildScreen) -> [Row] {
        let rows = run.miss?.asRow.wrapped(to: max(2, screen.columns - 5)) ?? []
        return rows.map { Row(text: "    " + $0, style: .dim) }
    }

    /// A step's line in one row: the step on the left, cut where it is too long, how it is on the right.
    private static func fit(_ step: BuildStep, _ right: String, _ screen: BuildScreen) -> String {
        // The last column stays free: some terminals begin a new row as soon as it is taken.
        let width = max(1, screen.columns - 1)
        // Where there is little room, the word that says it all is enough.
        let right = width < 60 ? String(right.prefix { $0 != "(" }).trimmingTrailingSpaces : right
        let room = width - right.columns - 1
        let left = " => " + step.title.asRow
        guard room >= 12 else { return left.truncated(to: width) }
        return left.truncated(to: room).padded(to: room) + " " + right
    }

    private static func paragraph(_ text: String, _ screen: BuildScreen, _ style: Style = .dim) -> [Row] {
        text.neutralised.wrapped(to: max(20, screen.columns - 1)).map { Row(text: $0, style: style) }
    }
}
