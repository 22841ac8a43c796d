// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import Testing

struct RunTests {
    @Test func `a program's output, error output and status arrive apart`() throws {
        try TestGround.scoped { ground in
            let outcome = try ground.run("sh", "-c", "echo out; echo err >&2; exit 3")
            #expect(outcome.failure == nil)
            #expect(outcome.text == "out\n")
            #expect(String(decoding: outcome.errorOutput, as: UTF8.self) == "err\n")
            #expect(outcome.exit?.ending == .exited(3))
        }
    }

    @Test(
        arguments: [
            (["sh", "-c", "kill -9 $$"], 137), (["sh", "-c", "exit 255"], 255), (["true"], 0), (["false"], 1),
            (["sh", "-c", "sh -c 'kill -TERM $$; true'; exit $?"], 143),
        ] as [([String], Int32)])
    func `the status is the program's, or 128 and the signal`(words: [String], status: Int32) throws {
        try TestGround.scoped { ground in
            // PID 1 cannot kill itself: the kernel keeps it from signals that it has no handler for.
            var description = try ground.description(words)
            description.shared.pid = words.joined().contains("kill -9")
            let outcome = try ground.run(description)
            #expect(outcome.exit?.exitCode == status)
        }
    }

    @Test(arguments: [
        (["nosuch"], 127, "exec: \"nosuch\": executable file not found in $PATH"),
        (["/nosuch"], 127, "exec: \"/nosuch\": stat /nosuch: no such file or directory"),
        (["/etc"], 126, "exec: \"/etc\": is a directory"),
        (["/etc/passwd"], 126, "exec: \"/etc/passwd\": permission denied"),
        (["/etc/passwd/x"], 126, "exec: \"/etc/passwd/x\": stat /etc/passwd/x: not a directory"),
        (["/plain"], 126, "exec /plain: exec format error"),
    ])
    func `what cannot be started is told in Docker's words`(words: [String], status: Int32, message: String) throws {
        try TestGround.scoped { ground in
            try ground.write("echo hello\n", to: "plain", mode: 0o755)
            let failure = try #require(try ground.run(ground.description(words)).failure)
            #expect(failure.message == message)
            #expect(failure.exitCode == status)
        }
    }

    @Test(arguments: [("#!/bin/sh\r\necho\r\n", "/bin/sh\r"), ("#! /bin/bash -e\n", "/bin/bash")])
    func `a script whose interpreter is missing names it`(script: String, interpreter: String) throws {
        try TestGround.scoped { ground in
            try ground.write(script, to: "start.sh", mode: 0o755)
            let failure = try #require(try ground.run("/start.sh").failure)
            #expect(failure.exitCode == 127)
            #expect(failure.interpreter == interpreter && !failure.isLoader)
        }
    }

    @Test(arguments: [
        ("\u{7f}ELF\u{2}\u{2}\u{1}\0\0\0\0\0\0\0\0\0\0\u{2}\0\u{16}\0\0\0\u{1}", "s390x"),
        ("\u{7f}ELF\u{1}\u{1}\u{1}\0\0\0\0\0\0\0\0\0\u{2}\0\u{8}\0\u{1}\0\0\0", "mips"),
        ("echo hello\n", ""),
    ])
    func `a program for another processor is told from a script without a first line`(
        head: String, processor: String
    ) throws {
        try TestGround.scoped { ground in
            try ground.write(head + String(repeating: "\0", count: 100), to: "start", mode: 0o755)
            let failure = try #require(try ground.run("/start").failure)
            #expect(failure.number == ENOEXEC && failure.exitCode == 126)
            #expect(failure.processor == processor)
        }
    }

    @Test func `no byte is lost to a slow reader`() throws {
        try TestGround.scoped { ground in
            let description = try ground.description(["sh", "-c", "head -c 8388608 /dev/zero; exit 7"])
            let (running, client) = try ground.attach(to: description)
            // The program cannot have ended: neither socket nor monitor holds eight mebibytes.
            #expect(access(running.places.exitRecord, F_OK) < 0)
            var outcome = TestGround.Outcome(report: running.report)
            try client.readToEnd(into: &outcome)
            running.reap()
            #expect(outcome.output.count == 8_388_608)
            #expect(outcome.exit?.exitCode == 7)
        }
    }

    @Test func `input reaches the program, whatever its size, and its end too`() throws {
        try TestGround.scoped { ground in
            let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let outcome = try ground.run("cat", input: input)
            #expect(outcome.output == input)
            #expect(outcome.exit?.exitCode == 0)
        }
    }

    @Test func `input that nobody reads holds up nothing`() throws {
        try TestGround.scoped { ground in
            let outcome = try ground.run(
                "sh", "-c", "exec 0<&-; echo closed", input: [UInt8](repeating: 1, count: 4_000_000))
            #expect(outcome.text == "closed\n")
        }
    }

    @Test func `without input the program reads an end at once`() throws {
        try TestGround.scoped { ground in
            let outcome = try ground.run("sh", "-c", "cat; echo done")
            #expect(outcome.text == "done\n")
        }
    }

    @Test func `the log keeps what was written, in order and by stream`() throws {
        try TestGround.scoped { ground in
            let description = try ground.description([
                "sh", "-c", "echo one; usleep 20000; echo two >&2; usleep 20000; printf three",
            ])
            _ = try ground.run(description)
            let bytes = try Descriptor(opening: description.log.path, O_RDONLY).readToEnd()
            var seen: [String] = []
            let used = try bytes.withUnsafeBytes { bytes in
                try LogRecord.forEach(in: bytes) { record, payload in
                    seen.append("\(record.stream) \(record.endsInsideLine) \(String(decoding: payload, as: UTF8.self))")
                }
            }
            #expect(used == bytes.count)
            #expect(seen == ["output false one\n", "errorOutput false two\n", "output true three"])
        }
    }

    @Test func `the exit record, the cgroup and the socket are as the end requires`() throws {
        try TestGround.scoped { ground in
            let description = try ground.description(["true"])
            let outcome = try ground.run(description)
            let places = MonitorPlaces(directory: description.directory, runDirectory: description.runDirectory)
            let record = try ExitRecord(decoding: try Descriptor(opening: places.exitRecord, O_RDONLY).readToEnd())
            #expect(record == outcome.exit)
            #expect(record.startedAt > 0 && record.finishedAt >= record.startedAt)
            #expect(access(places.socket, F_OK) < 0)
            let isLocked = try FileLock.isHeld(places.lock)
            #expect(!isLocked)
            let group = try Cgroup(parent: description.cgroup.parent, name: description.cgroup.name)
            #expect(group.directories.isEmpty)
        }
    }
}
