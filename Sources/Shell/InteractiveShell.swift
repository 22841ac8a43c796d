// SPDX-License-Identifier: Apache-2.0
public import Commands
internal import Glibc
internal import Interpreter
internal import Terminal

/// The interactive shell: `dsh` without arguments, on a terminal.
public enum InteractiveShell {
    /// Reads lines and runs them until `exit`, Ctrl-D or the end of the terminal.
    ///
    /// - Parameter session: one of kind `.shell` on the process's own streams, both of which are terminals.
    /// - Returns: the exit status: 0 after Ctrl-D, what `exit` says after `exit`, 1 where there is no engine or no terminal.
    public static func run(_ session: Session) async -> Int32 {
        do {
            // Said once and now, not by every command.
            _ = try session.engine
            return try await ShellLoop(session).run()
        } catch {
            return await CommandRunner.report(error, in: session)
        }
    }
}

/// One shell. It blocks while a line is typed, so it has a thread of its own.
actor ShellLoop {
    private let executor = OwnThreadExecutor(label: "dsh.shell")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let session: Session
    private let interpreter: Interpreter
    private var prompt = ShellPrompt()

    init(_ session: Session) {
        self.session = session
        interpreter = Interpreter(session: session)
    }

    func run() async throws -> Int32 {
        // Outside of commands, which have watches of their own, these keys mean nothing: they must not end the shell.
        let signals = try SignalWatch([SIGINT, SIGQUIT])
        let editor = try LineEditor(host: host())
        greet(editor)
        var status: Int32 = 0
        reading: while true {
            await LeftRunning(session).report()
            prompt = await ShellPrompt(of: session)
            try session.output.flush()
            switch try editor.readLine() {
            case .interrupted: continue
            case .endOfInput: break reading
            case .line(let line):
                let outcome = await interpreter.run(line: Self.command(of: line))
                if let failure = editor.historyFailure { report(failure) }
                guard outcome.exits else { continue }
                status = outcome.status
                break reading
            }
        }
        await interpreter.end()
        withExtendedLifetime(signals) {}
        return status
    }

    /// `quit` is `exit`, for those who come from other prompts.
    private static func command(of line: String) -> String {
        line.split(whereSeparator: \.isWhitespace) == ["quit"] ? "exit 0" : line
    }

    private func host() -> EditorHost {
        let language = session.language
        let completion = ShellCompletion(session: session)
        let words = EditorWords(
            page: { Text.page($0, $1, $2).text(in: language) }, search: Text.historySearch.text(in: language),
            searchFails: Text.historySearchFails.text(in: language))
        return EditorHost(
            prompt: { columns in self.assumeIsolated { $0.prompt }.prompt(columns: columns) },
            complete: { line, cursor in
                BlockingAnswer.wait(orElse: .none) { await completion.completion(of: line, at: cursor) }
            },
            isIncomplete: UnfinishedLine.isUnfinished, shouldRemember: Secrets.mayBeRemembered, words: words)
    }

    private func greet(_ editor: LineEditor) {
        if editor.isFirstStart {
            for line in Text.greeting { session.notice(line) }
        }
        for place in editor.settingsComplaints { session.notice(.settingsLineIsBad(place)) }
    }

    private var hasReportedHistory = false

    private func report(_ failure: EditorError) {
        if !hasReportedHistory { session.notice(.historyIsNotKept("\(failure)")) }
        hasReportedHistory = true
    }
}
