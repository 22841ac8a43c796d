// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// A build as lines, one below the other: each step's own, and below it what its command writes and how it ended.
///
/// Steps that run side by side take turns: a step's line stands again above its part.
struct PlainBuildView: BuildView {
    private let language: Language
    /// Whether what commands write must be kept from commanding a terminal; a file gets it as it is.
    private let isForTerminal: Bool
    /// Whether every step's reason is told, not only the one where the cache ends.
    private let explains: Bool
    /// The steps that have not ended.
    private var running: [(step: BuildStep, begin: Duration, output: StepLines, error: StepLines)] = []
    /// The step that the last line belongs to.
    private var current: Int?

    init(language: Language, isForTerminal: Bool, explains: Bool = false) {
        self.language = language
        self.explains = explains
        self.isForTerminal = isForTerminal
    }

    mutating func text(for event: BuildEvent, at time: Duration, on screen: BuildScreen) -> String {
        switch event {
        case .skipped(let stages):
            guard !stages.isEmpty else { return "" }
            return Text.skipsStages(stages).text(in: language) + "\n"
        case .started(let step):
            running.append((step, time, StepLines(), StepLines()))
            return heading(step)
        case .output(let step, let stream, let bytes):
            return lines(take(bytes, of: step, stream), of: step)
        case .explained(let step, let reason):
            let text = Text.explanation(of: reason, at: step.number, always: explains)
            return text.map { lines([$0.text(in: language)], of: step) } ?? ""
        case .missed: return ""
        case .finished(let step, let fromCache, let size):
            return end(of: step, fromCache ? Self.cached : Self.done(since: begin(of: step), time, size))
        case .failed(let step):
            return end(of: step, "ERROR " + (time - begin(of: step)).tenths)
        }
    }

    func tick(at time: Duration, on screen: BuildScreen) -> String { "" }

    mutating func text(forNote note: String, at time: Duration, on screen: BuildScreen) -> String { note + "\n" }

    mutating func ending(at time: Duration, on screen: BuildScreen) -> String {
        running.map(\.step).map { end(of: $0, "CANCELED") }.joined()
    }

    /// The course's words for a step that was not done again.
    static let cached = "CACHED (Using cache)"

    static func done(since begin: Duration, _ time: Duration, _ size: ByteCount?) -> String {
        "DONE " + (time - begin).tenths + (size.map { ", " + $0.decimalText() } ?? "")
    }

    private func begin(of step: BuildStep) -> Duration { running.first { $0.step.id == step.id }?.begin ?? .zero }

    private mutating func take(_ bytes: [UInt8], of step: BuildStep, _ stream: OutputStream) -> [String] {
        guard let index = running.firstIndex(where: { $0.step.id == step.id }) else { return [] }
        return stream == .error ? running[index].error.take(bytes) : running[index].output.take(bytes)
    }

    private mutating func end(of step: BuildStep, _ word: String) -> String {
        var rest: [String] = []
        if let index = running.firstIndex(where: { $0.step.id == step.id }) {
            rest = running[index].output.rest() + running[index].error.rest()
            running.remove(at: index)
        }
        return lines(rest, of: step) + under(step) + "  \(word)\n"
    }

    private mutating func lines(_ lines: [String], of step: BuildStep) -> String {
        guard !lines.isEmpty else { return "" }
        return under(step) + lines.map { "  " + (isForTerminal ? $0.asRow : $0) + "\n" }.joined()
    }

    /// The step's line, where the last line was another step's.
    private mutating func under(_ step: BuildStep) -> String { current == step.id ? "" : heading(step) }

    private mutating func heading(_ step: BuildStep) -> String {
        current = step.id
        return (isForTerminal ? step.title.asRow : step.title) + "\n"
    }
}
