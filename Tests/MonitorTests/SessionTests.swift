// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import Testing

struct SessionTests {
    /// Returns when the process waits for something, or has ended.
    private static func waitUntilAsleep(_ pid: Int32) {
        // A process that has ended has no such file.
        while let file = try? Descriptor(opening: "/proc/\(pid)/stat", O_RDONLY), let bytes = try? file.readToEnd(),
            let state = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.dropFirst().first,
            state == "R"
        {
            sched_yield()
        }
    }

    @Test func `a terminal has its size before the program's first instruction, every time`() throws {
        try TestGround.scoped { ground in
            for round in 10...29 {
                var description = try ground.description(
                    ["sh", "-c", "stty size; tty; ls -1 /dev/pts; cat /proc/self/stat"])
                description.process.hasTerminal = true
                description.process.terminalSize = .init(rows: UInt16(round), columns: 132)
                let lines = try ground.run(description).text.split(whereSeparator: \.isNewline)
                #expect(lines.prefix(4) == ["\(round) 132", "/dev/pts/0", "0", "ptmx"])
                // The terminal is the program's controlling one: /dev/pts/0 is 136:0.
                #expect(lines.last?.split(separator: " ").dropFirst(6).first == "\(136 << 8)")
            }
        }
    }

    @Test func `two clients see the same output, and either may type, resize and signal`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                [
                    "sh", "-c",
                    """
                    trap 'echo got TERM' TERM
                    while :; do if read l; then [ $l = quit ] && exit 5; echo "<$l $(stty size)>"; fi; done
                    """,
                ])
            description.process.hasTerminal = true
            description.process.keepsInputOpen = true
            description.process.terminalSize = .init(rows: 20, columns: 60)
            let (running, one) = try ground.attach(to: description) { $0.bringsInput = true }
            let other = try TestClient(running.places) { $0.bringsInput = true }
            try one.send(.input(Array("first\n".utf8)))
            try one.wait(for: "<first 20 60>")
            try other.wait(for: "<first 20 60>")
            try other.send(.resize(.init(rows: 33, columns: 77)))
            try other.send(.input(Array("second\n".utf8)))
            try one.wait(for: "<second 33 77>")
            try one.send(.signal(SIGTERM))
            try other.wait(for: "got TERM")
            try one.send(.input(Array("quit\n".utf8)))
            #expect(try one.exit().exitCode == 5)
            #expect(try other.exit().exitCode == 5)
            running.reap()
            #expect(one.welcome?.hasTerminal == true)
        }
    }

    @Test func `a client that does not read is let go, and holds up nobody`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["sh", "-c", "read go; head -c 20000000 /dev/zero"])
            description.process.keepsInputOpen = true
            let running = try ground.start(description)
            let idle = try TestClient(running.places)
            let reader = try TestClient(running.places) {
                $0.bringsInput = true
                $0.isPatient = true
            }
            try reader.send(.input([10]))
            var outcome = TestGround.Outcome(report: running.report)
            try reader.readToEnd(into: &outcome)
            #expect(outcome.output.count == 20_000_000)
            var last: AttachFrame?
            while let frame = try idle.next() { last = frame }
            #expect(last == .cut)
            running.reap()
            // The log has what the idle client missed.
            var status = stat()
            stat(description.log.path, &status)
            #expect(status.st_size > 20_000_000)
        }
    }

    @Test func `a patient client that reads in gulps gets every byte`() throws {
        try TestGround.scoped { ground in
            // While the client reads nothing the program comes to a halt; what the client then takes at once is room for
            // all that waits, and for more than the program has written meanwhile.
            let count = 100_000_000
            let (running, client) = try ground.attach(
                to: try ground.description(["head", "-c", "\(count)", "/dev/zero"]))
            let program = try running.started.pid
            var received = 0
            while let frame = try client.next() {
                guard case .output(let bytes) = frame else { continue }
                received += bytes.count
                if received % (1 << 20) < bytes.count { Self.waitUntilAsleep(program) }
            }
            #expect(received == count)
            running.reap()
        }
    }

    @Test func `a container goes on when its client is gone, and keeps its input open when it is to`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["sh", "-c", "read a; echo $a; read b; echo $b"])
            description.process.keepsInputOpen = true
            description.process.inputEndsWithFirstClient = false
            let running = try ground.start(description)
            do {
                let one = try TestClient(running.places) { $0.bringsInput = true }
                try one.send(.input(Array("one\n".utf8)))
                try one.wait(for: "one")
            }
            let other = try TestClient(running.places) { $0.bringsInput = true }
            try other.send(.input(Array("two\n".utf8)))
            try other.wait(for: "two")
            #expect(try other.exit().exitCode == 0)
            running.reap()
        }
    }

    @Test func `input of a container that was made so ends with its first client`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["sh", "-c", "cat; echo over"])
            description.process.keepsInputOpen = true
            let running = try ground.start(description)
            let watcher = try TestClient(running.places)
            do { _ = try TestClient(running.places) { $0.bringsInput = true } }
            try watcher.wait(for: "over")
            running.reap()
        }
    }

    @Test(arguments: [true, false])
    func `the settle command runs when nobody has promised to settle`(isPromised: Bool) throws {
        try TestGround.scoped { ground in
            let mark = "\(ground.directory)/settled"
            var description = try ground.description(["sh", "-c", "read go"])
            description.process.keepsInputOpen = true
            description.settle = .init(path: "/bin/busybox", arguments: ["busybox", "touch", mark])
            let running = try ground.start(description)
            let client = try TestClient(running.places) {
                $0.bringsInput = true
                $0.settles = isPromised
            }
            try client.send(.input([10]))
            _ = try client.exit()
            running.reap()
            #expect((access(mark, F_OK) == 0) == !isPromised)
        }
    }

    @Test func `--init passes signals on, reaps orphans and ends as its program does`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                [
                    "sh", "-c",
                    """
                    cat /proc/1/comm; trap 'echo got; exit 9' TERM
                    (sleep 0 & sh -c 'exit 0' & ) ; (setsid sh -c 'usleep 1000' &)
                    while ls /proc | grep -q '^[0-9]*$' && ps -o stat,comm | grep -q '^Z'; do usleep 1000; done
                    echo ready; while :; do sleep 60 & wait; done
                    """,
                ])
            description.initProgram = "\(TestGround.monitorPath.dropLast("dsh-monitor".count))dsh-init"
            let (running, client) = try ground.attach(to: description)
            let said = try client.wait(for: "ready")
            #expect(said.hasPrefix("docker-init"))
            try client.send(.signal(SIGTERM))
            #expect(try client.exit().exitCode == 9)
            running.reap()
            let log = String(
                decoding: try Descriptor(opening: description.log.path, O_RDONLY).readToEnd(), as: UTF8.self)
            #expect(log.contains("docker-init") || log.contains("dsh-init"))
        }
    }

    @Test func `--init still tells a program that does not exist`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["nosuch"])
            description.initProgram = "\(TestGround.monitorPath.dropLast("dsh-monitor".count))dsh-init"
            #expect(try ground.run(description).failure?.exitCode == 127)
        }
    }
}
