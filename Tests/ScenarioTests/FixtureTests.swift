// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// The fixtures themselves: a check that sees nothing would make every test pass.
struct FixtureTests {
    @Test func `a program's output, error output and status are kept apart`() async throws {
        let script = "cat; echo out; echo err >&2; exit 7"
        let result = try await Program("/bin/sh", ["-c", script]).run(input: Array("in\n".utf8))
        #expect(result.text == "in\nout\n")
        #expect(result.errorText == "err\n")
        #expect(result.status == 7)
    }

    @Test func `a program that dies of a signal has status 128 + n`() async throws {
        #expect(try await Program("/bin/sh", ["-c", "kill -TERM $$"]).run().status == 143)
    }

    @Test func `more input and output than a pipe holds passes both ways`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let result = try await Program("/bin/cat").run(input: bytes)
        #expect(result.output == bytes)
    }

    @Test func `a program that outlives its deadline is killed and says what it wrote`() async throws {
        let failure = await #expect(throws: ProgramFailure.self) {
            try await Program("/bin/sh", ["-c", "echo here; exec sleep 1000"]).run(within: .milliseconds(300))
        }
        #expect(failure?.description.contains("here") == true)
    }

    @Test func `output held open by a grandchild is told from a program that runs`() async throws {
        let failure = await #expect(throws: ProgramFailure.self) {
            try await Program("/bin/sh", ["-c", "sleep 2 & exit 0"]).run(within: .milliseconds(500))
        }
        #expect(failure?.description.contains("held open") == true)
    }

    @Test func `a program on a terminal sees its size, echoes keys and gets its signals`() async throws {
        let program = Program(
            "/bin/sh", ["-c", "stty size; trap 'echo caught' INT; read word; echo got=$word; read word"])
        try await PseudoTerminal.running(program, rows: 31, columns: 91) { terminal in
            try await terminal.waitFor("31 91")
            terminal.type("안녕\r")
            try await terminal.waitFor("got=안녕")
            terminal.type("\u{3}")
            try await terminal.waitFor("caught")
        }
    }

    @Test func `a directory's mounts and processes are found and cleaned away`() async throws {
        let failure = await #expect(throws: TemporaryEngineRoots.Leak.self) {
            try await TemporaryEngineRoots.scoped(patience: .zero) { roots in
                #expect(mount("none", roots.run, "tmpfs", 0, nil) == 0)
                let sleeper = Program("/bin/sh", ["-c", "sleep 1000 & echo up"], directory: roots.files)
                try await sleeper.whileRunning { try await $0.waitForOutput("up") }
                _ = try Program("/bin/sleep", ["1000"], directory: roots.files).start(on: .pipes)
                #expect(roots.leaks.mounts == [roots.run])
            }
        }
        #expect(failure?.findings.contains { $0.hasPrefix("mount ") } == true)
        #expect(failure?.findings.contains { $0.hasPrefix("process ") } == true)
    }

    @Test func `an engine's bridge and table are taken away with its root, and a port left on the bridge is a leak`()
        async throws
    {
        func ip(_ words: String) async throws {
            try await Program("/usr/sbin/ip", words.split(separator: " ").map(String.init)).succeed()
        }
        var check = LeakCheck(directory: "/nonexistent")
        let failure = await #expect(throws: TemporaryEngineRoots.Leak.self) {
            try await TemporaryEngineRoots.scoped(patience: .zero) { roots in
                check = roots.leaks
                try await ip("link add dsh-\(roots.tag) type bridge")
                #expect(roots.leaks.findings.isEmpty)
                try await ip("link add left0 type veth peer left1")
                try await ip("link set left0 master dsh-\(roots.tag)")
            }
        }
        #expect(failure?.findings == ["interface left0"])
        #expect(check.findings.isEmpty)
        await #expect(throws: ProgramFailure.self) { try await ip("link show dsh-\(check.tag ?? "")") }
    }
}

/// The screen model is the judge of every terminal test.
struct TerminalScreenTests {
    @Test(
        arguments: [
            ("abc\r\ndef", ["abc", "def", ""], 1, 3),
            ("abcdefgh\u{8}\u{8}\u{1b}[K", ["abcdef", "", ""], 0, 6),
            ("한글 x\r\u{1b}[2C새", ["한새 x", "", ""], 0, 4),
            ("한글\r\u{1b}[Cx", [" x글", "", ""], 0, 2),
            ("123456789한", ["123456789", "한", ""], 1, 2),
            ("0123456789", ["0123456789", "", ""], 0, 9),
            ("0123456789a", ["0123456789", "a", ""], 1, 1),
            ("a\r\nb\r\nc\r\nd", ["b", "c", "d"], 2, 1),
            ("abc\u{1b}[2;3Hx\u{1b}[1;1H\u{1b}[J", ["", "", ""], 0, 0),
            ("\u{1b}[1;31mred\u{1b}[0m\u{1b}]0;title\u{7}!\u{1b}[?25l", ["red!", "", ""], 0, 4),
            ("e\u{301}x", ["e\u{301}x", "", ""], 0, 2),
        ] as [(String, [String], Int, Int)])
    func `what is written is where a terminal shows it`(text: String, lines: [String], row: Int, column: Int) {
        var screen = TerminalScreen(rows: 3, columns: 10)
        screen.feed(Array(text.utf8))
        #expect(screen.lines == lines)
        #expect(screen.cursorRow == row && screen.cursorColumn == column)
    }

    @Test func `rows that scroll off stay in the text`() {
        var screen = TerminalScreen(rows: 2, columns: 10)
        screen.feed(Array("one\r\ntwo\r\nthree".utf8))
        #expect(screen.text == "one\ntwo\nthree")
    }
}
