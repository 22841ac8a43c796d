// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import Testing

struct IsolationTests {
    private static func hostNamespace(_ name: String) -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/\(name)", &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    @Test func `a container lives in namespaces of its own`() throws {
        try TestGround.scoped { ground in
            let kinds = ["mnt", "pid", "net", "uts", "ipc", "cgroup"]
            let script = kinds.map { "readlink /proc/self/ns/\($0)" }.joined(separator: ";")
            let outcome = try ground.run("sh", "-c", "\(script); echo $$; hostname")
            let lines = outcome.lines.map(String.init)
            try #require(lines.count == 8)
            for (kind, inside) in zip(kinds, lines) {
                #expect(inside.hasPrefix(kind) && inside != Self.hostNamespace(kind))
            }
            #expect(lines[6] == "1")
            #expect(lines[7].count == 12)
        }
    }

    @Test func `what is shared with the host is the host's`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                ["sh", "-c", "for n in pid uts ipc net; do readlink /proc/self/ns/$n; done"])
            description.shared.pid = true
            description.shared.uts = true
            description.shared.ipc = true
            description.network = .host
            let lines = try ground.run(description).lines.map(String.init)
            #expect(lines == ["pid", "uts", "ipc", "net"].map(Self.hostNamespace))
        }
    }

    @Test func `only the container's own interfaces, processes, mounts and descriptors are seen`() throws {
        try TestGround.scoped { ground in
            let outcome = try ground.run(
                "sh", "-c",
                "ip link | grep -c UP; ls -d /proc/[0-9]* | wc -l; ls /proc/self/fd | wc -l; cat /proc/self/mountinfo")
            let lines = outcome.lines
            // lo; the shell, ls and wc; three streams and the one that ls reads the directory with.
            #expect(lines.prefix(3) == ["1", "3", "4"])
            #expect(!outcome.text.contains(ground.directory + "/run"))
            let points = lines.dropFirst(3).map { $0.split(separator: " ")[4] }
            #expect(
                Set(["/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys/fs/cgroup"]).isSubset(
                    of: points.map(String.init)))
        }
    }

    @Test(
        arguments: [
            ("", TestGround.dockerCapabilities, "00000000a80425fb", "00000000a80425fb"),
            ("1000", TestGround.dockerCapabilities, "0000000000000000", "00000000a80425fb"),
            ("", 0, "0000000000000000", "0000000000000000"),
            ("1000:1000", 0, "0000000000000000", "0000000000000000"),
        ] as [(String, UInt64, String, String)])
    func `capabilities are what was granted, for every user`(
        user: String, granted: UInt64, effective: String, bounding: String
    ) throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["cat", "/proc/self/status"])
            description.process.user = user
            description.process.capabilities.bounding = granted
            description.process.capabilities.permitted = granted
            description.process.capabilities.effective = granted
            description.protection.seccomp = SeccompProgram.refusingMkdir
            let text = try ground.run(description).text
            #expect(text.contains("CapEff:\t\(effective)"))
            #expect(text.contains("CapBnd:\t\(bounding)"))
            #expect(text.contains("CapAmb:\t0000000000000000"))
            #expect(text.contains("Seccomp:\t2"))
        }
    }

    @Test(arguments: [(0, false), (1000, false), (0, true), (1000, true)])
    func `system calls are filtered, with and without new privileges`(user: Int, isClosed: Bool) throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                ["sh", "-c", "mkdir /tmp/x 2>&1; grep NoNewPrivs /proc/self/status"])
            description.process.user = "\(user)"
            description.process.forbidsNewPrivileges = isClosed
            description.protection.seccomp = SeccompProgram.refusingMkdir
            let text = try ground.run(description).text
            #expect(text.contains("can't create directory '/tmp/x': Operation not permitted"))
            #expect(text.contains("NoNewPrivs:\t\(isClosed ? 1 : 0)"))
        }
    }

    @Test(arguments: [(false, "uid=0"), (true, "uid=1000(user)")])
    func `a set-user-id program works unless new privileges are forbidden`(isClosed: Bool, who: String) throws {
        try TestGround.scoped { ground in
            try ground.write("root::0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n", to: "etc/passwd")
            let copy = try Descriptor(opening: "\(ground.layer)/bin/su-box", O_WRONLY | O_CREAT, mode: 0o755)
            _ = try Descriptor(opening: "/bin/busybox", O_RDONLY).copyRest(to: copy)
            chmod("\(ground.layer)/bin/su-box", 0o4755)
            unlink("\(ground.layer)/bin/su")
            symlink("su-box", "\(ground.layer)/bin/su")
            var description = try ground.description(["sh", "-c", "/bin/su root -c id || id"])
            description.process.user = "user"
            description.process.forbidsNewPrivileges = isClosed
            description.protection.seccomp = SeccompProgram.refusingMkdir
            let outcome = try ground.run(description)
            #expect(
                outcome.text.hasPrefix(who), "\(outcome.text) \(String(decoding: outcome.errorOutput, as: UTF8.self))")
        }
    }

    @Test func `masked paths show nothing and read-only paths refuse`() throws {
        try TestGround.scoped { ground in
            let outcome = try ground.run(
                "sh", "-c",
                """
                cat /proc/kcore /proc/timer_list | wc -c; ls /sys/firmware | wc -l
                (echo 1 > /proc/sys/vm/swappiness) 2>&1
                (mkdir /sys/fs/cgroup/x) 2>&1; (mkdir /sys/x) 2>&1; mount -t tmpfs x /tmp 2>&1
                """)
            #expect(outcome.lines.prefix(2) == ["0", "0"])
            #expect(outcome.lines.filter { $0.contains("Read-only file system") }.count == 3, "\(outcome.text)")
            #expect(outcome.lines.last?.contains("permission denied") == true)
        }
    }

    @Test func `devices are the standard ones, and others cannot be opened`() throws {
        try TestGround.scoped { ground in
            let outcome = try ground.run(
                "sh", "-c",
                """
                ls /dev | tr '\\n' ' '; echo; head -c 4 /dev/zero | od -An -tx1; echo lost > /dev/null
                head -c 2 /dev/urandom | wc -c; (echo x > /dev/full) 2>&1
                mknod /tmp/disk b 254 0 && (head -c 1 /tmp/disk) 2>&1; mknod /tmp/kmsg c 1 11 && (cat /tmp/kmsg) 2>&1
                """)
            let lines = outcome.lines
            #expect(
                lines.first?.replacing("core ", with: "")
                    == "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ")
            // Where this kernel has it.
            #expect((lines.first?.hasPrefix("core ") == true) == (access("/proc/kcore", F_OK) == 0))
            #expect(lines.contains(" 00 00 00 00"))
            #expect(lines.contains("2"))
            #expect(outcome.text.contains("No space left on device"))
            #expect(lines.filter { $0.contains("Operation not permitted") }.count == 2)
        }
    }

    @Test func `an image whose proc is a link is refused`() throws {
        try TestGround.scoped { ground in
            symlink("/etc", "\(ground.layer)/proc")
            let failure = try #require(try ground.run("true").failure)
            #expect(failure.step == "mountProc")
            #expect(failure.exitCode == 125)
        }
    }
}

/// Programs for seccomp(2), written out: the engine's come from libseccomp.
enum SeccompProgram {
    /// mkdir(2) and mkdirat(2) fail with EPERM, everything else passes.
    static let refusingMkdir: [UInt8] = instructions([
        (0x20, 0, 0, 0),  // load the number
        (0x15, 2, 0, 83),  // mkdir
        (0x15, 1, 0, 258),  // mkdirat
        (0x06, 0, 0, 0x7fff_0000),  // allow
        (0x06, 0, 0, 0x0005_0001),  // EPERM
    ])

    private static func instructions(_ rows: [(UInt16, UInt8, UInt8, UInt32)]) -> [UInt8] {
        rows.flatMap { code, yes, no, value in
            withUnsafeBytes(of: code.littleEndian, Array.init) + [yes, no]
                + withUnsafeBytes(of: value.littleEndian, Array.init)
        }
    }
}
