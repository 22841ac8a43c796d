// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// How a failure is told: one line a failure, the hint below, and the exit status.
struct FailureReport {
    let session: Session
    /// The command that failed, once it is known.
    var command: CommandDeclaration?
    /// Its words without flags, once they are known.
    var words: [String] = []
    /// What the engine's failures end with.
    var engineFailureStatus: Int32 = 1
    /// 0 until something was reported.
    private(set) var status: Int32 = 0

    init(session: Session) { self.session = session }

    /// Prints the failure on standard error and keeps its status.
    mutating func print(_ error: any Error) async {
        switch error {
        case let error as ExitCode: status = error.rawValue
        case let error as Failures: for one in error.all { await print(one) }
        case is CancellationError: status = 130
        case let error as UsageError: tell(error)
        case let error as EngineError:
            say(Text(verbatim: error.message.caretsByWidth))
            if let cause = error.cause, SessionState.environment("DSH_LOG") == "debug" {
                say(Text(verbatim: "\(cause)"))
            }
            if let text = await hint.text(for: error) { explain(text) }
            status = Self.status(of: error, otherwise: engineFailureStatus)
        case let error as BuildFailure:
            say(Text(verbatim: error.reason))
            let report = BuildFailureReport(failure: error, isForTerminal: session.error.isTerminal)
            for line in report.lines { session.error.line(line) }
            if let cause = report.likelyCause { explain(cause) }
            if error.isKept { explain(.debugOpensStep(session.typed("debug"))) }
            status = engineFailureStatus
        case let error as MissingImage:
            say(.pullingIsNotThereYet)
            for text in await hint.texts(for: error) { explain(text) }
            status = engineFailureStatus
        case let error as OutputError:
            // Who reads no more is not told anything: the status of a program that SIGPIPE ended.
            if error.isBrokenPipe { return status = 141 }
            say(Text(verbatim: "\(error)"))
            status = 1
        default:
            say(Text(verbatim: "\(error)"))
            status = engineFailureStatus
        }
    }

    private var hint: Hint { Hint(session: session, command: command, words: words) }

    private mutating func tell(_ error: UsageError) {
        say(error.sentence)
        if let hint = cutValue(error) ?? error.hint { explain(hint) }
        // `! WORD` belongs to the language of the prompt and of scripts.
        if let word = error.unknownCommand, session.state.kind != .oneCommand, session.hasHostProgram(word) {
            explain(.runsOnHost(word))
        }
        status = error.isTheEngines ? engineFailureStatus : error.status
        guard let command else { return }
        let name = session.typed(command.name)
        if error.pointer == .usage {
            session.error.line("\nUsage:  \(name) \(command.usage)".trimmingTrailingSpaces + "\n")
        }
        if error.pointer != .none { session.error.line(Text.runHelp(name).text(in: session.language)) }
    }

    /// Where a value of `-v` lost what stands behind a blank: `:/TARGET` is found among the words that follow.
    private func cutValue(_ error: UsageError) -> Text? {
        guard let value = error.volume, let end = words.firstIndex(where: { $0.contains(":/") }) else { return nil }
        let whole = ([value] + words[...end]).joined(separator: " ")
        return .blankCutsValue("-v", whole: whole, image: words[0])
    }

    private func say(_ text: Text) {
        let line = text.text(in: session.language)
        session.error.line("dsh: " + (session.error.isTerminal ? Self.safe(line) : line))
    }

    private func explain(_ text: Text) {
        session.error.paragraph(text.text(in: session.language), indentation: 5, .dim)
    }

    /// Names in a sentence may come from anywhere; its own line feeds stay.
    private static func safe(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(\.neutralised).joined(separator: "\n")
    }

    /// Docker's statuses: 126 and 127 for the container's program.
    private static func status(of error: EngineError, otherwise status: Int32) -> Int32 {
        switch error.code {
        case .programNotInvocable: 126
        case .programNotFound: 127
        default: status
        }
    }
}
