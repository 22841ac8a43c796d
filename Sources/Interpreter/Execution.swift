// SPDX-License-Identifier: Apache-2.0
import Commands
import Glibc
import ShellLanguage
import Terminal

/// Runs a parsed text, or a part of one, with some streams.
struct Execution: Sendable {
    let interpreter: Interpreter
    let source: SourceText
    /// The session with the streams that its commands start with.
    let session: Session
    /// Whether nothing of it reaches the terminal's signals or `$status`: after `&`.
    var isBackground = false
    /// Whether it is inside `$(…)`, which leaves `$status` alone.
    var isSubstitution = false

    init(_ interpreter: Interpreter, _ source: SourceText, _ session: Session) {
        self.interpreter = interpreter
        self.source = source
        self.session = session
    }

    /// How a part ended.
    struct Step {
        var status: Int32
        /// Where it stands in the text.
        var span: SourceSpan
        /// Whether a sentence with the place was printed already.
        var isReported = false
        /// Whether it said `exit`.
        var exits = false
    }

    /// Whether the first failure ends the text.
    private var stopsAtFailure: Bool { !session.isShell || isSubstitution }

    func run(_ program: Program) async -> Interpreter.Outcome {
        var status: Int32 = 0
        for statement in program.statements {
            if statement.isBackground {
                start(statement)
                status = 0
                note(0)
                continue
            }
            let step = await run(statement)
            status = step.status
            if !isBackground, let status = interpreter.interrupter.status { return .init(status: status, exits: false) }
            if isBackground, Task.isCancelled { return .init(status: 143, exits: false) }
            if step.exits { return .init(status: status, exits: true) }
            if status != 0, stopsAtFailure {
                if !step.isReported, !isSubstitution { report(.stopped(source[step.span], status), at: step.span) }
                break
            }
        }
        return .init(status: status, exits: false)
    }

    private func run(_ statement: Statement) async -> Step {
        var step = await run(statement.first)
        for link in statement.rest {
            // An interruption ends the whole line, not only the command that it met.
            if step.exits || (!isBackground && interpreter.interrupter.status != nil) { break }
            if (step.status == 0) == (link.condition == .succeeded) { step = await run(link.pipeline) }
        }
        return step
    }

    private func start(_ statement: Statement) {
        var part = self
        part.isBackground = true
        let job = part
        interpreter.jobs.start { await job.runInBackground(statement) }
    }

    private func runInBackground(_ statement: Statement) async {
        let nothing: OpenFile
        do {
            nothing = try OpenFile("/dev/null", O_RDONLY)
        } catch {
            return report(.hostFailed("/dev/null", error.reason), at: statement.span)
        }
        let streams = Streams(
            input: nothing.descriptor, output: session.output, error: session.error, isForeground: false)
        var part = Execution(interpreter, source, session.redirected(to: streams))
        part.isBackground = true
        let step = await part.run(statement)
        withExtendedLifetime(nothing) {}
        if step.status != 0, !step.isReported, !Task.isCancelled {
            report(.failedInBackground(source[step.span], step.status), at: step.span)
        }
    }

    private func run(_ pipeline: Pipeline) async -> Step {
        var step: Step
        do throws(Problem) {
            if let expectation = pipeline.expectation {
                step = try await check(pipeline, expectation)
            } else {
                step = try await perform(pipeline, Channels(session.streams))
            }
        } catch {
            report(error.sentence, at: error.span)
            step = Step(status: error.status, span: pipeline.span, isReported: true)
        }
        note(step.status)
        return step
    }

    private func note(_ status: Int32) { if !isBackground, !isSubstitution { session.status = status } }

    /// Prints a sentence with its place: with the line and a mark where it can be seen why, that is in a script.
    func report(_ sentence: Text, at span: SourceSpan) {
        let sentence = sentence.text(in: session.language)
        let isPrompt = source.name == nil && session.isShell
        session.error.line(
            isPrompt ? "dsh: \(sentence)" : source.report(sentence, at: span, width: \.columns))
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
    }
}
