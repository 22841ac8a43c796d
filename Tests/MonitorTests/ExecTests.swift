// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import Testing

struct ExecTests {
    /// Runs `body` beside a container that waits until its input ends.
    private static func besideContainer(
        _ change: (inout LaunchDescription) -> Void = { _ in }, _ body: (TestGround, TestGround.Running) throws -> Void
    ) throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["sh", "-c", "echo 1 > /mark; cat > /dev/null"])
            description.process.keepsInputOpen = true
            change(&description)
            let running = try ground.start(description)
            _ = try running.started
            let client = try TestClient(running.places) {
                $0.bringsInput = true
                $0.settles = true
            }
            try body(ground, running)
            try client.send(.inputClosed)
            _ = try client.exit()
            running.reap()
        }
    }

    @Test func `an exec lives where the container lives`() throws {
        try Self.besideContainer { ground, running in
            let pid = try running.started.pid
            let script =
                "for n in mnt pid net uts ipc cgroup; do readlink /proc/self/ns/$n; done; readlink /proc/1/ns/mnt; cat /proc/self/cgroup; pwd; hostname"
            let outcome = try ground.run(ground.exec(["sh", "-c", script], in: running))
            let lines = outcome.lines.map(String.init)
            try #require(lines.count > 9)
            for (index, kind) in ["mnt", "pid", "net", "uts", "ipc", "cgroup"].enumerated() {
                var bytes = [CChar](repeating: 0, count: 64)
                let count = readlink("/proc/\(pid)/ns/\(kind)", &bytes, bytes.count)
                #expect(lines[index].utf8.elementsEqual(bytes[..<count].map(UInt8.init(bitPattern:))))
            }
            #expect(lines[6] == lines[0])
            // The container's group is the root of what it sees.
            #expect(lines.contains("0::/"))
            #expect(lines.contains { $0.hasSuffix(":devices:/") } || !lines.contains { $0.contains(":devices:") })
            #expect(lines.last == running.description.hostname)
        }
    }

    @Test func `an exec is confined like its container`() throws {
        try Self.besideContainer { ground, running in
            var description = try ground.exec(["cat", "/proc/self/status"], in: running)
            description.protection.seccomp = SeccompProgram.refusingMkdir
            description.process.user = "user"
            let text = try ground.run(description).text
            #expect(text.contains("CapEff:\t0000000000000000"))
            #expect(text.contains("CapBnd:\t00000000a80425fb"))
            #expect(text.contains("Seccomp:\t2"))
            #expect(text.contains("Groups:\t10 50 1000"))
        }
    }

    @Test func `an exec's input, output and status are its own`() throws {
        try Self.besideContainer { ground, running in
            let description = try ground.exec(["sh", "-c", "cat; echo err >&2; exit 4"], in: running)
            let outcome = try ground.run(description, input: Array("through\n".utf8))
            #expect(outcome.text == "through\n")
            #expect(outcome.errorOutput == Array("err\n".utf8))
            #expect(outcome.exit?.exitCode == 4)
        }
    }

    @Test func `an exec's terminal has its size at once, a hundred times`() throws {
        try Self.besideContainer { ground, running in
            for _ in 0..<100 {
                var description = try ground.exec(["stty", "size"], in: running)
                description.process.hasTerminal = true
                description.process.terminalSize = .init(rows: 41, columns: 123)
                #expect(try ground.run(description).text == "41 123\r\n")
            }
        }
    }

    @Test(arguments: [
        (["nosuch"], "/", 127, "exec: \"nosuch\": executable file not found in $PATH"),
        (["true"], "/nowhere", 127, "chdir to cwd (\"/nowhere\") set in config.json failed: no such file or directory"),
        (["true"], "/mark", 126, "chdir to cwd (\"/mark\") set in config.json failed: not a directory"),
    ])
    func `an exec that cannot start says why, and the container goes on`(
        words: [String], directory: String, status: Int32, message: String
    ) throws {
        try Self.besideContainer { ground, running in
            var description = try ground.exec(words, in: running)
            description.process.directory = directory
            let failure = try #require(try ground.run(description).failure)
            #expect(failure.exitCode == status)
            #expect(failure.message == message)
        }
    }

    @Test func `an exec into a container that has ended is refused`() throws {
        try TestGround.scoped { ground in
            let running = try ground.start(try ground.description(["true"]))
            running.reap()
            let failure = try #require(try ground.run(ground.exec(["true"], in: running)).failure)
            #expect(failure.number == ESRCH)
        }
    }

    /// It has threads, and a thread cannot be born into another pid namespace.
    @Test func `what an exec's monitor becomes at the end is at home in its own pid namespace`() throws {
        try Self.besideContainer { ground, running in
            var description = try ground.exec(["true"], in: running)
            let shown = "\(description.directory)/namespaces"
            let script = "exec readlink /proc/self/ns/pid /proc/self/ns/pid_for_children > \(shown)"
            description.settle = LaunchDescription.Command(path: "/bin/sh", arguments: ["sh", "-c", script])
            let inside = try ground.start(description)
            inside.reap()
            let lines = try Descriptor(opening: shown, O_RDONLY).readToEnd().split(separator: UInt8(ascii: "\n"))
            #expect(lines.count == 2 && lines[0] == lines[1])
        }
    }

    @Test func `the container's end ends its execs`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["cat"])
            description.process.keepsInputOpen = true
            let running = try ground.start(description)
            let inside = try ground.start(try ground.exec(["sleep", "600"], in: running))
            let watcher = try TestClient(inside.places)
            let client = try TestClient(running.places) { $0.bringsInput = true }
            try client.send(.inputClosed)
            #expect(try client.exit().exitCode == 0)
            #expect(try watcher.exit().ending == .signaled(SIGKILL))
            running.reap()
            inside.reap()
        }
    }
}
