// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import Testing

struct DeathTests {
    /// Waits until a process is gone, or ten seconds have passed.
    private static func waitForEnd(of process: borrowing ProcessHandle) -> Bool {
        var wait = pollfd(fd: process.descriptor.number, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 10_000) == 1
    }

    @Test(arguments: ["", "user"])
    func `a monitor that is killed takes its container along`(user: String) throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["sleep", "600"])
            description.process.user = user
            let running = try ground.start(description)
            let started = try running.started
            let program = try ProcessHandle(pid: started.pid, startTicks: started.startTicks)
            #expect(try FileLock.isHeld(running.places.lock))
            kill(running.monitor, SIGKILL)
            running.reap()
            let hasEnded = Self.waitForEnd(of: program)
            #expect(hasEnded)
            let isHeld = try FileLock.isHeld(running.places.lock)
            #expect(!isHeld)
            #expect(access(running.places.exitRecord, F_OK) < 0)
            let group = try Cgroup(parent: description.cgroup.parent, name: description.cgroup.name)
            try group.killAll()
            try group.remove()
        }
    }

    /// A program that becomes another user, or clears its parent-death signal, hears nothing of its monitor's death.
    @Test(arguments: ["setuid", "prctl"])
    func `what outlives its monitor is killed through its cgroup`(how: String) throws {
        try TestGround.scoped { ground in
            try ground.write("root::0:0:root:/root:/bin/sh\nuser::1000:1000::/:/bin/sh\n", to: "etc/passwd")
            // su(1) becomes the user; a set-user-id file makes execve(2) forget the signal.
            if how == "prctl" { chmod("\(ground.layer)/bin/busybox", 0o4755) }
            let words = how == "setuid" ? ["su", "user", "-c", "exec sleep 600"] : ["sleep", "600"]
            var description = try ground.description(words)
            if how == "prctl" { description.process.user = "user" }
            let running = try ground.start(description)
            let started = try running.started
            let program = try ProcessHandle(pid: started.pid, startTicks: started.startTicks)
            if how == "setuid" {
                // Until it is the user's: then the change is behind it.
                while String(
                    decoding: try Descriptor(opening: "/proc/\(started.pid)/status", O_RDONLY).readToEnd(),
                    as: UTF8.self
                )
                .contains("Uid:\t0") {
                    sched_yield()
                }
            }
            kill(running.monitor, SIGKILL)
            running.reap()
            var wait = pollfd(fd: program.descriptor.number, events: Int16(POLLIN), revents: 0)
            #expect(poll(&wait, 1, 100) == 0, "it is meant to outlive its monitor")
            let group = try Cgroup(parent: description.cgroup.parent, name: description.cgroup.name)
            #expect(group.processes.contains(started.pid))
            try group.killAll()
            #expect(poll(&wait, 1, 0) == 1)
            try group.remove()
        }
    }

    @Test func `a second monitor for the same container is refused`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["cat"])
            description.process.keepsInputOpen = true
            let running = try ground.start(description)
            let second = try ground.start(description)
            second.reap()
            guard case .failed(let failure) = second.report else { throw TestClient.Silence() }
            #expect(failure.number == EBUSY)
            let client = try TestClient(running.places) { $0.bringsInput = true }
            try client.send(.inputClosed)
            #expect(try client.exit().exitCode == 0)
            running.reap()
        }
    }

    @Test func `a log that a killed monitor left torn is cut and goes on`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["echo", "one"])
            _ = try ground.run(description)
            let log = try Descriptor(opening: description.log.path, O_WRONLY | O_APPEND)
            try log.writeAll([1, 2, 3, 4, 5, 6, 7])
            description.process.arguments = ["echo", "two"]
            _ = try ground.run(description)
            let bytes = try Descriptor(opening: description.log.path, O_RDONLY).readToEnd()
            var texts: [String] = []
            _ = try bytes.withUnsafeBytes { bytes in
                try LogRecord.forEach(in: bytes) { texts.append(String(decoding: $1, as: UTF8.self)) }
            }
            #expect(texts == ["one\n", "two\n"])
        }
    }

    @Test func `the monitor's file is out of reach from inside`() throws {
        try TestGround.scoped { ground in
            let monitor = "\(ground.directory)/dsh-monitor"
            let copy = try Descriptor(opening: monitor, O_WRONLY | O_CREAT, mode: 0o755)
            _ = try Descriptor(opening: TestGround.monitorPath, O_RDONLY).copyRest(to: copy)
            close(copy.release())
            let before = try Descriptor(opening: monitor, O_RDONLY).readToEnd()
            // A program that the kernel executes by means of its own file: the monitor's, at that moment.
            try ground.write("#!/proc/self/exe\n", to: "self", mode: 0o755)
            try ground.write(
                "#!/bin/sh\nn=0; while [ $n -lt 120 ]; do for p in /proc/[0-9]*/exe; do "
                    + "{ echo broken > $p; } 2>/dev/null && readlink $p; done; n=$((n+1)); done\n", to: "attack",
                mode: 0o755)
            var description = try ground.description(["/attack"])
            description.process.capabilities.bounding = .max
            description.process.capabilities.permitted = .max
            description.process.capabilities.effective = .max
            let running = try ground.start(description, monitor: monitor)
            for _ in 0..<12 {
                var exec = try ground.exec(["true"], in: running)
                exec.process.capabilities = description.process.capabilities
                let inside = try ground.start(exec, monitor: monitor)
                inside.reap()
                guard case .started = inside.report else { break }
            }
            kill(try running.started.pid, SIGKILL)
            running.reap()
            let itself = try ground.start(try ground.description(["/self"]), monitor: monitor)
            itself.reap()
            let after = try Descriptor(opening: monitor, O_RDONLY).readToEnd()
            #expect(before == after)
            // Whoever holds an open descriptor of the running monitor's file cannot write through it either.
            let mount = try DetachedMount(cloning: monitor)
            try mount.change(adding: .readOnly)
            #expect(open("/proc/self/fd/\(mount.tree.number)", O_WRONLY) < 0 && errno == EROFS)
        }
    }
}
