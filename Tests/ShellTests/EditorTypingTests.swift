// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Keys on a real pty; the prompt is `dsh ❯ `, six columns.
struct EditorTypingTests {
    private static let family = "👨‍👩‍👧"
    /// 한글, decomposed.
    private static let decomposed = "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"

    @Test(
        arguments: [
            ("12가나56", "12가나56", 8), ("12가나56\u{7F}", "12가나5", 7), ("가나다\u{7F}\u{7F}", "가", 2),
            ("가나다\u{1B}[D\u{7F}", "가다", 2), ("가나다\u{1}x", "x가나다", 1), ("12가나56\u{1}\u{5}", "12가나56", 8),
            ("echo 가나 다라\u{17}", "echo 가나 ", 10), ("가나 다\u{15}", "", 0), ("가나\u{1B}[D\u{B}", "가", 2),
            ("가나\u{1}\u{B}\u{19}\u{19}", "가나가나", 8), ("\(decomposed)", decomposed, 4),
            ("\(decomposed)\u{7F}", "\u{1112}\u{1161}\u{11AB}", 2),
            ("\(decomposed)\u{1B}[D\u{1B}[D\u{4}", "\u{1100}\u{1173}\u{11AF}", 0),
            ("a\(family)b\u{1B}[D\u{7F}", "ab", 1),
            ("\(family)\u{2}x", "x\(family)", 1), ("e\u{301}a\u{7F}\u{7F}", "", 0), ("가나다\u{1B}b\u{1B}d", "", 0),
            ("one two\u{1B}\u{7F}", "one ", 4), ("one\u{1B}OD\u{1B}[3~", "on", 2), ("a b\u{1B}[1;5D-", "a -b", 3),
            ("abc\u{1B}[H1\u{1B}[F2", "1abc2", 5), ("abc\u{1F}", "", 0), ("a\u{1B}[99zb", "ab", 2),
            ("\u{16}\u{1B}", "^[", 2),
        ] as [(String, String, Int)])
    func `a line is typed, moved in and erased by what a person sees`(keys: String, line: String, column: Int)
        async throws
    {
        try await EditorTerminal.running { terminal in
            terminal.type(keys)
            let shown = ("dsh ❯ " + line).trimmingBlanks
            try await terminal.waitForRow(shown, column: 6 + column)
            terminal.type("\r")
            let accepted = line == "^[" ? "\u{1B}" : line
            try await terminal.program.waitForOutput("LINE:\(accepted):")
        }
    }

