// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Ways out of a default container, tried from inside by a program that needs nothing of the image (`Tests/Probe`).
///
/// Capabilities, filter, masked paths and devices by themselves are in ContainerIsolationTests, raw packets for the host's
/// loopback in NetworkIsolationTests; what Docker's container shows line by line is in DockerTableTests.
struct ContainmentTests {
    static let probe = DshProgram.builtDirectory + "/probe"

    private static func runProbe(_ dsh: DshProgram, _ words: [String], flags: [String] = []) async throws -> [String] {
        let all =
            ["run", "--rm", "--network", "none", "-v", "\(probe):/probe:ro"] + flags + ["starter", "/probe"] + words
        return try await dsh.program(all).succeed().split(separator: "\n").map(String.init)
    }

    /// What a program tries, with which words, and what the kernel answers to each of its calls.
    struct Row: Sendable, CustomTestStringConvertible {
        let attempt: String
        var words: [String] = []
        let answers: [String]
        var testDescription: String { attempt }

        static func refused(_ attempt: String, _ calls: [String], with reason: String = "EPERM") -> Row {
            Row(attempt: attempt, answers: calls.map { "\($0): \(reason)" })
        }
    }

    private static let rows = [
        Row.refused(
            "mounts",
            [
                "mount tmpfs", "mount proc", "mount cgroup", "bind", "remount /proc/sys for writing",
                "unmount /proc/sys",
                "fsopen", "open_tree", "pivot_root",
            ]),
        // A disk, the memory, the kernel's log, its first terminal, loop devices; then zero, which may be opened.
        Row(
            attempt: "devices",
            words: "b 254 0 c 1 1 c 1 11 c 4 1 c 10 237 c 1 5".split(separator: " ").map(String.init),
            answers: Array(repeating: ["make: ok", "open: EPERM"], count: 5).flatMap { $0 } + ["make: ok", "open: ok"]),
        Row(
            attempt: "namespaces",
            answers: ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"].map { "/proc/1/ns/\($0): EPERM" }
                + ["unshare a user namespace: EPERM", "unshare mounts: EPERM", "clone3: ENOSYS"]),
        Row.refused("keys", ["add_key", "request_key", "keyctl"]),
        Row.refused("handles", ["open_by_handle_at"]),
        Row.refused(
            "machine",
            [
                "init_module", "delete_module", "kexec_load", "bpf", "perf_event_open", "io_uring_setup", "userfaultfd",
                "swapon", "reboot", "clock_settime", "sethostname", "acct", "syslog", "quotactl",
            ]),
        Row(attempt: "roots", answers: ["chroot: ok", "fchdir: ok", "chroot: ok", "the container's root"]),
        Row(attempt: "directories", answers: ["inside"]),
    ]

    @Test(arguments: rows)
    func `what a program tries is refused by the kernel`(row: Row) async throws {
        try await DshProgram.scoped { dsh async throws in
            #expect(try await Self.runProbe(dsh, [row.attempt] + row.words) == row.answers)
        }
    }

    @Test func `with --privileged the same is allowed: the test can tell`() async throws {
        try await DshProgram.scoped { dsh in
            let mounts = try await Self.runProbe(dsh, ["mounts"], flags: ["--privileged"])
            #expect(mounts.prefix(2) == ["mount tmpfs: ok", "mount proc: ok"])
        }
    }

