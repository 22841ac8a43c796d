// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import TestSupport
import Testing

/// What holds the terminal: attached runs, attach, detach keys, signals.
struct AttachTests {
    @Test func `attach shows what comes from now on, and the end`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "echo before; until test -e /go; do sleep 0.1; done; echo after; exit 4"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", script)
            try await dsh.program(["logs", "-f", "c"]).whileRunning { try await $0.waitForOutput("before") }
            try await dsh.program(["attach", "c"]).whileRunning { attached in
                try await dsh.program(["attach", "--no-stdin", "c"]).whileRunning { second in
                    try await dsh.letGo("c")
                    for client in [attached, second] {
                        let result = try await client.waitForEnd()
                        #expect(result.text.hasSuffix("after\n") && result.status == 4)
                    }
                }
            }
            let refused = try await dsh("attach", "c")
            #expect(refused.status == 1 && refused.errorText.contains("cannot attach to a stopped container"))
        }
    }

    @Test func `ctrl-p ctrl-q leaves the container running, and it can be attached again`() async throws {
        try await DshProgram.scoped { dsh in
            try await PseudoTerminal.running(dsh.program(["run", "-it", "--name", "c", "starter", "sh"])) { terminal in
                try await terminal.waitFor("#")
                terminal.type("X=kept\r")
                terminal.type("\u{10}\u{11}")
                let result = try await terminal.program.waitForEnd()
                #expect(result.status == 0)
            }
            #expect(try await dsh.succeed("ps", "--format", "{{.Names}}") == "c")
            try await PseudoTerminal.running(dsh.program(["attach", "c"])) { terminal in
                try await terminal.waitFor("#")
                terminal.type("echo \"is $X\"\r")
                try await terminal.waitFor("is kept")
                terminal.type("exit 3\r")
                #expect(try await terminal.program.waitForEnd().status == 3)
            }
        }
    }

    @Test func `other detach keys, none, and bad ones`() async throws {
        try await DshProgram.scoped { dsh in
            let words = ["run", "-it", "--rm", "--name", "c", "--detach-keys", "ctrl-x,d", "starter", "sh"]
            try await PseudoTerminal.running(dsh.program(words)) { terminal in
                try await terminal.waitFor("#")
                terminal.type("\u{18}d")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
            #expect(try await dsh.succeed("ps", "-q").count == 12)
            let refused = try await dsh("attach", "--detach-keys", "ctrl-한", "c")
            #expect(refused.status != 0 && refused.errorText.contains("ctrl-한"))
        }
    }

    @Test func `a first detach key that nothing follows reaches the program after a moment`() async throws {
        try await DshProgram.scoped { dsh in
            let program = dsh.program([
                "run", "-it", "--rm", "starter", "sh", "-c", "stty raw -echo; echo ready; head -c 1 | od -An -tx1",
            ])
            try await PseudoTerminal.running(program) { terminal in
                try await terminal.waitFor("ready")
                terminal.type("\u{10}")
                try await terminal.waitFor("10")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
        }
    }

    @Test func `a resize reaches the program`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done"
            let program = dsh.program(["run", "-it", "--rm", "starter", "sh", "-c", script])
            try await PseudoTerminal.running(program, rows: 24, columns: 80) { terminal in
                try await terminal.waitFor("ready")
                terminal.program.resize(rows: 30, columns: 99)
                try await terminal.waitFor("30 99")
                terminal.type("\u{3}")
                _ = try await terminal.program.waitForEnd()
            }
        }
    }

    @Test func `ctrl-c goes to the program on its terminal`() async throws {
        try await DshProgram.scoped { dsh in
            let program = dsh.program(["run", "-it", "--rm", "--init", "starter", "sleep", "600"])
            try await PseudoTerminal.running(program) { terminal in
                try await terminal.wait(for: "the container to run") { _ in true }
                let ready = Program(
                    "/bin/sh", ["-c", "until \(DshProgram.builtDirectory)/dsh ps -q | grep -q .; do sleep 0.1; done"],
                    environment: program.environment)
                try await ready.succeed()
                terminal.type("\u{3}")
                #expect(try await terminal.program.waitForEnd().status == 130)
            }
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func `a signal to the attached client goes to the program`(signal: Int32, status: Int32) async throws {
        try await DshProgram.scoped { dsh in
            let program = dsh.program(["run", "--rm", "--init", "starter", "sh", "-c", "echo up; exec sleep 600"])
            try await program.whileRunning { running in
                try await running.waitForOutput("up")
                running.signal(signal)
                #expect(try await running.waitForEnd().status == status)
            }
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
        }
    }

    @Test func `a signal while the container starts ends both`() async throws {
        try await DshProgram.scoped { dsh in
            let program = dsh.program(["run", "--rm", "--init", "starter", "sleep", "600"])
            try await dsh.succeed("create", "--name", "first", "starter")
            try await dsh.succeed("rm", "first")
            let containers = try Descriptor(opening: dsh.roots.root + "/containers", O_RDONLY | O_DIRECTORY)
            for delay in 0..<20 {
                try await program.whileRunning { running in
                    // From the container's directory to its program there are some milliseconds: the signal comes in all of them.
                    while try containers.entryNames().isEmpty { await Task.yield() }
                    usleep(UInt32(delay * 3000))
                    running.signal(SIGINT)
                    #expect(try await running.waitForEnd().status == 130)
                }
                #expect(try await dsh.succeed("ps", "-aq").isEmpty, "after \(delay * 3) milliseconds")
            }
        }
    }

    @Test func `a killed client leaves the container running`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.program(["run", "--name", "c", "starter", "sh", "-c", "echo up; exec sleep 600"]).whileRunning
            { running in
                try await running.waitForOutput("up")
                running.signal(SIGKILL)
                _ = await running.wait { $0.status != nil }
            }
            #expect(try await dsh.succeed("ps", "--format", "{{.Names}}") == "c")
        }
    }

    @Test func `output past a client that reads nothing still reaches the log`() async throws {
        try await DshProgram.scoped { dsh in
            let script =
                "until test -e /go; do sleep 0.1; done; head -c 4000000 /dev/zero | tr '\\0' x; touch /written; sleep 600"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", script)
            // A shell that stops reading: its pipe fills up and stays full.
            let stuck = "\(DshProgram.builtDirectory)/dsh attach --no-stdin c | (echo attached; sleep 1000)"
            let environment = dsh.program([]).environment
            try await Program("/bin/sh", ["-c", stuck], environment: environment).whileRunning { running in
                try await running.waitForOutput("attached")
                try await dsh.letGo("c")
                try await dsh.succeed("exec", "c", "sh", "-c", "until test -e /written; do sleep 0.1; done")
                #expect(try await dsh("logs", "c").output.count == 4_000_000)
            }
        }
    }

    @Test func `attach returns by itself when the program ends, and takes no key with it`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "until test -e /go; do sleep 0.1; done; echo bye"
            try await dsh.succeed("run", "-dit", "--name", "c", "starter", "sh", "-c", script)
            let shell = "\(DshProgram.builtDirectory)/dsh attach c; echo over $?; read line; echo \"got $line\""
            var program = dsh.program([])
            (program.path, program.arguments) = ("/bin/sh", ["-c", shell])
            try await PseudoTerminal.running(program) { terminal in
                try await terminal.waitFor("Attached to c. Ctrl-P Ctrl-Q leaves it running.")
                try await dsh.succeed("exec", "c", "touch", "/go")
                try await terminal.wait(for: "the last words, then the end") {
                    $0.lines.contains("bye") && $0.lines.contains("over 0")
                }
                terminal.type("next\r")
                try await terminal.waitFor("got next")
                _ = try await terminal.program.waitForEnd()
            }
        }
    }

    @Test func `attach to an idle shell shows its prompt and how to leave, and says nothing into a pipe`() async throws
    {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-dit", "--name", "c", "starter", "sh")
            try await PseudoTerminal.running(dsh.program(["attach", "c"])) { terminal in
                try await terminal.waitFor("Attached to c. Ctrl-P Ctrl-Q leaves it running.")
                try await terminal.wait(for: "the prompt, without a key") { $0.currentLine == "/ #" }
                terminal.type("\u{10}\u{11}")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
            let script = "while :; do echo tick; sleep 0.1; done"
            try await dsh.succeed("run", "-dit", "--name", "clock", "starter", "sh", "-c", script)
            try await dsh.program(["attach", "--no-stdin", "clock"]).whileRunning { piped in
                try await piped.waitForOutput("tick")
                try await dsh.succeed("stop", "-t", "0", "clock")
                let result = try await piped.waitForEnd()
                #expect(
                    result.errorText.isEmpty && Set(result.text.split(separator: "\r\n")) == ["tick"],
                    "\(result.errorText)")
            }
        }
    }

    @Test func `a second ctrl-c says why nothing happens, and offers to leave or to kill`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "trap '' INT; trap 'echo heard' USR1; echo up; while :; do sleep 0.1; done"
            let run = dsh.program(["run", "--name", "c", "starter", "sh", "-c", script])
            func pressTwice(_ terminal: PseudoTerminal, after count: Int) async throws {
                terminal.type("\u{3}")
                // Two signals that nobody has read between them are one: the answer to another shows that it was read.
                terminal.program.signal(SIGUSR1)
                try await terminal.wait(for: "the program's answer") {
                    $0.lines.filter { $0.hasSuffix("heard") }.count > count
                }
                terminal.type("\u{3}")
                try await terminal.waitFor("sh is process 1 of its container and does not handle SIGINT")
                try await terminal.waitFor("Ctrl-C once more kills it; Ctrl-\\ leaves it running.")
            }
            try await PseudoTerminal.running(run, columns: 200) { terminal in
                try await terminal.waitFor("up")
                try await pressTwice(terminal, after: 0)
                terminal.type("\u{1c}")
                try await terminal.waitFor("Detached: c goes on running.")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
            #expect(try await dsh.succeed("ps", "--format", "{{.Names}}") == "c")
            try await PseudoTerminal.running(dsh.program(["attach", "c"]), columns: 200) { terminal in
                try await terminal.waitFor("Attached to c, from now on.")
                try await pressTwice(terminal, after: 0)
                terminal.type("\u{3}")
                #expect(try await terminal.program.waitForEnd().status == 137)
            }
            let stopped = try await dsh("attach", "c")
            #expect(stopped.status == 1 && stopped.errorText.contains("'dsh start -a c'"))
        }
    }

    @Test func `a signal to the client of a terminal goes to the program, and the terminal is as before`() async throws
    {
        try await DshProgram.scoped { dsh in
            let words = ["run", "-it", "--rm", "--init", "starter", "sh", "-c", "echo up; exec sleep 600"]
            try await PseudoTerminal.running(dsh.program(words)) { terminal in
                try await terminal.waitFor("up")
                terminal.program.signal(SIGINT)
                #expect(try await terminal.program.waitForEnd().status == 130)
            }
            // In the shell the terminal outlives the program.
            try await PseudoTerminal.running(dsh.program([])) { terminal in
                try await terminal.waitFor("❯")
                let before = terminal.modes.c_lflag
                terminal.type("run -it --rm --init starter sh -c 'echo up; exec sleep 600'\r")
                try await terminal.wait(for: "the program's own line") { $0.lines.contains("up") }
                terminal.program.signal(SIGINT)
                try await terminal.wait(for: "the prompt") { $0.currentLine == "dsh [130] ❯" }
                #expect(terminal.modes.c_lflag == before)
            }
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
        }
    }
}
