// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// Another program in a running container, and what the first one wrote.
struct ExecAndLogsTests {
    @Test func `exec: environment, user, directory, input, status`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "c", "-e", "FROM=run", "-w", "/usr", "starter", "sleep", "600")
            #expect(try await dsh.succeed("exec", "c", "sh", "-c", "echo $FROM; pwd") == "run\n/usr")
            #expect(
                try await dsh.succeed("exec", "-e", "FROM=exec", "-w", "/tmp", "c", "sh", "-c", "echo $FROM; pwd")
                    == "exec\n/tmp")
            #expect(try await dsh.succeed("exec", "-u", "1000:5", "c", "sh", "-c", "id -u; id -g") == "1000\n5")
            #expect(try await dsh.succeed("exec", "-i", "c", "wc", "-c", input: "12345") == "5")
            #expect(try await dsh("exec", "c", "sh", "-c", "exit 9").status == 9)
            #expect(try await dsh("exec", "c", "no-such-program").status == 127)
            #expect(try await dsh("exec", "c", "/etc").status == 126)
            #expect(try await dsh("exec", "c", "sh", "-c", "kill -9 $$").status == 137)
            #expect(
                try await dsh.succeed("exec", "c", "cat", "/proc/1/comm") == "sleep", "it is in the same namespaces")
            let group = try await dsh.succeed(
                "exec", "c", "sh", "-c", "cat /proc/self/cgroup; echo; cat /proc/1/cgroup")
            let halves = group.split(separator: "\n\n")
            #expect(halves.count == 2 && halves[0] == halves[1], "and in the same control groups")
        }
    }

    @Test func `exec keeps the confinement of its container`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "c", "--cap-drop", "ALL", "starter", "sleep", "600")
            let status = try await dsh.succeed(
                "exec", "c", "grep", "-E", "^(CapEff|CapBnd|Seccomp):", "/proc/self/status")
            #expect(status == "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nSeccomp:\t2")
        }
    }

    @Test func `exec -d goes on in the background, and ends with its container`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            try await dsh.succeed("exec", "-d", "c", "sh", "-c", "touch /done; sleep 500")
            try await dsh.succeed("exec", "c", "sh", "-c", "until test -e /done; do sleep 0.1; done")
            try await dsh.succeed("kill", "c")
            try await dsh.succeed("wait", "c")
            #expect(await dsh.roots.leaksInTheEnd().isEmpty)
        }
    }

    @Test func `exec -it has the terminal's size at once and its own terminal`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            for _ in 0..<20 {
                let program = dsh.program(["exec", "-it", "c", "sh", "-c", "stty size; tty"])
                try await PseudoTerminal.running(program, rows: 41, columns: 77) { terminal in
                    try await terminal.waitFor("41 77")
                    try await terminal.waitFor("/dev/pts/")
                    #expect(try await terminal.program.waitForEnd().status == 0)
                }
            }
            let refused = try await dsh("exec", "-it", "c", "sh")
            #expect(refused.status == 1 && refused.errorText.contains("the input device is not a TTY"))
        }
    }

    @Test func `exec in a container that does not run is refused`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("create", "--name", "c", "starter")
            let refused = try await dsh("exec", "c", "true")
            #expect(refused.status == 1 && refused.errorText.contains("is not running"))
        }
    }

    @Test func `logs: both streams, tail, time stamps, since`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "--name", "c", "starter", "sh", "-c", "echo one; echo two >&2; printf three")
            let all = try await dsh("logs", "c")
            #expect(all.text == "one\nthree" && all.errorText == "two\n")
            // Which of two pipes is read first is nobody's choice: the last line is one of two.
            let last = try await dsh("logs", "--tail", "1", "c")
            #expect(last.text == "three" || last.errorText == "two\n")
            #expect(try await dsh("logs", "-n", "0", "c").text.isEmpty)
            let stamped = try await dsh("logs", "-t", "c")
            let stamp = try #require(stamped.text.split(separator: " ").first.map(String.init))
            #expect(stamp.count == 30 && stamp.hasSuffix("Z"))
            #expect(try await dsh("logs", "--since", stamp, "c").text == "one\nthree")
            #expect(try await dsh("logs", "--since", "10m", "c").text == "one\nthree")
            #expect(try await dsh("logs", "--since", "2100-01-01", "c").text.isEmpty)
            #expect(try await dsh("logs", "--until", "2020-01-01T00:00:00Z", "c").text.isEmpty)
        }
    }

    @Test func `a time without a zone is the reader's own, and --tail 0 -f shows only what is new`() async throws {
        try await DshProgram.scoped(environment: ["TZ": "Asia/Seoul"]) { dsh in
            let script = "echo before; until test -e /go; do sleep 0.1; done; echo after"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", script)
            try await dsh.program(["logs", "-f", "c"]).whileRunning { try await $0.waitForOutput("before") }
            let line = try await dsh.succeed("logs", "-t", "c")
            let stamp = String(line.prefix { $0 != " " })
            #expect(stamp.hasSuffix("Z") && line.hasSuffix("Z before"))
            let zoneless = String(stamp.dropLast())
            let rows = [
                ("--since", stamp, "before\n"), ("--until", stamp, "before\n"), ("--since", zoneless, "before\n"),
                // Nine hours earlier than the line, in Seoul.
                ("--until", zoneless, ""),
            ]
            for (flag, time, text) in rows {
                #expect(try await dsh("logs", flag, time, "c").text == text, "\(flag) \(time)")
            }
            try await dsh.program(["logs", "-f", "--tail", "0", "--since", "10m", "c"]).whileRunning { following in
                try await dsh.succeed("exec", "c", "touch", "/go")
                #expect(try await following.waitForEnd().text == "after\n")
            }
        }
    }

    @Test func `a line past 16 KiB is one line with one time stamp`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "head -c 40000 /dev/zero | tr '\\0' x; echo"
            try await dsh.succeed("run", "--name", "c", "starter", "sh", "-c", script)
            let stamped = try await dsh.succeed("logs", "-t", "c")
            #expect(stamped.split(separator: "\n").count == 1)
            #expect(stamped.count == 40_000 + 31)
        }
    }

    @Test func `logs -f follows until the end of the container`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "echo before; until test -e /go; do sleep 0.1; done; echo after"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", script)
            try await dsh.program(["logs", "-f", "c"]).whileRunning { following in
                try await following.waitForOutput("before")
                try await dsh.letGo("c")
                #expect(try await following.waitForEnd().text == "before\nafter\n")
            }
            try await dsh.program(["logs", "--tail", "0", "-f", "c"]).whileRunning { following in
                let result = try await following.waitForEnd()
                #expect(result.text.isEmpty)
            }
        }
    }

    @Test func `nothing is lost when the reader of run is slow`() async throws {
        try await DshProgram.scoped { dsh in
            let script =
                "\(DshProgram.builtDirectory)/dsh run --rm starter head -c 8388608 /dev/zero | (sleep 1; wc -c)"
            let roots = dsh.program([]).environment
            let result = try await Program("/bin/sh", ["-c", script], environment: roots).run()
            #expect(result.text == "8388608\n")
        }
    }

    @Test func `bytes that are no text pass unchanged`() async throws {
        try await DshProgram.scoped { dsh in
            let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let result = try await dsh.program(["run", "--rm", "-i", "starter", "cat"]).run(input: bytes)
            #expect(result.output == bytes)
        }
    }
}