    @Test func `processes of the host have no number inside`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            let monitor = try Monitors(of: dsh).only
            let shown = try await Self.runProbe(dsh, ["processes", monitor, "\(getpid())"])
            let none = ["signal", "ptrace", "pidfd_open", "process_vm_readv"].map { $0 + ": ESRCH" }
            #expect(shown == none + none)
        }
    }

    @Test func `the kernel's own settings cannot be written`() async throws {
        try await DshProgram.scoped { dsh in
            let paths = [
                "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/net/ipv4/ip_forward",
                "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity",
                "/sys/kernel/uevent_helper", "/sys/kernel/mm/ksm/run", "/sys/power/state", "/sys/class/net/lo/mtu",
                "/sys/fs/cgroup/unified/cgroup.procs", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/release_agent",
                "/proc/kcore", "/proc/timer_list", "/proc/1/mem",
            ]
            let answers = try await Self.runProbe(dsh, ["settings"] + paths)
            for (path, answer) in zip(paths, answers) {
                // Masked: what is written to it goes where everything goes that is written to /dev/null.
                let isMasked = answer == "\(path): ok" && ["/proc/kcore", "/proc/timer_list"].contains(path)
                let reasons = ["EROFS", "ENOENT", "EACCES", "EPERM", "EIO"].map { "\(path): \($0)" }
                #expect(isMasked || reasons.contains(answer))
            }
            #expect(answers.count == paths.count)
            #expect(answers.count { $0.hasSuffix("EROFS") } >= 4, "\(answers)")
        }
    }

    @Test func `no path through an open descriptor leads to the host`() async throws {
        try await DshProgram.scoped { dsh in
            // Whoever is outside sees no name for where he is; whoever is inside finds no host.
            let script = "cd ..; pwd; ls -d \(dsh.roots.directory) ../../../../../../..\(dsh.roots.directory)"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            for number in 3..<32 {
                let directory = "/proc/self/fd/\(number)"
                for words in [["exec", "-w", directory, "c"], ["run", "--rm", "-w", directory, "starter"]] {
                    let result = try await dsh.program(words + ["sh", "-c", script]).run()
                    #expect(result.status != 0 && result.text.isEmpty, "\(words): \(result.text)")
                    #expect(!result.errorText.contains("getcwd"), "\(words): \(result.errorText)")
                }
            }
            let image = "mkdir -p t/bin; cp /bin/busybox t/bin/sh; tar -C t -cf t.tar ."
            try await Program("/bin/sh", ["-c", image], directory: dsh.roots.files).succeed()
            for number in [7, 9, 16] {
                try await dsh.succeed("import", "-c", "WORKDIR /proc/self/fd/\(number)", "t.tar", "out:\(number)")
                let result = try await dsh("run", "--rm", "out:\(number)", "sh", "-c", "pwd")
                #expect(result.status != 0 && result.text.isEmpty, "\(result.text) \(result.errorText)")
            }
        }
    }

    @Test func `the supervisor's program cannot be written while it starts others inside`() async throws {
        try await DshProgram.scoped { dsh in
            let monitor = DshProgram.builtDirectory + "/dsh-monitor"
            let digest = try await Program("/usr/bin/sha256sum", [monitor]).succeed()
            let attack = [
                "run", "-i", "--name", "c", "-v", "\(Self.probe):/probe:ro", "starter", "/probe", "overwrite", "4",
            ]
            let running = try dsh.program(attack).start(on: .pipes)
            defer { running.end() }
            let deadline = ContinuousClock.now + .seconds(30)
            while try await dsh("exec", "c", "true").status != 0, ContinuousClock.now < deadline {}
            // A script whose interpreter is what executes it, as in CVE-2019-5736.
            try await dsh.succeed("exec", "c", "sh", "-c", "echo '#!/proc/self/exe' > /x; chmod +x /x")
            while running.snapshot.status == nil, ContinuousClock.now < deadline {
                for program in ["true", "/x", "/proc/self/exe"] { _ = try await dsh("exec", "c", program) }
            }
            let result = try await running.waitForEnd()
            #expect(result.text == "looked often, opened 0\n")
            #expect(try await Program("/usr/bin/sha256sum", [monitor]).succeed() == digest)
        }
    }

    @Test func `a terminal is the container's own, whatever the image has in its place`() async throws {
        try await DshProgram.scoped { dsh in
            let image = """
                mkdir -p t/bin t/etc t/dev/pts; cp /bin/busybox t/bin/busybox
                for n in sh ls tty cat; do ln -s busybox t/bin/$n; done
                echo kept > t/etc/kept
                for n in console null tty ptmx pts/ptmx pts/0; do ln -s /etc/kept t/dev/$n; done
                tar -C t -cf t.tar .
                """
            try await Program("/bin/sh", ["-c", image], directory: dsh.roots.files).succeed()
            try await dsh.succeed("import", "t.tar", "links:1")
            let script = "tty; echo lost > /dev/console; ls -l /dev/console | cut -c1; cat /etc/kept"
            for words in [["run", "--rm"], ["run", "-d", "--name", "c"], ["exec"]] {
                let target = words == ["exec"] ? "c" : "links:1"
                let program = words.contains("-d") ? ["sh", "-c", "while true; do cat; done"] : ["sh", "-c", script]
                let running = try dsh.program(words + ["-t", target] + program).start(
                    on: .terminal(rows: 24, columns: 80))
                defer { running.end() }
                let result = try await running.waitForEnd()
                guard !words.contains("-d") else { continue }
                let own = words == ["exec"] ? "/dev/pts/1" : "/dev/pts/0"
                let words = result.text.split { $0.isWhitespace }.map(String.init).filter { $0 != "lost" }
                #expect(result.status == 0 && words == [own, "c", "kept"], "\(result.text)")
            }
        }
    }

    @Test(arguments: ["proc", "sys", "dev"])
    func `an image whose kernel directories are links is refused`(name: String) async throws {
        try await DshProgram.scoped { dsh in
            let image = "mkdir -p t/bin t/etc; cp /bin/busybox t/bin/sh; ln -s /etc t/\(name); tar -C t -cf t.tar ."
            try await Program("/bin/sh", ["-c", image], directory: dsh.roots.files).succeed()
            try await dsh.succeed("import", "t.tar", "linked:1")
            let result = try await dsh("run", "--rm", "linked:1", "sh", "-c", "echo started")
            #expect(result.status == 125 && result.text.isEmpty && result.errorText.contains("/\(name)"))
        }
    }

    @Test func `without IPv6 a container has no address of it but its own loopback's`() async throws {
        try await DshProgram.scoped { dsh async throws in
            for _ in 0..<3 {
                let shown = try await dsh.succeed("run", "--rm", "starter", "cat", "/proc/net/if_inet6")
                #expect(shown.split(separator: "\n").allSatisfy { $0.hasSuffix(" lo") }, "\(shown)")
            }
        }
    }
}
