// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import Testing

struct ProcessTests {
    @Test(arguments: [
        ("", "uid=0(root) gid=0(root) groups=0(root),10(wheel)", "/root"),
        ("user", "uid=1000(user) gid=1000(user) groups=10(wheel),50(staff),1000(user)", "/home/user"),
        ("user:staff", "uid=1000(user) gid=50(staff) groups=50(staff)", "/home/user"),
        ("1000", "uid=1000(user) gid=1000(user) groups=10(wheel),50(staff),1000(user)", "/home/user"),
        ("4711", "uid=4711 gid=0(root) groups=0(root)", "/"),
        ("4711:4712", "uid=4711 gid=4712 groups=4712", "/"),
    ])
    func `users and groups are those of the image`(user: String, identity: String, home: String) throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["sh", "-c", "id; echo $HOME; pwd; echo x > /dev/stderr"])
            description.process.user = user
            description.process.directory = "/made/for it"
            let outcome = try ground.run(description)
            #expect(outcome.lines.map(String.init) == [identity, home, "/made/for it"])
            // The pipe is the user's to open by name.
            #expect(outcome.errorOutput == Array("x\n".utf8))
        }
    }

    @Test(arguments: [
        ("nobody", "unable to find user nobody: no matching entries in passwd file"),
        ("user:nobody", "unable to find group nobody: no matching entries in group file"),
        ("4294967295", "uids and gids must be in range 0-2147483647"),
    ])
    func `a user that the image does not have is refused`(user: String, message: String) throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["id"])
            description.process.user = user
            let failure = try #require(try ground.run(description).failure)
            #expect(failure.message == message)
            #expect(failure.exitCode == 125)
        }
    }

    @Test func `environment, umask, host name and settings of the kernel are as asked`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                ["sh", "-c", "env | sort; umask; hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start"])
            description.process.environment += ["HOME=/elsewhere", "GREETING=a b=c"]
            description.process.umask = 0o077
            description.hostname = "box"
            description.protection.kernelSettings = [
                LaunchDescription.KernelSetting(name: "net.ipv4.ip_unprivileged_port_start", value: "0")
            ]
            let lines = try ground.run(description).lines.map(String.init)
            #expect(lines.contains("GREETING=a b=c") && lines.contains("HOME=/elsewhere"))
            #expect(lines.suffix(3) == ["0077", "box", "0"])
        }
    }

    @Test func `limits that this machine cannot give are cut and reported`() throws {
        try TestGround.scoped { ground in
            let own = try ProcessLimit(7)
            var description = try ground.description(["sh", "-c", "ulimit -n; ulimit -c"])
            description.process.limits = [
                LaunchDescription.ResourceLimit(resource: 7, soft: 1 << 20, hard: 1 << 20),
                LaunchDescription.ResourceLimit(resource: 4, soft: 0, hard: 0),
            ]
            let outcome = try ground.run(description)
            // Root with CAP_SYS_RESOURCE gets all of it.
            let isCut = outcome.lines.first != "1048576"
            #expect(outcome.lines.first == (isCut ? "\(own.hard)" : "1048576"))
            #expect(outcome.lines.last == "0")
            let adjustment = Adjustment(setting: "nofile", asked: "1048576", given: "\(own.hard)", number: EPERM)
            #expect(outcome.adjustments == (isCut ? [adjustment] : []))
        }
    }

    @Test func `memory, processor and process limits hold and are seen inside`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                [
                    "sh", "-c",
                    """
                    cd /sys/fs/cgroup; cat memory.max memory/memory.limit_in_bytes 2>/dev/null
                    cat cpu.max 2>/dev/null || echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us)
                    cat pids.max pids/pids.max 2>/dev/null; nproc
                    i=0; while [ $i -lt 30 ]; do sleep 5 & i=$((i+1)); done 2>&1 | grep -c "can't fork"
                    """,
                ])
            description.cgroup.limits.memory = 64 << 20
            description.cgroup.limits.cpuQuota = 50_000
            description.cgroup.limits.pids = 20
            description.cgroup.limits.cpus = "0"
            let outcome = try ground.run(description)
            #expect(outcome.failure == nil)
            #expect(outcome.lines.prefix(4) == ["67108864", "50000 100000", "20", "1"])
            #expect(outcome.lines.last == "1")
        }
    }

    @Test func `a program that uses more memory than it may is killed, and the record says so`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                ["sh", "-c", "head -c 100000000 /dev/zero | tail > /dev/null; exit $?"])
            description.cgroup.limits.memory = 16 << 20
            description.cgroup.limits.memoryAndSwap = 16 << 20
            let exit = try #require(try ground.run(description).exit)
            #expect(exit.exitCode == 137)
            #expect(exit.ranOutOfMemory)
        }
    }

    @Test func `a processor that does not exist is refused`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["true"])
            description.cgroup.limits.cpus = "4000"
            #expect(try ground.run(description).failure?.step == "makeCgroup")
        }
    }

    @Test func `a read-only root refuses to be written, what is mounted over it does not`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(
                ["sh", "-c", "(echo x > /new) 2>&1; echo x > /run/new && cat /run/new; grep ' /run ' /proc/mounts"])
            description.root.isReadOnly = true
            var memory = LaunchDescription.Mount()
            memory.kind = .tmpfs
            memory.target = "/run"
            memory.size = 65_536
            memory.mode = 0o700
            memory.options = ["noexec", "nosuid", "nodev"]
            description.mounts = [memory]
            let lines = try ground.run(description).lines
            #expect(lines.first?.contains("Read-only file system") == true)
            #expect(lines.dropFirst().first == "x")
            #expect(lines.last?.hasPrefix("tmpfs /run tmpfs rw,nosuid,nodev,noexec,relatime,size=64k,mode=700") == true)
        }
    }

    @Test func `volumes show the host's files where links of the image lead, and never outside`() throws {
        try TestGround.scoped { ground in
            let shared = "\(ground.directory)/shared"
            try FileNode.makeDirectories("\(shared)/inner")
            try Descriptor(opening: "\(shared)/note", O_WRONLY | O_CREAT, mode: 0o644).writeAll("hello\n".utf8)
            symlink("/../../../../etc", "\(ground.layer)/escape")
            func bind(_ source: String, _ target: String, readOnly: Bool = false, file: Bool = false)
                -> LaunchDescription.Mount
            {
                var mount = LaunchDescription.Mount()
                mount.source = source
                mount.target = target
                mount.isReadOnly = readOnly
                mount.placeholder = file ? .file : .directory
                return mount
            }
            var description = try ground.description(
                [
                    "sh", "-c",
                    "cat /a/b/note /etc/made /etc/resolv.conf; echo more >> /a/b/note; (echo no > /ro/note) 2>&1",
                ])
            description.mounts = [
                bind(shared, "/a/b"), bind(shared, "/ro", readOnly: true),
                bind("\(shared)/note", "/escape/made", file: true),
                bind("\(shared)/note", "/etc/resolv.conf", file: true),
            ]
            let outcome = try ground.run(description)
            #expect(outcome.failure == nil)
            #expect(outcome.lines.prefix(3) == ["hello", "hello", "hello"])
            #expect(outcome.text.contains("Read-only file system"))
            #expect(access("/etc/made", F_OK) < 0)
            let note = try Descriptor(opening: "\(shared)/note", O_RDONLY).readToEnd()
            #expect(note == Array("hello\nmore\n".utf8))
        }
    }

    @Test func `a directory over a file is refused in Docker's words`() throws {
        try TestGround.scoped { ground in
            var mount = LaunchDescription.Mount()
            mount.source = ground.layer
            mount.target = "/etc/passwd"
            var description = try ground.description(["true"])
            description.mounts = [mount]
            let failure = try #require(try ground.run(description).failure)
            #expect(failure.message.contains("Are you trying to mount a directory onto a file (or vice-versa)?"))
        }
    }

    @Test func `many layers are stacked, the topmost first`() throws {
        try TestGround.scoped { ground in
            var description = try ground.description(["cat", "/which", "/layer-0", "/layer-99"])
            description.root.lower = []
            for number in 0..<100 {
                let layer = "\(ground.directory)/layers/\(number)"
                try FileNode.makeDirectories(layer)
                for name in ["which", "layer-\(number)"] {
                    try Descriptor(opening: "\(layer)/\(name)", O_WRONLY | O_CREAT, mode: 0o644).writeAll(
                        "\(number)\n".utf8)
                }
                description.root.lower.append(layer)
            }
            description.root.lower.append(ground.layer)
            #expect(try ground.run(description).lines == ["0", "0", "99"])
        }
    }
}
