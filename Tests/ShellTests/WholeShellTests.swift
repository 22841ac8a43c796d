// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// The real program on a pty, with a real engine below it.
struct WholeShellTests {
    private func running(_ body: (DshProgram, PseudoTerminal) async throws -> Void) async throws {
        try await DshProgram.scoped { dsh in
            try await PseudoTerminal.running(dsh.program([])) { terminal in
                try await terminal.waitFor("❯")
                try await body(dsh, terminal)
            }
        }
    }

    @Test
    func `the prompt follows a container through its life, and commands take the current one`() async throws {
        try await running { _, terminal in
            terminal.type("docker run -d --name web starter sleep 600\r")
            try await terminal.wait(for: "a running container") { $0.currentLine == "dsh web● ❯" }
            terminal.type("stop -t 0\r")
            try await terminal.wait(for: "a stopped one") { $0.currentLine == "dsh web○ ❯" }
            terminal.type("start\r")
            try await terminal.wait(for: "a running one") { $0.currentLine == "dsh web● ❯" }
            terminal.type("@ sh -c 'echo inside; exit 7'\r")
            try await terminal.wait(for: "the program's status") {
                $0.currentLine == "dsh web● [7] ❯" && $0.lines.contains("inside")
            }
            terminal.type("rm -f web\r")
            try await terminal.wait(for: "no container") { $0.currentLine == "dsh ❯" }
        }
    }

    @Test
    func `Tab offers only what the command can act on`() async throws {
        try await running { _, terminal in
            terminal.type("run -d --name ended starter true\r")
            try await terminal.wait(for: "a prompt") { $0.currentLine.hasPrefix("dsh ended") }
            terminal.type("run -d --name running starter sleep 600\r")
            try await terminal.wait(for: "a prompt") { $0.currentLine.hasPrefix("dsh running●") }
            terminal.type("stop \t")
            try await terminal.wait(for: "the running one") { $0.currentLine == "dsh running● ❯ stop running" }
            terminal.type("\u{15}start \t")
            try await terminal.wait(for: "the ended one") { $0.currentLine == "dsh running● ❯ start ended" }
            terminal.type("\u{15}run --rm sta\t")
            try await terminal.wait(for: "the image") { $0.currentLine == "dsh running● ❯ run --rm starter" }
        }
    }

    @Test
    func `Tab finds paths inside a container, running or stopped`() async throws {
        try await running { _, terminal in
            terminal.type("run -d --name web starter sleep 600\r")
            try await terminal.wait(for: "a running container") { $0.currentLine == "dsh web● ❯" }
            terminal.type("@ sh -c 'mkdir -p /srv/app; echo 1 > /srv/app/server.js; ln -s /srv/app /app; echo made'\r")
            try await terminal.wait(for: "the prompt") { $0.lines.contains("made") && $0.currentLine == "dsh web● ❯" }
            terminal.type("cp web:/srv/\t")
            try await terminal.wait(for: "the directory") { $0.currentLine == "dsh web● ❯ cp web:/srv/app/" }
            terminal.type("s\t")
            try await terminal.wait(for: "the file") { $0.currentLine == "dsh web● ❯ cp web:/srv/app/server.js" }
            terminal.type("\u{15}@ cat /app/\t")
            try await terminal.wait(for: "a way by a link") { $0.currentLine == "dsh web● ❯ @ cat /app/server.js" }
            terminal.type("\u{15}stop -t 0\r")
            try await terminal.wait(for: "a stopped one") { $0.currentLine == "dsh web○ ❯" }
            terminal.type("cp :/app/s\t")
            try await terminal.wait(for: "the file of the current one") {
                $0.currentLine == "dsh web○ ❯ cp :/app/server.js"
            }
            terminal.type("\u{15}cp web:/etc/\t")
            try await terminal.wait(for: "a menu with a word about each") { screen in
                screen.lines.contains { $0.contains("passwd") } && screen.text.contains("file")
            }
            terminal.type("\u{3}")
        }
    }

    @Test
    func `a terminal container takes the keys and gives the terminal back`() async throws {
        try await running { _, terminal in
            let before = terminal.modes.c_lflag
            terminal.type("run -it --rm starter\r")
            try await terminal.wait(for: "the shell inside") { $0.currentLine == "/ #" }
            // Typed where the container's own shell draws them, so only the result is looked at.
            terminal.type("echo 가나 | wc -c\r")
            try await terminal.wait(for: "seven bytes") { $0.lines.contains("7") && $0.currentLine == "/ #" }
            terminal.type("exit 5\r")
            try await terminal.wait(for: "the prompt with its status") { $0.currentLine == "dsh [5] ❯" }
            #expect(terminal.modes.c_lflag == before)
        }
    }

    @Test
    func `a container whose dsh was killed goes on, and the next prompt says so`() async throws {
        try await DshProgram.scoped { dsh in
            try await PseudoTerminal.running(dsh.program(["run", "-it", "--name", "left", "starter"])) { client in
                try await client.waitFor("/ #")
                client.program.signal(SIGKILL)
                _ = try await client.program.waitForEnd()
            }
            try await PseudoTerminal.running(dsh.program([])) { terminal in
                try await terminal.waitFor("left goes on running")
                terminal.type("ps\r")
                try await terminal.waitFor("Up ")
                terminal.type("rm -f left\r")
                try await terminal.wait(for: "its name, and a prompt") {
                    $0.lines.contains("left") && $0.currentLine == "dsh ❯"
                }
            }
        }
    }
}
