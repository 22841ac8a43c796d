// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Links and races around what is mounted into a container and copied to and from it.
struct ContainedPathsTests {
    private static func entries(of directory: String) -> [String] {
        names(below: directory).filter { $0 != "." && $0 != ".." }
    }

    @Test(arguments: ["/proc", "/proc/1", "/proc/sys", "/proc/self/fd", "/link", "/proc/self/attr/current"])
    func `nothing is mounted over what /proc shows, not through a link either`(target: String) async throws {
        try await DshProgram.scoped { dsh in
            let image = "mkdir -p t/bin t/etc; cp /bin/busybox t/bin/sh; ln -s /proc/sys t/link; tar -C t -cf t.tar ."
            try await Program("/bin/sh", ["-c", image], directory: dsh.roots.files).succeed()
            try await dsh.succeed("import", "t.tar", "linked:1")
            let source = try target.hasSuffix("current") ? dsh.roots.write("x", to: "file") : dsh.roots.files
            for flags in [["-v", "\(source):\(target)"], ["--tmpfs", target]] {
                if source != dsh.roots.files, flags[0] == "--tmpfs" { continue }
                let result = try await dsh.program(["run", "--rm"] + flags + ["linked:1", "sh", "-c", "echo started"])
                    .run()
                #expect(result.status == 125 && result.text.isEmpty, "\(flags): \(result.text)")
                #expect(
                    result.errorText.contains("cannot be mounted because it is inside /proc"), "\(result.errorText)")
            }
        }
    }

    @Test func `what Docker lets people put over files of /proc can be put there`() async throws {
        try await DshProgram.scoped { dsh async throws in
            let file = try dsh.roots.write("processor : one\n", to: "cpuinfo")
            let shown = try await dsh.succeed(
                "run", "--rm", "-v", "\(file):/proc/cpuinfo:ro", "starter", "cat", "/proc/cpuinfo")
            #expect(shown == "processor : one")
        }
    }

    @Test func `a volume's place that is swapped for a link while containers start stays inside`() async throws {
        try await DshProgram.scoped { dsh in
            // CVE-2021-30465: the one container holds the directory that the other mounts below.
            let host = dsh.roots.files + "/host"
            for name in ["shared", "shared/place", "other", "host"] { mkdir(dsh.roots.files + "/" + name, 0o755) }
            symlink(host, dsh.roots.files + "/shared/link")
            let shared = "\(dsh.roots.files)/shared:/shared"
            try await dsh.succeed(
                "run", "-d", "--name", "swapper", "-v", shared, "-v", "\(ContainmentTests.probe):/probe:ro", "starter",
                "/probe", "swap", "/shared/place", "/shared/link")
            for _ in 0..<15 {
                let result = try await dsh(
                    "run", "--rm", "-v", shared, "-v", "\(dsh.roots.files)/other:/shared/place/below", "starter", "sh",
                    "-c",
                    "ls -d /bin /proc/1 /shared")
                // Mounted where the directory was, or refused because the kernel saw it change.
                #expect(result.text == "/bin\n/proc/1\n/shared\n" || result.status == 125, "\(result.errorText)")
                #expect(Self.entries(of: host).isEmpty, "made on the host")
            }
            #expect(try await dsh.succeed("ps", "-q").split(separator: "\n").count == 1)
        }
    }

    @Test func `a directory that is swapped for a link while it is copied shows nothing of the host`() async throws {
        try await DshProgram.scoped { dsh in
            // CVE-2018-15664.
            let secret = try dsh.roots.write("host\n", to: "host/file")
            let host = secret.dropLast("/file".count)
            try dsh.roots.write("planted\n", to: "new")
            let make = "mkdir /d; echo inside > /d/file; ln -s \(host) /l; exec /probe swap /d /l"
            try await dsh.succeed(
                "run", "-d", "--name", "c", "-v", "\(ContainmentTests.probe):/probe:ro", "starter", "sh", "-c", make)
            let log = dsh.program(["logs", "-f", "c"])
            try await log.whileRunning { try await $0.waitForOutput("swapping") }
            var copied = 0
            for _ in 0..<25 {
                for path in ["/d/file", "/d"] {
                    let result = try await dsh.program(["cp", "c:" + path, "-"]).run()
                    #expect(!result.text.contains("host\n"), "\(result.text)")
                    if result.text.contains("inside\n") { copied += 1 }
                }
                _ = try await dsh("cp", "new", "c:/d/planted")
                #expect(Self.entries(of: String(host)) == ["file"])
            }
            #expect(copied > 0, "nothing was copied at all")
            #expect(try await Program("/bin/cat", [secret]).succeed() == "host")
        }
    }

    @Test func `cp reads no device and no pipe, and writes nothing into /proc`() async throws {
        try await DshProgram.scoped { dsh in
            let make = """
                mkdir /d; mknod /d/disk b 254 0; mknod /d/pipe p; mknod /d/zero c 1 5; ln -s /d/zero /zero
                ln -s /proc/sys/kernel/hostname /name; ln -s /proc/1 /one; echo made; exec sleep 600
                """
            try await dsh.succeed("run", "-d", "--name", "c", "--hostname", "kept", "starter", "sh", "-c", make)
            try await dsh.program(["logs", "-f", "c"]).whileRunning { try await $0.waitForOutput("made") }
            try dsh.roots.write("changed\n", to: "new")
            for path in ["/d", "/d/.", "/d/disk", "/d/pipe"] {
                let archive = try await dsh.program(["cp", "c:" + path, "-"]).run(within: .seconds(20))
                #expect(archive.status == 0 && archive.output.count <= 20_480, "\(path): \(archive.errorText)")
            }
            let nodes = try await dsh.program(["cp", "-L", "c:/zero", "-"]).run(within: .seconds(20))
            let listed = try await Program("/bin/tar", ["-tv"]).run(input: nodes.output)
            #expect(listed.text.hasPrefix("c"), "\(listed.text)")
            for path in [
                "/name", "/proc/sys/kernel/hostname", "/one/oom_score_adj", "/proc/1/comm", "/d/zero", "/d/pipe",
            ] {
                let result = try await dsh.program(["cp", "new", "c:" + path]).run(within: .seconds(20))
                #expect(result.status == 1 && result.errorLines.count == 1, "\(path): \(result.errorText)")
            }
            #expect(try await dsh.succeed("exec", "c", "hostname") == "kept")
            #expect(try await dsh.succeed("exec", "c", "cat", "/proc/1/oom_score_adj", "/proc/1/comm") == "0\nsleep")
            // Masked inside means masked for cp, too.
            for path in ["/proc/timer_list", "/proc/keys"] {
                let result = try await dsh.program(["cp", "c:" + path, "-"]).run(within: .seconds(20))
                #expect(result.output.count <= 10_240 && !result.text.contains("now at"), "\(path)")
            }
        }
    }
}
