// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// The whole shell on a pty, with an engine that has a few containers and images: web runs, database and 웹서버 have ended.
struct ShellTests {
    private func running(
        rows: Int = 24, columns: Int = 80, _ environment: [String: String] = [:],
        _ body: (EditorTerminal) async throws -> Void
    ) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let own = ["XDG_STATE_HOME": roots.files]
            try await EditorTerminal.running(
                ["shell"], rows: rows, columns: columns, environment: own.merging(environment) { $1 }, body)
        }
    }

    @Test
    func `the prompt tells image, container, whether it runs, and the last status when it is not 0`() async throws {
        try await running { terminal in
            terminal.type("use web\r")
            try await terminal.waitForRow("dsh web● ❯", column: 11)
            terminal.type("use node\r")
            try await terminal.waitForRow("dsh node web● ❯", column: 16)
            terminal.type("docker use database\r")
            try await terminal.waitForRow("dsh node database○ ❯", column: 21)
            terminal.type("! false\r")
            try await terminal.waitForRow("dsh node database○ [1] ❯", column: 25)
            terminal.type("! true\r")
            try await terminal.waitForRow("dsh node database○ ❯", column: 21)
            terminal.type("use 웹서버\r")
            try await terminal.waitForRow("dsh node 웹서버○ ❯", column: 19)
        }
    }

    @Test
    func `a window of eighteen columns leaves room to type`() async throws {
        try await running(columns: 18) { terminal in
            terminal.type("use database\r")
            try await terminal.waitForRow("dsh da…○ ❯", column: 11)
        }
    }

    @Test(arguments: [
        ("\u{4}", 0), ("exit\r", 0), ("exit 3\r", 3), ("quit\r", 0), ("! false\rexit\r", 1), ("nonsense\r\u{4}", 0),
    ])
    func `the shell is left with the right status`(keys: String, status: Int32) async throws {
        try await running { terminal in
            terminal.type(keys)
            let result = try await terminal.program.waitForEnd()
            #expect(result.status == status)
        }
    }

    @Test
    func `Ctrl-C clears the line, ends a program of the host, and never the shell`() async throws {
        try await running { terminal in
            terminal.type("some line")
            try await terminal.waitForRow("dsh ❯ some line", column: 15)
            terminal.type("\u{3}")
            try await terminal.wait(for: "a fresh prompt") {
                $0.lines.contains("dsh ❯ some line^C") && $0.currentLine == "dsh ❯"
            }
            terminal.type("! sh -c 'echo begins; sleep 60'\r")
            try await terminal.wait(for: "the program") { $0.lines.contains("begins") }
            terminal.type("\u{3}")
            try await terminal.waitForRow("dsh [130] ❯", column: 12)
            terminal.type("! true\r")
            try await terminal.waitForRow("dsh ❯", column: 6)
        }
    }

    @Test
    func `what is typed ahead reaches the program that runs next`() async throws {
        try await running { terminal in
            terminal.type("! sh -c 'read line; echo \"got $line\"'\rtyped ahead\r")
            try await terminal.wait(for: "the line") {
                $0.lines.contains("got typed ahead") && $0.currentLine == "dsh ❯"
            }
        }
    }

    @Test
    func `a terminal that a program left raw is as before at the next prompt and the next program`() async throws {
        try await running { terminal in
            terminal.type("! stty raw -echo\r")
            try await terminal.wait(for: "a prompt") {
                $0.scrolledOff.count + $0.lines.filter { $0.hasPrefix("dsh ❯") }.count >= 2
            }
            terminal.type("! stty -a\r")
            try await terminal.wait(for: "cooked modes") { $0.text.contains(" icanon ") && $0.text.contains(" echo ") }
        }
    }

    @Test
    func `quotes, variables and several lines reach the language`() async throws {
        try await running { terminal in
            terminal.type("! printf '%s|' one\\\r'two\rthree'\r")
            try await terminal.waitFor("onetwo\nthree|⏎")
            terminal.type("use web\r! echo \"<$container>\"\r")
            try await terminal.waitFor("<web>")
        }
    }

    @Test(arguments: [
        ("C.UTF-8", "runs containers by itself", "unknown command"), ("ko_KR.UTF-8", "스스로 실행합니다", "명령은 없습니다"),
    ])
    func `a first start greets in the reader's language, and only the first`(
        locale: String, greeting: String, refusal: String
    ) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let environment = ["XDG_STATE_HOME": roots.files, "LANG": locale]
            try await EditorTerminal.running(["shell"], environment: environment) { terminal in
                try await terminal.waitFor(greeting)
                #expect(terminal.screen.lines.firstIndex { $0.hasPrefix("dsh ❯") } ?? 9 <= 3)
                terminal.type("가나다\r")
                try await terminal.waitFor(refusal)
                // Ctrl-D typed between two prompts is the terminal's own, which drops it with its line modes.
                try await terminal.waitFor("[1] ❯")
                terminal.type("\u{4}")
                _ = try await terminal.program.waitForEnd()
            }
            try await EditorTerminal.running(["shell"], environment: environment) { terminal in
                try await terminal.waitForRow("dsh ❯", column: 6)
                #expect(!terminal.screen.text.contains(greeting))
                terminal.type("\u{1B}[A")
                try await terminal.waitForRow("dsh ❯ 가나다", column: 12)
            }
        }
    }

    @Test
    func `a container that a killed dsh left running is mentioned at the next prompt, once`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let marks = roots.files + "/dsh/attached"
            try #require(mkdir(roots.files + "/dsh", 0o700) == 0 && mkdir(marks, 0o700) == 0)
            // The marks of web, of one that has ended, and of one that no engine has.
            let ids = ["0a1b", "0a2c", "ffff"].map { $0 + String(repeating: "0", count: 60) }
            for id in ids { close(open(marks + "/" + id, O_CREAT | O_WRONLY, 0o600)) }
            try await EditorTerminal.running(["shell"], environment: ["XDG_STATE_HOME": roots.files]) { terminal in
                try await terminal.waitFor("web goes on running")
                terminal.type("pwd\r")
                try await terminal.wait(for: "the second prompt") {
                    $0.lines.filter { $0.hasPrefix("dsh ❯") }.count == 2
                }
                #expect(terminal.screen.text.components(of: "goes on running") == 1)
            }
            for id in ids { #expect(access(marks + "/" + id, F_OK) != 0) }
        }
    }

    @Test
    func `a line with a password is not kept`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let environment = ["XDG_STATE_HOME": roots.files]
            try await EditorTerminal.running(["shell"], environment: environment) { terminal in
                terminal.type("login -u me --password geheim\r use web\rpwd\r")
                try await terminal.wait(for: "the directory") { $0.lines.contains { $0.hasPrefix("/") } }
                terminal.type("\u{1B}[A\u{1B}[A\u{1B}[A")
                try await terminal.waitForRow("dsh web● ❯ pwd", column: 14)
            }
        }
    }
}
