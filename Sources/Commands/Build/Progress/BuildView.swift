// SPDX-License-Identifier: Apache-2.0
import Engine
import Synchronization
import Terminal

/// Columns and rows of the terminal that a build is shown on.
typealias BuildScreen = Terminal.TerminalSize

/// What is written while a build goes on. Pure: it is told what happens and when, and says what to write.
protocol BuildView: Sendable {
    /// Something has happened.
    mutating func text(for event: BuildEvent, at time: Duration, on screen: BuildScreen) -> String

    /// A moment has passed.
    mutating func tick(at time: Duration, on screen: BuildScreen) -> String

    /// Something that a person should know now.
    mutating func text(forNote note: String, at time: Duration, on screen: BuildScreen) -> String

    /// The build is over, whether it succeeded or not; steps that still ran were cancelled.
    mutating func ending(at time: Duration, on screen: BuildScreen) -> String
}

/// Follows one build: hands its events to a view, wakes the view while nothing happens, and remembers what a step that
/// fails wrote last.
final class BuildProgress: Sendable {
    private struct State {
        /// `nil` shows nothing.
        var view: (any BuildView)?
        var lines = LastLines()
        var watch = SilentRunWatch()
        var isOver = false
    }

    private let state: Mutex<State>
    private let language: Language
    private let output: Output
    private let begin = ContinuousClock.now
    /// Times run on the screen in tenths of a second; twice as often is not seen.
    private static let pause = Duration.milliseconds(100)

    init(_ view: (any BuildView)?, language: Language, output: Output) {
        state = Mutex(State(view: view))
        self.language = language
        self.output = output
    }

    /// Shows an event.
    func observe(_ event: BuildEvent) {
        change { state, time, screen in
            state.watch.note(event, at: time)
            state.lines.note(event)
            return state.view?.text(for: event, at: time, on: screen) ?? ""
        }
    }

    /// Moves what is on the screen until the task is cancelled.
    func keepTicking() async {
        while !Task.isCancelled {
            // Cancelled: the loop ends.
            try? await Task.sleep(for: Self.pause)
            change { state, time, screen in
                var text = state.view?.tick(at: time, on: screen) ?? ""
                for step in state.watch.due(at: time) {
                    let note = Text.runIsSilent(step.label).text(in: self.language)
                    text += state.view?.text(forNote: note, at: time, on: screen) ?? ""
                }
                return text
            }
        }
    }

    /// Takes what moves off the screen; nothing is shown afterwards.
    func finish() {
        change { state, time, screen in
            state.isOver = true
            return state.view?.ending(at: time, on: screen) ?? ""
        }
    }

    /// The failure with what its command wrote last.
    func completing(_ failure: BuildFailure) -> BuildFailure {
        var failure = failure
        if failure.lastLines.isEmpty { failure.lastLines = state.withLock { $0.lines.of(failure.step) } }
        return failure
    }

    private func change(_ body: (inout State, Duration, BuildScreen) -> String) {
        let screen = output.descriptor.flatMap(BuildScreen.current) ?? BuildScreen(columns: 80, rows: 24)
        state.withLock { state in
            guard !state.isOver else { return }
            let text = body(&state, ContinuousClock.now - begin, screen)
            guard !text.isEmpty else { return }
            output.write(text)
            // Somebody watches. Nobody is left to be told that standard error is gone, and the build goes on.
            try? output.flush()
        }
    }
}

extension BuildStep {
    /// `[2/6]`, or `[deps 2/6]` where there are several stages.
    var label: String { "[\(stage.map { "\($0) " } ?? "")\(number)/\(total)]" }

    /// `[2/6] COPY . /app`.
    var title: String { "\(label) \(instruction)" }
}

extension Duration {
    /// `12.3s`, as BuildKit writes the time of a step.
    var tenths: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        let tenths = (max(0, milliseconds) + 50) / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
