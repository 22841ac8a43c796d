// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
import TestSupport

/// The editor probe on a pty, with a screen that may change its size.
final class EditorTerminal: Sendable {
    let program: RunningProgram
    private struct Size { var offset: Int, rows: Int, columns: Int }
    private let sizes: Mutex<[Size]>

    private init(_ program: RunningProgram, rows: Int, columns: Int) {
        self.program = program
        sizes = Mutex([Size(offset: 0, rows: rows, columns: columns)])
    }

    static func running<Result>(
        _ words: [String] = [], rows: Int = 24, columns: Int = 80, environment: [String: String] = [:],
        startsWith first: String = "❯",
        _ body: (EditorTerminal) async throws -> Result
    ) async throws -> Result {
        // A terminal that says it does not reflow, as the screen of the tests does not.
        let usual = ["TERM": "xterm", "XTERM_VERSION": "XTerm(370)", "EDITRC": "/nonexistent"]
        let probe = Program(
            DshProgram.builtDirectory + "/editor-probe", words, environment: usual.merging(environment) { $1 })
        return try await probe.whileRunning(on: .terminal(rows: rows, columns: columns)) { running in
            let terminal = EditorTerminal(running, rows: rows, columns: columns)
            try await terminal.wait(for: first) { $0.text.contains(first) }
            return try await body(terminal)
        }
    }

    var screen: TerminalScreen { draw(program.snapshot) }

    func type(_ keys: String) { program.send(keys) }

    func resize(rows: Int, columns: Int) {
        sizes.withLock { $0.append(Size(offset: program.snapshot.output.count, rows: rows, columns: columns)) }
        program.resize(rows: rows, columns: columns)
    }

    func wait(for wish: String, until condition: @escaping @Sendable (TerminalScreen) -> Bool) async throws {
        let holds = await program.wait(within: .seconds(20)) { condition(self.draw($0)) }
        guard holds else {
            let screen = screen
            throw ScreenFailure(wish, screen)
        }
    }

    /// Waits until the cursor's row reads `line`, with the cursor in `column`.
    func waitForRow(_ line: String, column: Int) async throws {
        try await wait(for: "\(line) with the cursor in column \(column)") {
            $0.currentLine == line && $0.cursorColumn == column
        }
    }

    func waitFor(_ text: String) async throws { try await wait(for: text) { $0.text.contains(text) } }

    private func draw(_ snapshot: RunningProgram.Snapshot) -> TerminalScreen {
        let sizes = sizes.withLock(\.self)
        var screen = TerminalScreen(rows: sizes[0].rows, columns: sizes[0].columns)
        for (index, size) in sizes.enumerated() {
            if index > 0 { screen.resize(rows: size.rows, columns: size.columns) }
            let end = index + 1 < sizes.count ? sizes[index + 1].offset : snapshot.output.count
            screen.feed(snapshot.output[min(size.offset, end)..<end])
        }
        return screen
    }
}

extension Program {
    /// Whether a program that a test can do without is installed.
    static func exists(_ path: String) -> Bool { access(path, X_OK) == 0 }
}

/// A wish that the screen never granted.
struct ScreenFailure: Error, CustomStringConvertible {
    let description: String

    init(description: String) { self.description = description }

    init(_ wish: String, _ screen: TerminalScreen) {
        description = "never saw \(wish); cursor \(screen.cursorRow),\(screen.cursorColumn); screen:\n\(screen.text)"
    }
}
