// SPDX-License-Identifier: Apache-2.0
public import Glibc

/// A program on a terminal of its own, driven as a person would: keys in, screen out.
public final class PseudoTerminal: Sendable {
    /// The program; its output is every byte that was written to the terminal.
    public let program: RunningProgram
    private let rows: Int, columns: Int

    init(program: RunningProgram, rows: Int, columns: Int) {
        self.program = program
        self.rows = rows
        self.columns = columns
    }

    /// Runs a program on a terminal while `body` drives it; what is left of the program is killed at the end.
    public static func running<Result>(
        _ program: Program, rows: Int = 24, columns: Int = 80, _ body: (PseudoTerminal) async throws -> Result
    ) async throws -> Result {
        var program = program
        program.environment["TERM"] = program.environment["TERM"] ?? "xterm"
        return try await program.whileRunning(on: .terminal(rows: rows, columns: columns)) { running in
            try await body(PseudoTerminal(program: running, rows: rows, columns: columns))
        }
    }

    /// The screen as it is now.
    public var screen: TerminalScreen { Self.draw(program.snapshot, rows: rows, columns: columns) }

    /// Types text and keys; `"\r"` is Enter, `"\t"` Tab, `"\u{3}"` Ctrl-C, `"\u{4}"` Ctrl-D.
    public func type(_ keys: String) { program.send(keys) }

    /// Waits until the screen, with what scrolled off it, shows `text`.
    /// - Throws: `ProgramFailure` with the screen when the deadline passes or the program ends without it.
    public func waitFor(_ text: String, within deadline: Duration = .seconds(30)) async throws {
        try await wait(for: "\"\(text)\" on the screen", within: deadline) { $0.text.contains(text) }
    }

    /// Waits until the screen is as `condition` wants it.
    /// - Throws: `ProgramFailure` with the screen when the deadline passes or the program ends without it.
    public func wait(
        for wish: String, within deadline: Duration = .seconds(30),
        until condition: @escaping @Sendable (TerminalScreen) -> Bool
    ) async throws {
        let (rows, columns) = (rows, columns)
        let holds = await program.wait(within: deadline) { condition(Self.draw($0, rows: rows, columns: columns)) }
        guard holds else {
            let status = program.snapshot.status.map { "it had ended with \($0)" } ?? "it was running"
            throw ProgramFailure(
                description:
                    "\(program.commandLine): never saw \(wish) (\(status)); the screen:\n\(screen.text)\n--- end")
        }
    }

    /// The kernel's modes of the terminal, as tcgetattr(3) gives them: to see that raw mode was left.
    public var modes: termios {
        var modes = termios()
        if let master = program.streams.outputs.first { tcgetattr(master, &modes) }
        return modes
    }

    private static func draw(_ snapshot: RunningProgram.Snapshot, rows: Int, columns: Int) -> TerminalScreen {
        var screen = TerminalScreen(rows: rows, columns: columns)
        screen.feed(snapshot.output)
        return screen
    }
}