    @Test
    func `an older line comes back whole, with the cursor at its end, and backspace takes one syllable`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("12가나56\r")
            try await terminal.waitFor("LINE:12가나56:")
            terminal.type("\u{1B}[A")
            try await terminal.waitForRow("dsh ❯ 12가나56", column: 14)
            terminal.type("\u{7F}\u{7F}\u{7F}")
            try await terminal.waitForRow("dsh ❯ 12가", column: 10)
            terminal.type("\u{1}")
            try await terminal.waitForRow("dsh ❯ 12가", column: 6)
            terminal.type("\u{5}\u{17}")
            try await terminal.waitForRow("dsh ❯", column: 6)
        }
    }

    @Test
    func `a wide line in a narrow window breaks between syllables and survives an insertion in its middle`()
        async throws
    {
        try await EditorTerminal.running(rows: 6, columns: 18) { terminal in
            terminal.type("가나다라마바사아자차카타파하")
            try await terminal.wait(for: "three rows") {
                $0.lines.prefix(2) == ["dsh ❯ 가나다라마바", "사아자차카타파하"] && $0.cursorRow == 1 && $0.cursorColumn == 16
            }
            terminal.type("\u{1}x")
            try await terminal.wait(for: "the letter pushes a syllable down") {
                $0.lines.prefix(2) == ["dsh ❯ x가나다라마", "바사아자차카타파하"] && $0.cursorColumn == 7
            }
            // The second row is full now: the cursor at its end stands in a row of its own.
            terminal.type("\u{5}")
            try await terminal.wait(for: "a new row") { $0.cursorRow == 2 && $0.cursorColumn == 0 }
            terminal.type("\r")
            try await terminal.program.waitForOutput("LINE:x가나다라마바사아자차카타파하:")
            #expect(terminal.screen.text.contains("바사아자차카타파하\n\nLINE:"))
        }
    }

    @Test
    func `a line taller than the screen shows the part around the cursor`() async throws {
        try await EditorTerminal.running(rows: 4, columns: 10) { terminal in
            terminal.type(String(repeating: "0123456789", count: 6) + "end")
            try await terminal.waitForRow("456789end", column: 9)
            terminal.type("\u{1}")
            try await terminal.wait(for: "the beginning") { $0.lines[0] == "dsh ❯ 0123" && $0.cursorColumn == 6 }
        }
    }

    @Test(arguments: [(24, 40), (24, 20), (8, 12), (24, 100)])
    func `a resize in the middle of a line paints it anew and leaves nothing behind`(rows: Int, columns: Int)
        async throws
    {
        try await EditorTerminal.running(rows: 24, columns: 60) { terminal in
            terminal.type("first\r")
            try await terminal.waitFor("LINE:first:")
            terminal.type("가나다 라마바 사아자 차카타 파하 가나다 라마바 사아자 차카타 파하 끝")
            try await terminal.waitFor("끝")
            terminal.resize(rows: rows, columns: columns)
            try await terminal.wait(for: "the whole line once") { screen in
                let text = screen.text.filter { !$0.isWhitespace }
                let line = "dsh❯가나다라마바사아자차카타파하가나다라마바사아자차카타파하끝"
                return text.hasSuffix(line) && screen.lines.allSatisfy { $0.count <= columns }
            }
            terminal.type("!\r")
            try await terminal.program.waitForOutput("파하 끝!:")
        }
    }

    @Test
    func `a paste of several lines waits for Enter and carries no keys`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("\u{1B}[200~one\rtwo 가나\r\u{1B}[31mthree\r\u{1B}[201~")
            try await terminal.waitForRow("> [31mthree", column: 11)
            #expect(!terminal.screen.text.contains("LINE"))
            #expect(terminal.screen.lines.prefix(2) == ["dsh ❯ one", "> two 가나"])
            terminal.type("\r")
            try await terminal.waitFor("LINE:one|two 가나|[31mthree:")
        }
    }

    @Test
    func `a paste of 200 kilobytes is one line`() async throws {
        try await EditorTerminal.running(rows: 10) { terminal in
            let rows = (0..<5000).map { "row \($0) of the paste, with 한글 in it" }
            terminal.type("\u{1B}[200~" + rows.joined(separator: "\r") + "\u{1B}[201~")
            try await terminal.waitFor("row 4999 of")
            terminal.type("\r")
            try await terminal.program.waitForOutput("LINE:" + rows.joined(separator: "|") + ":")
        }
    }

    @Test
    func `Enter goes on while a quote is open, and the arrows move between the lines`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("echo 'ab\rcd")
            try await terminal.waitForRow("> cd", column: 4)
            terminal.type("\u{1B}[A")
            try await terminal.waitForRow("dsh ❯ echo 'ab", column: 8)
            terminal.type("\u{1B}[B\u{5}'\r")
            try await terminal.waitFor("LINE:echo 'ab|cd':")
            terminal.type("\u{1B}[A")
            try await terminal.waitForRow("> cd'", column: 5)
        }
    }

    @Test
    func `Ctrl-C drops the line and nothing more, Ctrl-D leaves with status 0`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("some line")
            try await terminal.waitForRow("dsh ❯ some line", column: 15)
            terminal.type("\u{3}")
            try await terminal.waitFor("INTERRUPTED")
            #expect(terminal.screen.lines[0] == "dsh ❯ some line^C")
            terminal.type("ab\u{2}\u{4}\r")
            try await terminal.waitFor("LINE:a:")
            terminal.type("\u{4}")
            let result = try await terminal.program.waitForEnd()
            #expect(result.status == 0)
            #expect(result.text.contains("END"))
        }
    }

    @Test
    func `Ctrl-L clears the screen and keeps the line`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("one\r")
            try await terminal.waitFor("LINE:one:")
            terminal.type("가나\u{C}")
            try await terminal.wait(for: "an empty screen with the line") {
                $0.lines[0] == "dsh ❯ 가나" && $0.lines.dropFirst().allSatisfy(\.isEmpty) && $0.cursorColumn == 10
            }
        }
    }

    @Test
    func `what is typed ahead reaches the command that runs next`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("cat\rtyped ahead\r")
            try await terminal.waitFor("CAT:typed ahead\n:")
            terminal.type("after\r")
            try await terminal.waitFor("LINE:after:")
        }
    }

    @Test
    func `a prompt begins at a row of its own`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("partial\r")
            try await terminal.wait(for: "the mark") { $0.text.contains("no newline⏎\ndsh ❯") && $0.cursorColumn == 6 }
        }
    }

    @Test
    func `where pastes are not marked, a Tab among many bytes is text`() async throws {
        try await EditorTerminal.running(environment: ["TERM": "linux"]) { terminal in
            terminal.type("ins\tpasted\r")
            try await terminal.program.waitForOutput("LINE:ins\tpasted:")
            #expect(!terminal.program.snapshot.text.contains("2004"))
        }
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func `a signal that ends the shell leaves the terminal as it was`(number: Int32) async throws {
        // A shell around it keeps the terminal, and then tells its modes.
        let probe = Program(
            "/bin/sh", ["-c", "\"$0\"; echo status $?; stty -a", DshProgram.builtDirectory + "/editor-probe"],
            environment: ["EDITRC": "/nonexistent"])
        try await PseudoTerminal.running(probe) { terminal in
            try await terminal.waitFor("❯")
            #expect(terminal.modes.c_lflag & tcflag_t(ICANON) == 0)
            let parent = terminal.program.processID
            let line = "kill -\(number) $(cat /proc/\(parent)/task/\(parent)/children)"
            #expect(try await Program("/bin/sh", ["-c", line]).run().status == 0)
            try await terminal.waitFor("status \(128 + number)")
            try await terminal.waitFor(" icanon ")
            try await terminal.waitFor(" echo ")
        }
    }

    @Test
    func `a dumb terminal gets plain lines`() async throws {
        try await EditorTerminal.running(environment: ["TERM": "dumb"]) { terminal in
            terminal.type("가나\n")
            try await terminal.waitFor("LINE:가나:")
            #expect(!terminal.program.snapshot.text.contains("\u{1B}"))
        }
    }
}

extension String {
    /// Without blanks at the end, as the screen gives its rows.
    fileprivate var trimmingBlanks: String { String(reversed().drop { $0 == " " }.reversed()) }
}
