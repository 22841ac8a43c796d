// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Linux

struct CgroupTests {
    /// A shell that does `script` once it has been moved into a group, and says what came of it.
    private static func shell(in group: Cgroup, _ script: String) throws -> String {
        let go = try Pipe()
        let answer = try Pipe()
        let spawned = try SpawnedProgram(
            ProtectedProgram("/bin/busybox"), arguments: ["sh", "-c", "read x <&3; { \(script) } >&4 2>&4"],
            environment: ["PATH=/bin"], descriptors: [go.reading.number, answer.writing.number])
        try group.add(spawned.pid)
        try go.writing.writeAll([10])
        let text = String(decoding: try answer.keepReading().readToEnd(), as: UTF8.self)
        waitpid(spawned.pid, nil, 0)
        return text
    }

    private static func scoped(_ body: (Cgroup) throws -> Void) throws {
        let parent = "dsh-test-\(UInt32.random(in: 0 ... .max))"
        let group = try Cgroup(parent: [parent], name: "group")
        defer {
            try? group.killAll()
            try? group.remove()
            try? Cgroup(parent: [], name: parent).remove()
        }
        try body(group)
    }

    private static let tries =
        "cat /dev/null && echo null; head -c 1 /dev/zero | wc -c; echo x > /dev/zero; head -c 1 /dev/urandom | wc -c;"

    private static let rules: [CgroupDeviceRule] = [
        CgroupDeviceRule(isAllowed: false, kind: .all, major: nil, minor: nil, access: .all),
        CgroupDeviceRule(isAllowed: true, kind: .character, major: 1, minor: 3, access: .all),
        CgroupDeviceRule(isAllowed: true, kind: .character, major: 1, minor: 5, access: .all),
        CgroupDeviceRule(isAllowed: false, kind: .character, major: 1, minor: 5, access: .write),
    ]

    @Test(arguments: [false, true])
    func `rules on devices hold, by the unified tree's program as by files`(usesProgram: Bool) throws {
        try Self.scoped { group in
            try #require(try group.create(using: usesProgram ? [] : [.devices]).isEmpty)
            if usesProgram {
                try group.restrictDevices(Self.rules)
                // No process need be moved into another tree.
                #expect(group.directories.map(\.path) == [group.unifiedDirectory])
            } else {
                try group.restrictDevicesByFiles(Self.rules)
            }
            let lines = try Self.shell(in: group, Self.tries).split(separator: "\n")
            #expect(lines.filter { !$0.contains("not permitted") } == ["null", "1", "0"])
            #expect(lines.filter { $0.contains("not permitted") }.count == 2)
        }
    }

    @Test func `killing a group ends all of it, groups inside it too`() throws {
        try Self.scoped { group in
            _ = try group.create(using: [.devices])
            let inner = try Cgroup(parent: group.components, name: "inner")
            _ = try inner.create(using: [.devices])
            let ready = try Pipe()
            var pids: [Int32] = []
            for place in [group, inner] {
                let spawned = try SpawnedProgram(
                    ProtectedProgram("/bin/busybox"), arguments: ["sh", "-c", "echo >&3; sleep 600 & sleep 600"],
                    environment: ["PATH=/bin"], descriptors: [ready.writing.number])
                try place.add(spawned.pid)
                pids.append(spawned.pid)
            }
            #expect(group.processes.contains(pids[0]) && group.processes.contains(pids[1]))
            try group.killAll()
            for pid in pids {
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                #expect(status & 0x7f == SIGKILL)
            }
            try group.remove()
            #expect(group.directories.isEmpty)
            // What is not there is empty, and gone.
            try group.killAll()
            try group.remove()
        }
    }

    @Test func `a frozen group stands still until it is thawed`() throws {
        try Self.scoped { group in
            _ = try group.create(using: [])
            let input = try Pipe()
            let output = try Pipe()
            let spawned = try SpawnedProgram(
                ProtectedProgram("/bin/busybox"), arguments: ["sh", "-c", "cat <&3 >&4"], environment: ["PATH=/bin"],
                descriptors: [input.reading.number, output.writing.number])
            try group.add(spawned.pid)
            try group.freeze()
            let events = try #require(group.unifiedDirectory) + "/cgroup.events"
            while try !Cgroup.read(events).contains("frozen 1") { sched_yield() }
            try input.writing.writeAll([42])
            var wait = pollfd(fd: output.reading.number, events: Int16(POLLIN), revents: 0)
            #expect(poll(&wait, 1, 50) == 0)
            try group.thaw()
            #expect(poll(&wait, 1, 5_000) == 1)
            try group.killAll()
            waitpid(spawned.pid, nil, 0)
        }
    }

    @Test func `version 1's lines say what a rule says`() {
        let lines = Self.rules.map(\.legacyLine)
        #expect(lines == ["a *:* rwm", "c 1:3 rwm", "c 1:5 rwm", "c 1:5 w"])
    }
}
