// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Every flag of `run`, its effect seen from inside the container or from the kernel.
struct RunFlagTests {
    /// One run and what it prints.
    struct Row: Sendable, CustomTestStringConvertible {
        let words: String
        let script: String
        let prints: String
        var testDescription: String { "run \(words) … \(script)" }

        init(_ words: String, _ script: String, _ prints: String) {
            self.words = words
            self.script = script
            self.prints = prints
        }
    }

    @Test(
        arguments: [
            Row("-e A=one -e B=", "echo \"$A|$B|${C-unset}\"", "one||unset"),
            Row("-e HOST_WORD", "echo $HOST_WORD", "from the host"),
            Row("-e NOT_SET_ANYWHERE", "env | grep -c NOT_SET", "0"),
            Row("--env A=한글", "echo $A", "한글"),
            Row("--env-file env.list", "echo \"$FIRST,$SECOND,$HOST_WORD\"", "1,a b,from the host"),
            Row("--env-file env.list -e FIRST=won", "echo $FIRST", "won"),
            Row("-w /tmp", "pwd", "/tmp"),
            Row("-w /made/for/this", "pwd", "/made/for/this"),
            Row("--workdir=/usr", "pwd", "/usr"),
            Row("-u 1000", "id -u; id -g", "1000\n0"),
            Row("-u 1000:1001", "id -u; id -g", "1000\n1001"),
            Row("--user nobody", "id -un", "nobody"),
            Row(
                "-u 1000", "touch /x 2>&1; grep ^CapEff /proc/self/status",
                "touch: /x: Permission denied\nCapEff:\t0000000000000000"),
            Row("-h box", "hostname; cat /etc/hostname; grep -c box /etc/hosts", "box\nbox\n1"),
            Row("--hostname box.example", "hostname", "box.example"),
            Row("--network none", "ls /sys/class/net", "lo"),
            Row("--net=none", "ip route | wc -l", "0"),
            Row("", "ls /sys/class/net", "eth0\nlo"),
            Row("", "ip route | head -n 1 | cut -d' ' -f1,2", "default via"),
            Row("--cap-drop ALL", "grep ^CapEff /proc/self/status", "CapEff:\t0000000000000000"),
            Row("--cap-drop CHOWN", "touch /f; chown 1 /f 2>&1", "chown: /f: Operation not permitted"),
            Row("--cap-drop=all --cap-add=chown", "grep ^CapEff /proc/self/status", "CapEff:\t0000000000000001"),
            Row("--cap-add NET_ADMIN", "ip link add dummy9 type bridge && ls /sys/class/net", "dummy9\neth0\nlo"),
            Row("", "ip link add dummy9 type bridge 2>&1", "ip: RTNETLINK answers: Operation not permitted"),
            Row("--read-only", "touch /x 2>&1; touch /dev/shm/x && echo shm", "touch: /x: Read-only file system\nshm"),
            Row("--tmpfs /scratch", "grep ' /scratch ' /proc/mounts | cut -d' ' -f1,3", "tmpfs tmpfs"),
            Row("--tmpfs /scratch:size=1m", "df -k /scratch | tail -n 1 | awk '{print $2}'", "1024"),
            Row("--read-only --tmpfs /tmp", "echo ok > /tmp/f; cat /tmp/f", "ok"),
            // The shell is not process 1, but its child.
            Row("--init", "cat /proc/1/comm; echo $PPID", "docker-init\n1"),
            Row(
                "-v $DIR/data:/inside", "cat /inside/file; echo new > /inside/written; ls /inside",
                "data\nfile\nwritten"),
            Row(
                "-v $DIR/data:/inside:ro", "(echo x > /inside/written) 2>&1; ls /inside",
                "sh: can't create /inside/written: Read-only file system\nfile"),
            Row("-v $DIR/data/file:/one", "cat /one", "data"),
            Row("-v ./data:/inside", "cat /inside/file", "data"),
            Row("--mount type=bind,source=$DIR/data,target=/inside,readonly", "cat /inside/file", "data"),
            Row("--mount type=tmpfs,target=/scratch", "grep -c ' /scratch tmpfs' /proc/mounts", "1"),
            Row("-e A=1 --rm=true -w/tmp", "pwd", "/tmp"),
        ])
    func `a flag has its effect inside`(row: Row) async throws {
        try await DshProgram.scoped(environment: ["HOST_WORD": "from the host"]) { dsh in
            try dsh.roots.write("data\n", to: "data/file")
            try dsh.roots.write("# a comment\nFIRST=1\n\nSECOND=a b\nHOST_WORD\n", to: "env.list")
            let words = row.words.replacing("$DIR", with: dsh.roots.files).split(separator: " ").map(String.init)
            let result = try await dsh.program(["run", "--rm"] + words + ["starter", "sh", "-c", row.script]).run()
            #expect(result.text == (row.prints.isEmpty ? "" : row.prints + "\n"))
            #expect(result.errorText.isEmpty || row.prints.isEmpty)
        }
    }

