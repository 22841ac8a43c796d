// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// A container's life: created, started, stopped, killed, waited for, renamed, removed.
struct LifeCycleTests {
    @Test(
        arguments: [
            ("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$; sleep 1", 143), ("exit 300", 44),
        ])
    func `run ends with the program's status, attached or not`(script: String, status: Int32) async throws {
        try await DshProgram.scoped { dsh in
            #expect(
                try await dsh("run", "--name", "attached", "--init", "starter", "sh", "-c", script).status == status)
            try await dsh.succeed("run", "-d", "--name", "detached", "--init", "starter", "sh", "-c", script)
            #expect(try await dsh.succeed("wait", "detached") == "\(status)")
            for name in ["attached", "detached"] {
                let state = try await dsh.succeed("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", name)
                #expect(state == "exited \(status)")
            }
        }
    }

    @Test(arguments: [("/etc", 126), ("no-such-program", 127), ("/no/such/path", 127), ("/etc/passwd", 126)])
    func `a program that cannot be started: its status, and the container stays created`(
        word: String, status: Int32
    ) async throws {
        try await DshProgram.scoped { dsh in
            for mode in [["run"], ["run", "-d"]] {
                let result = try await dsh.program(mode + ["starter", word]).run()
                #expect(result.status == status)
                #expect(result.errorLines.count >= 1)
            }
            let rows = try await dsh.succeed("ps", "-a", "--format", "{{.Status}}").split(separator: "\n")
            #expect(rows == ["Created", "Created"])
            let code = try await dsh.succeed("ps", "-aq").split(separator: "\n").first.map(String.init) ?? ""
            #expect(try await dsh.succeed("inspect", "--format", "{{.State.ExitCode}}", code) == "\(status)")
        }
    }

    @Test(
        arguments: [
            ("#!/bin/sh\r\necho hi\r\n", 127, #"'/bin/sh\r': the file has Windows line ends. Convert it: sed -i"#),
            ("#!/bin/bash\necho hi\n", 127, "asks for /bin/bash, which the image does not have"),
            ("echo hi\n", 126, "no script that begins with #!"),
            (foreign, 126, "made for linux/s390x, and this machine is linux/"),
        ] as [(String, Int32, String)])
    func `a program that is there and cannot be executed: what it lacks`(
        file: String, status: Int32, hint: String
    ) async throws {
        try await DshProgram.scoped { dsh in
            let path = try dsh.roots.write(file, to: "program", mode: 0o755)
            let volume = ["-v", "\(path):/program:ro"]
            try await dsh.program(["run", "-d", "--name", "c"] + volume + ["starter", "sleep", "600"]).succeed()
            let calls = [
                ["run"] + volume + ["starter", "/program"], ["run"] + volume + ["--entrypoint", "/program", "starter"],
                ["exec", "c", "/program"],
            ]
            for call in calls {
                let result = try await dsh.program(call).run()
                #expect(result.status == status, "\(call): \(result.errorText)")
                #expect(result.errorText.contains(hint), "\(call): \(result.errorText)")
                #expect(!result.errorText.contains("\r"), "\(call)")
            }
        }
    }

    /// The head of an ELF file for S/390, in that machine's order of bytes: elf(5), `e_machine` 22.
    private static var foreign: String {
        "\u{7f}ELF\u{2}\u{2}\u{1}" + String(repeating: "\0", count: 9) + "\0\u{2}\0\u{16}\0\0\0\u{1}"
            + String(repeating: "\0", count: 100)
    }

    @Test func `create, start, stop, start again, restart: the container keeps its own files`() async throws {
        try await DshProgram.scoped { dsh in
            let id = try await dsh.succeed(
                "create", "--name", "c", "--init", "starter", "sh", "-c", "echo ran >> /count; exec sleep 600")
            #expect(try await dsh.succeed("ps", "-a", "--format", "{{.Status}}") == "Created")
            #expect(try await dsh.succeed("start", "c") == "c")
            try await dsh.succeed("exec", "c", "sh", "-c", "until test -e /count; do sleep 0.1; done")
            #expect(try await dsh.succeed("stop", "c") == "c")
            #expect(try await dsh.succeed("start", String(id.prefix(5))) == String(id.prefix(5)))
            #expect(try await dsh.succeed("restart", "-t", "0", "c") == "c")
            try await dsh.succeed("exec", "c", "sh", "-c", "until [ $(wc -l < /count) = 3 ]; do sleep 0.1; done")
            #expect(try await dsh.succeed("start", "c") == "c", "starting what runs changes nothing")
        }
    }

    @Test func `stop asks first and kills after its time`() async throws {
        try await DshProgram.scoped { dsh in
            let polite = "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.1; done"
            try await dsh.succeed("run", "-d", "--name", "polite", "starter", "sh", "-c", polite)
            try await dsh.program(["logs", "-f", "polite"]).whileRunning { try await $0.waitForOutput("up") }
            try await dsh.succeed("stop", "polite")
            #expect(try await dsh.succeed("logs", "polite") == "up\nbye")
            #expect(try await dsh.succeed("inspect", "--format", "{{.State.ExitCode}}", "polite") == "5")

            try await dsh.succeed("run", "-d", "--name", "deaf", "starter", "sleep", "600")
            let result = try await dsh("stop", "-t", "1", "deaf")
            #expect(result.status == 0 && result.text == "deaf\n")
            #expect(result.errorText.contains("--init"), "says beforehand why it will wait")
            #expect(try await dsh.succeed("inspect", "--format", "{{.State.ExitCode}}", "deaf") == "137")
            try await dsh.succeed("start", "deaf")
            try await dsh.succeed("stop", "--time", "0", "deaf")
            try await dsh.succeed("start", "deaf")
            try await dsh.succeed("stop", "--timeout=0", "deaf")
            #expect(try await dsh("stop", "deaf").status == 0, "stopping what is stopped changes nothing")
        }
    }

    @Test(arguments: [("KILL", 137), ("SIGKILL", 137), ("9", 137), ("USR1", 7), ("sigusr1", 7), ("10", 7)])
    func `kill sends the signal that was named`(signal: String, status: Int32) async throws {
        try await DshProgram.scoped { dsh in
            let script = "trap 'exit 7' USR1; echo up; while :; do sleep 0.1; done"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", script)
            try await dsh.program(["logs", "-f", "c"]).whileRunning { try await $0.waitForOutput("up") }
            #expect(try await dsh.succeed("kill", "-s", signal, "c") == "c")
            #expect(try await dsh.succeed("wait", "c") == "\(status)")
            let again = try await dsh("kill", "c")
            #expect(again.status == 1 && again.errorText.contains("is not running"))
        }
    }

    @Test func `wait returns at the end, once for each name`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed(
                "run", "-d", "--name", "a", "starter", "sh", "-c", "until test -e /go; do sleep 0.1; done; exit 4")
            try await dsh.succeed("run", "--name", "b", "starter", "true")
            try await dsh.program(["wait", "a", "b"]).whileRunning { waiting in
                try await dsh.letGo("a")
                #expect(try await waiting.waitForEnd().text == "4\n0\n")
            }
        }
    }

    @Test func `a running container is not removed, unless by force; several at once`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "up", "starter", "sleep", "600")
            try await dsh.succeed("create", "--name", "down", "starter")
            let refused = try await dsh("rm", "up", "down", "nobody")
            #expect(refused.status == 1)
            #expect(refused.text == "down\n")
            #expect(refused.errorText.contains("cannot remove container"))
            #expect(refused.errorText.contains("No such container: nobody"))
            #expect(try await dsh.succeed("rm", "-f", "up") == "up")
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
        }
    }

    @Test func `a name is free at once after stop of a --rm container`() async throws {
        try await DshProgram.scoped { dsh in
            for _ in 0..<20 {
                try await dsh.succeed("run", "-d", "--rm", "--name", "x", "starter", "sleep", "99")
                try await dsh.succeed("stop", "-t", "0", "x")
            }
            let gone = try await dsh("stop", "x")
            #expect(gone.status == 1 && gone.errorText.contains("No such container: x"))
        }
    }

    @Test func `rename moves the name`() async throws {
        try await DshProgram.scoped { dsh in
            let id = try await dsh.succeed("create", "--name", "old", "starter")
            try await dsh.succeed("create", "--name", "taken", "starter")
            try await dsh.succeed("rename", "old", "new")
            #expect(try await dsh.succeed("inspect", "--format", "{{.Name}} {{.Id}}", "new") == "/new \(id)")
            #expect(try await dsh("inspect", "old").status == 1)
            let conflict = try await dsh("rename", "new", "taken")
            #expect(conflict.status == 1 && conflict.errorText.contains("is already in use by container"))
        }
    }

    @Test func `container prune asks on a terminal and wants -f without one`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("create", "--name", "a", "starter")
            try await dsh.succeed("run", "-d", "--name", "up", "starter", "sleep", "600")
            let refused = try await dsh("container", "prune")
            #expect(refused.status == 1 && refused.errorText.contains("-f"))
            try await PseudoTerminal.running(dsh.program(["container", "prune"])) { terminal in
                try await terminal.waitFor("WARNING! This will remove all stopped containers.")
                try await terminal.waitFor("Are you sure you want to continue? [y/N]")
                terminal.type("n\r")
                _ = try await terminal.program.waitForEnd()
            }
            #expect(try await dsh.succeed("ps", "-aq").split(separator: "\n").count == 2)
            let pruned = try await dsh.succeed("container", "prune", "-f")
            #expect(pruned.hasPrefix("Deleted Containers:\n") && pruned.contains("Total reclaimed space: "))
            #expect(try await dsh.succeed("ps", "-a", "--format", "{{.Names}}") == "up")
        }
    }

    @Test func `ps: columns, states, filters, formats`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "up", "-p", "127.0.0.1::80", "starter", "sleep", "600")
            #expect(try await dsh("run", "--name", "over", "starter", "sh", "-c", "exit 3").status == 3)
            try await dsh.succeed("create", "--name", "new", "starter")
            let table = try await dsh.succeed("ps", "-a").split(separator: "\n")
            let head = table[0].split(separator: "  ").map { $0.trimmed }
            #expect(head == ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"])
            #expect(table.count == 4)
            #expect(table[1].contains("Created") && table[2].contains("Exited (3)") && table[3].contains("Up "))
            #expect(table[3].contains("127.0.0.1:") && table[3].contains("->80/tcp"))
            let filters = [
                ("status=exited", "over"), ("status=running", "up"), ("status=created", "new"), ("name=ov", "over"),
                ("exited=3", "over"), ("ancestor=starter", "new\nover\nup"),
                ("status=exited status=created", "new\nover"),
            ]
            for (filter, names) in filters {
                let words = filter.split(separator: " ").flatMap { ["--filter", String($0)] }
                let found = try await dsh.program(["ps", "-a", "--format", "{{.Names}}"] + words).run()
                #expect(found.text == names + "\n", "\(filter)")
            }
            #expect(try await dsh.succeed("ps", "-q").count == 12)
            #expect(
                try await dsh.succeed("ps", "-aq", "--no-trunc").split(separator: "\n").allSatisfy { $0.count == 64 })
            #expect(try await dsh.succeed("ps", "-n", "1", "--format", "{{.Names}}") == "new")
            #expect(try await dsh.succeed("ps", "-l", "--format", "{{.Names}}") == "new")
            let rows = try await dsh.succeed("ps", "--format", "json")
            #expect(rows.contains("\"Names\":\"up\"") && rows.contains("\"State\":\"running\""))
            let expected = try await dsh.succeed("ps", "-aq")
            #expect(try await dsh.succeed("container", "ls", "-a", "-q") == expected)
        }
    }

    @Test func `any unique beginning of an id will do, and one that is not unique is refused`() async throws {
        try await DshProgram.scoped { dsh in
            var ids: [String] = []
            // Of seventeen ids, two share their first digit.
            for _ in 0..<17 { ids.append(try await dsh.succeed("create", "starter")) }
            for id in ids {
                #expect(try await dsh.succeed("inspect", "--format", "{{.Id}}", String(id.prefix(12))) == id)
            }
            let shared = ids.map { $0.prefix(1) }.first { first in ids.filter { $0.hasPrefix(first) }.count > 1 }
            let refused = try await dsh("start", String(try #require(shared)))
            #expect(refused.status == 1)
            #expect(refused.errorText.contains("multiple IDs found with provided prefix"))
        }
    }

    @Test func `start -a -i feeds a program that was created with -i`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "read a; read b; echo \"sum $((a + b))\"; exit 6"
            try await dsh.succeed("create", "-i", "--name", "sum", "starter", "sh", "-c", script)
            for _ in 0..<2 {
                let result = try await dsh("start", "-a", "-i", "sum", input: "20\n22\n")
                #expect(result.text == "sum 42\n")
                #expect(result.status == 6)
            }
        }
    }

    @Test func `inspect shows what was asked for`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed(
                "run", "-d", "--name", "c", "-e", "A=1", "-w", "/tmp", "-u", "1000", "-h", "box", "--cap-add",
                "NET_ADMIN",
                "--read-only", "--init", "-v", "\(dsh.roots.files):/files:ro", "starter", "sleep", "600")
            let expected = [
                ("{{.Name}}", "/c"), ("{{.Config.Image}}", "starter"), ("{{.Config.WorkingDir}}", "/tmp"),
                ("{{.Config.User}}", "1000"), ("{{.Config.Hostname}}", "box"),
                ("{{json .Config.Cmd}}", "[\"sleep\",\"600\"]"),
                ("{{json .HostConfig.CapAdd}}", "[\"NET_ADMIN\"]"), ("{{.HostConfig.ReadonlyRootfs}}", "true"),
                ("{{.HostConfig.Init}}", "true"), ("{{.State.Running}}", "true"), ("{{.Driver}}", "overlay2"),
                ("{{(index .Mounts 0).Destination}} {{(index .Mounts 0).RW}}", "/files false"),
                ("{{range .Config.Env}}{{println .}}{{end}}", "A=1"),
            ]
            for (format, text) in expected {
                let shown = try await dsh.succeed("inspect", "--format", format, "c")
                #expect(shown == text || (text == "A=1" && shown.contains("A=1")), "\(format)")
            }
            let address = try await dsh.succeed("inspect", "--format", "{{.NetworkSettings.IPAddress}}", "c")
            let inside = try await dsh.succeed("exec", "c", "ip", "-4", "-o", "addr", "show", "eth0")
            #expect(!address.isEmpty && inside.contains("\(address)/"))
        }
    }
}
