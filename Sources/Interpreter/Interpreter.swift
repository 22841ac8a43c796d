// SPDX-License-Identifier: Apache-2.0
public import Commands
import Glibc
public import ShellLanguage
import Terminal

/// Runs text of the `.dsh` language in a session: the lines of a prompt one after another, or a whole script.
///
/// One interpreter lives as long as its prompt or script; what runs in the background belongs to it.
public struct Interpreter: Sendable {
    /// How a text ended.
    public struct Outcome: Hashable, Sendable {
        /// The status of the last command, or of the one that stopped a script; 2 for text that cannot be read, 130 after
        /// Ctrl-C.
        public let status: Int32
        /// Whether the text said `exit`.
        public let exits: Bool
    }

    /// The session whose state and streams are used.
    public let session: Session
    /// What `$0` gives.
    let name: String
    /// What `$1`, `$@` and `$#` give.
    let arguments: [String]
    let jobs = BackgroundJobs()
    let interrupter = Interrupter()

    /// Begins with nothing in the background.
    ///
    /// - Parameters:
    ///   - session: where `kind` is `.shell`, a failure stops nothing; otherwise the first one ends a text.
    ///   - name: `$0`.
    ///   - arguments: `$1` and so on.
    public init(session: Session, name: String = "dsh", arguments: [String] = []) {
        self.session = session
        self.name = name
        self.arguments = arguments
    }

    /// Reads a text whole and runs it; mistakes in it are reported before anything runs.
    ///
    /// While it runs, SIGINT (in scripts SIGTERM and SIGHUP too) ends what runs instead of this process. `session.status` is
    /// set after each command.
    public func run(_ source: SourceText) async -> Outcome {
        let program: Program
        do {
            program = try Program(parsing: source)
        } catch {
            return refused(error, in: source)
        }
        let signals = session.isShell ? [SIGINT] : [SIGINT, SIGTERM, SIGHUP]
        let outcome = await interrupter.listening(to: signals) {
            await Execution(self, source, session).run(program)
        }
        session.status = outcome.status
        return outcome
    }

    /// Runs a line of the prompt.
    public func run(line: String) async -> Outcome { await run(SourceText(line)) }

    /// Ends what still runs in the background and waits for it: to be called once, at the end.
    public func end() async { await jobs.end() }

    func refused(_ error: SyntaxError, in source: SourceText) -> Outcome {
        let sentence = error.reason.sentence.text(in: session.language)
        session.error.line(error.report(in: source, sentence: sentence, width: \.columns))
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
        session.status = 2
        return Outcome(status: 2, exits: false)
    }
}