    @Test func `a container without flags has its own of every namespace`() async throws {
        try await DshProgram.scoped { dsh in
            let names = ["cgroup", "ipc", "mnt", "net", "pid", "uts"]
            let script = names.map { "readlink /proc/self/ns/\($0)" }.joined(separator: ";")
            let inside = try await dsh.succeed("run", "--rm", "starter", "sh", "-c", script).split(separator: "\n")
            let host = try await Program("/bin/sh", ["-c", script]).succeed().split(separator: "\n")
            #expect(inside.count == names.count)
            for (name, pair) in zip(names, zip(inside, host)) { #expect(pair.0 != pair.1, "\(name)") }
        }
    }

    @Test func `network host is the host's own`() async throws {
        try await DshProgram.scoped { dsh in
            let inside = try await dsh.succeed(
                "run", "--rm", "--network", "host", "starter", "readlink", "/proc/self/ns/net")
            let host = try await Program("/usr/bin/readlink", ["/proc/self/ns/net"]).succeed()
            #expect(inside == host)
        }
    }

    @Test func `an entrypoint from the command line takes the image's command away`() async throws {
        try await DshProgram.scoped { dsh async throws in
            #expect(try await dsh.succeed("run", "--rm", "--entrypoint", "echo", "starter", "a", "b") == "a b")
            // The groups are those of the image's own /etc/group, in which root has no others.
            #expect(
                try await dsh.succeed("run", "--rm", "--entrypoint", "id", "starter")
                    == "uid=0(root) gid=0(root) groups=0(root)")
            #expect(try await dsh.succeed("run", "--rm", "--entrypoint", "", "starter", "echo", "x") == "x")
        }
    }

    @Test func `labels are kept, and ps finds the container by them`() async throws {
        try await DshProgram.scoped { dsh in
            let id = try await dsh.succeed("create", "-l", "course=docker", "--label", "empty", "starter")
            try await dsh.succeed("create", "-l", "course=other", "starter")
            let found = try await dsh.succeed("ps", "-aq", "--no-trunc", "--filter", "label=course=docker")
            #expect(found == id)
            let labels = try await dsh.succeed("inspect", "--format", "{{json .Config.Labels}}", id)
            #expect(labels.contains("\"course\":\"docker\"") && labels.contains("\"empty\":\"\""))
        }
    }

