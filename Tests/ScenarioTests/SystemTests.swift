// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// What the engine says of itself, and what it mends.
struct SystemTests {
    @Test func `version and info`() async throws {
        try await DshProgram.scoped { dsh in
            let version = try await dsh.succeed("version")
            #expect(version.contains("Version:") && version.contains("linux/"))
            #expect(try await dsh.succeed("version", "--format", "{{.Server.Os}}") == "linux")
            #expect(try await dsh.succeed("--version").hasPrefix("dsh version "))
            try await dsh.succeed("run", "-d", "starter", "sleep", "600")
            try await dsh.succeed("create", "starter")
            let info = try await dsh.succeed("info")
            for line in [
                "Containers: 2", "Running: 1", "Images: 2", "Storage Driver:", "Cgroup Version:", dsh.roots.root,
            ] {
                #expect(info.contains(line), "\(line)")
            }
            #expect(try await dsh.succeed("info", "--format", "{{.ContainersRunning}}") == "1")
            let expected = try await dsh.succeed("info")
            #expect(try await dsh.succeed("system", "info") == expected)
        }
    }

    @Test func `a container whose supervisor is killed dies with it, and every command tells the truth`() async throws {
        for script in ["exec sleep 600", "exec su -s /bin/sh nobody -c 'exec sleep 600'"] {
            try await DshProgram.scoped { dsh in
                try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", script)
                kill(pid_t(try Monitors(of: dsh).only) ?? 0, SIGKILL)
                #expect(try await dsh.succeed("ps", "-q").isEmpty)
                #expect(
                    try await dsh.succeed("inspect", "--format", "{{.State.Running}} {{.State.ExitCode}}", "c")
                        == "false 137")
                #expect(dsh.roots.leaks.processes.isEmpty)
                try await dsh.succeed("start", "c")
                #expect(try await dsh.succeed("ps", "--format", "{{.Names}}") == "c")
            }
        }
    }

    @Test func `containers outlive the shell that started them`() async throws {
        try await DshProgram.scoped { dsh in
            let file = try dsh.roots.write("run -d --name c starter sleep 600\n", to: "start.dsh")
            try await dsh.succeed(file)
            #expect(try await dsh.succeed("ps", "--format", "{{.Names}}") == "c")
        }
    }

    @Test func `engines with roots of their own know nothing of each other`() async throws {
        try await DshProgram.scoped { one in
            try await DshProgram.scoped { two in
                try await one.succeed("run", "-d", "--name", "same", "starter", "sleep", "600")
                try await two.succeed("run", "-d", "--name", "same", "starter", "sleep", "600")
                let format = "{{.NetworkSettings.IPAddress}}"
                let first = try await one.succeed("inspect", "--format", format, "same")
                let second = try await two.succeed("inspect", "--format", format, "same")
                #expect(first != second)
                try await one.succeed("rm", "-f", "same")
                #expect(try await two.succeed("ps", "--format", "{{.Names}}") == "same")
                let byFlags = try await two.program([
                    "--root", one.roots.root, "--run-root", one.roots.run, "ps", "-aq",
                ]).run()
                #expect(byFlags.status == 0 && byFlags.text.isEmpty)
            }
        }
    }

    @Test func `system check finds and mends what a crash left`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            #expect(try await dsh.succeed("system", "check").split(separator: "\n").count <= 1, "nothing to find yet")
            for name in ["layers", "containers"] {
                mkdir("\(dsh.roots.root)/\(name)/\(String(repeating: "e", count: 64))", 0o755)
            }
            kill(pid_t(try Monitors(of: dsh).only) ?? 0, SIGKILL)
            try await dsh.succeed("system", "check")
            #expect(names(below: dsh.roots.root + "/layers").allSatisfy { !$0.hasPrefix("eeee") })
            #expect(names(below: dsh.roots.root + "/containers").allSatisfy { !$0.hasPrefix("eeee") })
            #expect(
                try await dsh.succeed("system", "check").split(separator: "\n").count <= 1, "nothing is left to mend")
            #expect(try await dsh.succeed("inspect", "--format", "{{.State.Status}}", "c") == "exited")
        }
    }

    @Test func `the supervisor's program cannot be reached from inside`() async throws {
        try await DshProgram.scoped { dsh in
            let monitor = DshProgram.builtDirectory + "/dsh-monitor"
            let before = try await Program("/usr/bin/sha256sum", [monitor]).succeed()
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            let attack = """
                for i in 1 2 3 4 5 6 7 8 9 10; do
                    for p in /proc/1/exe /proc/self/exe /proc/[0-9]*/exe; do (echo bad >> $p) 2>/dev/null && echo opened $p; done
                done; ls /proc | grep -c '^[0-9]'
                """
            let busybox = try await dsh.succeed("exec", "c", "sh", "-c", "sha256sum /bin/busybox")
            _ = try await dsh("exec", "c", "sh", "-c", attack)
            for _ in 0..<5 { _ = try await dsh("exec", "c", "/proc/self/exe", "true") }
            #expect(try await Program("/usr/bin/sha256sum", [monitor]).succeed() == before)
            #expect(try await dsh.succeed("exec", "c", "sh", "-c", "sha256sum /bin/busybox").isEmpty == busybox.isEmpty)
        }
    }

    @Test func `masked and read-only paths are what Docker's are`() async throws {
        try await DshProgram.scoped { dsh in
            let script = """
                head -c 1 /proc/kcore | wc -c; echo x 2>/dev/null > /proc/sys/kernel/hostname || echo ro
                echo x 2>/dev/null > /proc/sysrq-trigger || echo ro; touch /sys/x 2>/dev/null || echo ro; ls /sys/firmware | wc -l
                """
            let shown = try await dsh.succeed("run", "--rm", "starter", "sh", "-c", script)
            #expect(shown == "0\nro\nro\nro\n0")
            let devices = try await dsh.succeed("run", "--rm", "starter", "ls", "/dev")
            let expected =
                (access("/proc/kcore", F_OK) == 0 ? ["core"] : []) + [
                    "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
                    "tty", "urandom", "zero",
                ]
            #expect(devices.split(separator: "\n").map(String.init) == expected)
            let mknod = try await dsh("run", "--rm", "starter", "sh", "-c", "mknod /d b 254 0 && head -c 1 /d")
            #expect(mknod.status != 0 && mknod.errorText.contains("Operation not permitted"))
        }
    }

    @Test(
        arguments: [
            ([], 0, "0"), (["--cap-drop", "SETUID"], 1, ""), (["--cap-drop", "ALL"], 1, ""), (["-u", "1000"], 0, "0"),
            (["-u", "1000", "--cap-drop", "ALL"], 1, ""),
        ] as [([String], Int32, String)])
    func `a setuid su makes a root of anybody, unless the capabilities for it are gone`(
        flags: [String], status: Int32, shown: String
    ) async throws {
        try await DshProgram.scoped { dsh async throws in
            let image = """
                set -e
                mkdir -p t/bin t/etc; cp /bin/busybox t/bin/busybox; for n in sh id su; do ln -s busybox t/bin/$n; done
                rm t/bin/su; cp t/bin/busybox t/bin/su; chmod 4755 t/bin/su
                printf 'root::0:0::/:/bin/sh\nworker:x:1000:1000::/:/bin/sh\n' > t/etc/passwd
                printf 'root:x:0:\nworker:x:1000:\n' > t/etc/group
                tar -C t -cf t.tar .
                """
            try await Program("/bin/sh", ["-c", image], directory: dsh.roots.files).succeed()
            try await dsh.succeed("import", "t.tar", "su:1")
            // From user 1000 in every row: root steps down first, which needs no more than it may do.
            // By its path, since BusyBox's shell takes its own su otherwise, which is not setuid.
            let up = "/bin/su root -c 'id -u'"
            let script = flags.contains("-u") ? up : "/bin/su worker -c \"\(up)\""
            let result = try await dsh.program(["run", "--rm"] + flags + ["su:1", "sh", "-c", script]).run()
            #expect(result.status == status && result.lines.joined() == shown, "\(result.errorText)")
            #expect(result.errorText.contains("Operation not permitted") == (status != 0), "\(result.errorText)")
        }
    }
}
