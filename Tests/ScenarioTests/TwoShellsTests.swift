// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// What holds a terminal in the course (an attached run, `logs -f`, `attach`), in one shell, while another shell works.
struct TwoShellsTests {
    private func running(
        _ body: (DshProgram, PseudoTerminal, PseudoTerminal) async throws -> Void
    ) async throws {
        try await DshProgram.scoped { dsh in
            try await PseudoTerminal.running(dsh.program([]), columns: 200) { first in
                try await first.waitFor("❯")
                try await PseudoTerminal.running(dsh.program([]), columns: 200) { second in
                    try await second.waitFor("❯")
                    try await body(dsh, first, second)
                }
            }
        }
    }

    @Test func `23: run -p holds one shell; the other lists it, asks the server and stops it`() async throws {
        let port = try FreePort().number
        try await running { dsh, first, second in
            try dsh.roots.write("a page\n", to: "index.html")
            let server = "'echo listening; exec httpd -f -v -h /srv'"
            first.type("docker run --init -p \(port):80 --name web -v .:/srv:ro starter sh -c \(server)\r")
            try await first.wait(for: "the program's own line") { $0.lines.contains("listening") }
            second.type("docker ps\r")
            try await second.waitFor("0.0.0.0:\(port)->80/tcp")
            second.type("! curl -s --retry 20 --retry-all-errors --retry-delay 1 localhost:\(port)/\r")
            try await second.wait(for: "the page") { $0.lines.contains("a page") && $0.currentLine == "dsh ❯" }
            try await first.waitFor("response:200")
            second.type("docker stop web\r")
            try await second.wait(for: "its name, and a prompt") {
                $0.lines.contains("web") && $0.currentLine == "dsh ❯"
            }
            try await first.wait(for: "the prompt with the program's status") { $0.currentLine == "dsh [143] ❯" }
            second.type("docker ps -a\r")
            try await second.waitFor("Exited (143)")
        }
    }

    @Test func `31: logs -f in one shell, attach in the other, and start -a until the end`() async throws {
        try await running { dsh, first, second in
            let script =
                "echo before; until test -e /go; do sleep 0.1; done; echo after; "
                + "until test -e /end; do sleep 0.1; done; echo over; exit 4"
            first.type("docker run -d --name server starter sh -c '\(script)'\r")
            try await first.wait(for: "a running container") { $0.currentLine == "dsh server● ❯" }
            first.type("docker logs -f server\r")
            try await first.wait(for: "what came before") { $0.lines.contains("before") }
            second.type("docker attach server\r")
            try await second.waitFor("Attached to server, from now on.")
            try await dsh.succeed("exec", "server", "touch", "/go")
            for shell in [first, second] {
                try await shell.wait(for: "what comes from now on") { $0.lines.contains("after") }
            }
            #expect(!second.screen.lines.contains("before"))
            first.type("\u{3}")
            try await first.wait(for: "the prompt, and a container that goes on") {
                $0.currentLine == "dsh server● [130] ❯"
            }
            try await dsh.succeed("exec", "server", "touch", "/end")
            try await second.wait(for: "the end with the program's status") {
                $0.lines.contains("over") && $0.currentLine.hasSuffix("[4] ❯")
            }
            first.type("docker start -a server\r")
            try await first.wait(for: "the same once more, attached") {
                $0.lines.contains("over") && $0.currentLine == "dsh server○ [4] ❯"
            }
        }
    }

    @Test func `30: two shells at one terminal container; ctrl-p ctrl-q leaves it to the other`() async throws {
        try await running { dsh, first, second in
            first.type("docker run -it --name box starter\r")
            try await first.wait(for: "the shell inside") { $0.currentLine == "/ #" }
            second.type("docker attach box\r")
            try await second.wait(for: "the same shell") { $0.currentLine == "/ #" }
            second.type("echo from $((20 + 22))\r")
            for shell in [first, second] {
                try await shell.wait(for: "its answer") { $0.lines.contains("from 42") && $0.currentLine == "/ #" }
            }
            second.type("\u{10}\u{11}")
            try await second.waitFor("Detached: box goes on running.")
            try await second.wait(for: "the prompt") { $0.currentLine == "dsh box● ❯" }
            first.type("exit 3\r")
            try await first.wait(for: "the prompt with the program's status") { $0.currentLine.hasSuffix("[3] ❯") }
            second.type("\r")
            try await second.wait(for: "a stopped container") { $0.currentLine == "dsh box○ ❯" }
        }
    }
}