    @Test func `limits stand in the kernel's control groups`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed(
                "run", "-d", "--name", "c", "-m", "64m", "--cpus", "0.5", "--pids-limit", "20", "starter", "sleep",
                "600")
            let process = try await dsh.succeed("inspect", "--format", "{{.State.Pid}}", "c")
            let cgroups = try ControlGroups(of: process)
            #expect(try cgroups.read("memory", v1: "memory.limit_in_bytes", v2: "memory.max") == "67108864")
            #expect(try cgroups.read("cpu", v1: "cpu.cfs_quota_us", v2: "cpu.max").hasPrefix("50000"))
            #expect(try cgroups.read("pids", v1: "pids.max", v2: "pids.max") == "20")
            let forks = try await dsh(
                "exec", "c", "sh", "-c", "i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; wait")
            #expect(forks.errorText.contains("can't fork"))
            #expect(
                try await dsh.succeed("inspect", "--format", "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}", "c")
                    == "67108864 20")
        }
    }

    @Test func `a program that takes more memory than it may is killed, and inspect says so`() async throws {
        try await DshProgram.scoped { dsh in
            let result = try await dsh(
                "run", "--name", "c", "-m", "16m", "starter", "sh", "-c", "x=$(head -c 200m /dev/zero | tr '\\0' x)")
            #expect(result.status == 137)
            #expect(
                try await dsh.succeed("inspect", "--format", "{{.State.OOMKilled}} {{.State.ExitCode}}", "c")
                    == "true 137")
        }
    }

    @Test func `privileged has every capability of the engine, its devices and nothing masked`() async throws {
        try await DshProgram.scoped { dsh in
            let script =
                "grep ^CapEff /proc/self/status; grep ^Seccomp: /proc/self/status; ls /dev | wc -l; grep -c ' /sys/firmware ' /proc/mounts; true"
            let own = try await dsh.succeed("run", "--rm", "starter", "sh", "-c", script).split(separator: "\n")
            let all = try await dsh.succeed("run", "--rm", "--privileged", "starter", "sh", "-c", script).split(
                separator: "\n")
            #expect(own[1] == "Seccomp:\t2" && all[1] == "Seccomp:\t0")
            #expect(own[3] == "1" && all[3] == "0")
            #expect((Int(own[2]) ?? 0) < (Int(all[2]) ?? 0))
            let host = try await Program("/bin/sh", ["-c", "grep ^CapBnd /proc/self/status"]).succeed()
            #expect(all[0].suffix(16) == host.suffix(16))
            #expect(own[0] == "CapEff:\t00000000a80425fb")
            let devices = try await Program("/bin/sh", ["-c", "cd /dev; stat -c '%n %F %t %T %a' *"]).succeed()
            let shown = try await dsh.succeed(
                "run", "--rm", "--privileged", "starter", "sh", "-c", "cd /dev; stat -c '%n %F %t %T %a' *")
            let seen = Set(shown.split(separator: "\n"))
            let different = ["console", "ptmx", "tty"]
            for line in devices.split(separator: "\n") where line.contains(" special file ") {
                guard let name = line.split(separator: " ").first, !different.contains(String(name)) else { continue }
                #expect(seen.contains(line), "\(line)")
            }
        }
    }

    @Test func `standard input reaches the program with -i only`() async throws {
        try await DshProgram.scoped { dsh in
            let with = try await dsh.succeed("run", "--rm", "-i", "starter", "cat", input: "one\ntwo\n")
            #expect(with == "one\ntwo")
            let without = try await dsh.succeed("run", "--rm", "starter", "cat", input: "one\n")
            #expect(without.isEmpty)
        }
    }

    @Test func `-d prints the full id and returns, --name names it, --cidfile keeps the id`() async throws {
        try await DshProgram.scoped { dsh in
            let file = dsh.roots.files + "/id"
            let id = try await dsh.succeed("run", "-d", "--name", "web", "--cidfile", file, "starter", "sleep", "600")
            #expect(id.count == 64 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(try await dsh.succeed("ps", "--format", "{{.Names}} {{.ID}}") == "web \(id.prefix(12))")
            #expect(try await Program("/bin/cat", [file]).succeed() == id)
            let again = try await dsh("run", "-d", "--cidfile", file, "starter", "true")
            #expect(again.status == 125)
            let taken = try await dsh("run", "-d", "--name", "web", "starter", "true")
            #expect(taken.status == 125 && taken.errorText.contains("is already in use by container"))
        }
    }

    @Test func `made-up names are two words`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("create", "starter")
            let name = try await dsh.succeed("ps", "-a", "--format", "{{.Names}}")
            let words = name.split(separator: "_")
            #expect(words.count == 2 && words.allSatisfy { $0.allSatisfy(\.isLetter) })
        }
    }

    @Test func `--rm leaves nothing, also when the program could not start`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "--rm", "starter", "true")
            #expect(try await dsh("run", "--rm", "starter", "no-such-program").status == 127)
            #expect(try await dsh("run", "--rm", "starter", "sh", "-c", "exit 3").status == 3)
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
            #expect(try await Program("/bin/ls", [dsh.roots.root + "/containers"]).succeed().isEmpty)
        }
    }

    @Test func `--pull never and an image that is not there`() async throws {
        try await DshProgram.scoped { dsh in
            let never = try await dsh("run", "--pull", "never", "node")
            #expect(never.status == 125)
            #expect(never.errorText.contains("No such image: node:latest"))
            let missing = try await dsh("run", "node")
            #expect(missing.status == 125)
            #expect(missing.errorText.contains("Unable to find image 'node:latest' locally"))
            #expect(missing.errorText.contains("Scripts/offline-images"))
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
        }
    }

    @Test func `the terminal of -t has the size of the one it is run on, at the first instruction`() async throws {
        try await DshProgram.scoped { dsh in
            for _ in 0..<10 {
                let program = dsh.program(["run", "--rm", "-it", "starter", "stty", "size"])
                try await PseudoTerminal.running(program, rows: 33, columns: 101) { terminal in
                    try await terminal.waitFor("33 101")
                    #expect(try await terminal.program.waitForEnd().status == 0)
                }
            }
        }
    }

    @Test func `-it without a terminal is refused`() async throws {
        try await DshProgram.scoped { dsh in
            let result = try await dsh("run", "-it", "starter")
            #expect(result.status == 1)
            #expect(result.errorText.contains("the input device is not a TTY"))
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
        }
    }

    @Test func `the stop signal and the time to stop are the container's`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "trap 'echo got USR1; exit 7' USR1; while :; do sleep 0.1; done"
            try await dsh.succeed(
                "run", "-d", "--name", "polite", "--stop-signal", "USR1", "starter", "sh", "-c", script)
            try await dsh.succeed("stop", "polite")
            #expect(try await dsh.succeed("logs", "polite") == "got USR1")
            #expect(try await dsh.succeed("inspect", "--format", "{{.State.ExitCode}}", "polite") == "7")

            try await dsh.succeed("run", "-d", "--name", "deaf", "--stop-timeout", "1", "starter", "sleep", "600")
            let start = ContinuousClock.now
            try await dsh.succeed("stop", "deaf")
            #expect(ContinuousClock.now - start < .seconds(8))
            #expect(try await dsh.succeed("inspect", "--format", "{{.State.ExitCode}}", "deaf") == "137")
        }
    }
}
