// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One line for each part of a long piece of work, a layer for instance, redrawn in place as Docker does.
///
/// Nothing is shown where the output is no terminal, nor before the work has lasted half a second. Parts are kept in the
/// order in which they were first heard of. Safe to call from several tasks.
public final class ProgressBars: Sendable {
    private struct Part {
        var label: String
        var status: String
        var done: Int64
        var total: Int64?
        var isFinished: Bool { total.map { done >= $0 } ?? true }
    }

    private struct State {
        var parts: [Part] = []
        var rowsDrawn = 0
        var lastDrawing: ContinuousClock.Instant?
        var isClosed = false
    }

    private let output: Output
    private let delay: Duration
    private let begin = ContinuousClock.now
    private let state = Mutex(State())
    /// Shortest time between two drawings: faster is not seen, only paid for.
    private static let pause = Duration.milliseconds(80)

    public init(output: Output, delay: Duration = .milliseconds(500)) {
        self.output = output
        self.delay = delay
    }

    /// Says how far a part is.
    ///
    /// - Parameters:
    ///   - label: what the part is called (`5f70bf18a086`); neutralised here.
    ///   - status: Docker's word for the step (`Downloading`, `Pull complete`).
    ///   - done: bytes done so far.
    ///   - total: bytes in all; `nil` shows no bar.
    public func update(_ label: String, _ status: String, done: Int64 = 0, of total: Int64? = nil) {
        guard output.isTerminal else { return }
        state.withLock { state in
            guard !state.isClosed else { return }
            let part = Part(label: label.neutralised, status: status, done: done, total: total)
            if let index = state.parts.firstIndex(where: { $0.label == part.label }) {
                let isNews = state.parts[index].status != status
                state.parts[index] = part
                draw(&state, always: isNews)
            } else {
                state.parts.append(part)
                draw(&state, always: true)
            }
        }
    }

    /// Ends the drawing: the last state of every part stays on the screen if anything was drawn at all.
    public func finish() {
        state.withLock { state in
            guard !state.isClosed, state.rowsDrawn > 0 else { return }
            state.lastDrawing = nil
            draw(&state, always: true)
            state.isClosed = true
        }
    }

    /// Takes the lines off the screen, for work whose result says everything.
    public func clear() {
        state.withLock { state in
            if state.rowsDrawn > 0 { output.write("\u{1B}[\(state.rowsDrawn)A\r\u{1B}[J") }
            state.rowsDrawn = 0
            state.isClosed = true
        }
    }

    private func draw(_ state: inout State, always: Bool) {
        let now = ContinuousClock.now
        guard now - begin >= delay else { return }
        if !always, let last = state.lastDrawing, now - last < Self.pause { return }
        state.lastDrawing = now
        let size = output.descriptor.flatMap(TerminalSize.current) ?? TerminalSize(columns: 80, rows: 24)
        var text = state.rowsDrawn > 0 ? "\u{1B}[\(state.rowsDrawn)A" : ""
        let shown = visible(state.parts, rows: max(1, size.rows - 1))
        for part in shown { text += "\r\u{1B}[K" + line(for: part, columns: size.columns - 1) + "\n" }
        if shown.count < state.rowsDrawn { text += "\u{1B}[J" }
        state.rowsDrawn = shown.count
        output.write(text)
    }

    /// What fits on the screen: finished parts give way first, then the oldest.
    private func visible(_ parts: [Part], rows: Int) -> [Part] {
        var excess = parts.count - rows
        guard excess > 0 else { return parts }
        let kept = parts.filter { part in
            guard excess > 0, part.isFinished else { return true }
            excess -= 1
            return false
        }
        return Array(kept.suffix(rows))
    }

    private func line(for part: Part, columns: Int) -> String {
        let head = (part.label.isEmpty ? "" : part.label + ": ") + part.status
        guard let total = part.total, total > 0, part.done < total else { return head.truncated(to: columns) }
        let figures = " \(humanSize(part.done))/\(humanSize(total))"
        let room = min(50, columns - head.columns - figures.columns - 3)
        guard room >= 5 else { return (head + figures).truncated(to: columns) }
        let filled = Int(Double(max(0, part.done)) / Double(total) * Double(room))
        let arrow = filled == 0 ? ">" : String(repeating: "=", count: filled - 1) + ">"
        return head + " [" + arrow.padded(to: room) + "]" + figures
    }
}

/// Bytes in decimal units with four significant digits, as Docker prints them (`12.34MB`; go-units' HumanSize).
private func humanSize(_ bytes: Int64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var unit = 0
    var scale: Int64 = 1
    while unit < units.count - 1, bytes / scale >= 1000 {
        scale *= 1000
        unit += 1
    }
    let whole = bytes / scale
    let places = whole >= 100 ? 1 : whole >= 10 ? 2 : 3
    var fraction = String((bytes % scale) * 1000 / scale)
    fraction = String((String(repeating: "0", count: 3 - fraction.count) + fraction).prefix(places))
    while fraction.last == "0" { fraction.removeLast() }
    return "\(whole)\(fraction.isEmpty ? "" : "." + fraction)\(units[unit])"
}
