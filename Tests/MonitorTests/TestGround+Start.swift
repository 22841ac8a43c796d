// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension TestGround {
    /// What Docker gives a container: capabilities(7), bits.
    static let dockerCapabilities: UInt64 = 0xa804_25fb

    /// A container like Docker's, without a network and without a seccomp program.
    func description(_ words: [String]) throws -> LaunchDescription {
        var description = LaunchDescription()
        description.id = (0..<64).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
        description.name = "test"
        description.directory = "\(directory)/\(description.id)"
        description.runDirectory = "\(directory)/run-\(description.id)"
        description.hostname = String(description.id.prefix(12))
        description.root.lower = [layer]
        description.root.upper = "\(description.directory)/upper"
        description.root.work = "\(description.directory)/work"
        for path in [description.runDirectory, description.root.upper, description.root.work] {
            try FileNode.makeDirectories(path)
        }
        description.process.arguments = words
        description.process.environment = ["PATH=/usr/local/bin:/bin:/usr/bin"]
        description.process.capabilities.bounding = Self.dockerCapabilities
        description.process.capabilities.permitted = Self.dockerCapabilities
        description.process.capabilities.effective = Self.dockerCapabilities
        description.cgroup.parent = [cgroupParent]
        description.cgroup.name = description.id
        description.cgroup.devices = Self.dockerDevices
        description.protection.maskedPaths = [
            "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
            "/sys/devices/virtual/powercap",
        ]
        description.protection.readOnlyPaths = [
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
        ]
        description.log.path = "\(description.directory)/log"
        return description
    }

    private static let dockerDevices: [LaunchDescription.DeviceRule] = {
        typealias Rule = LaunchDescription.DeviceRule
        let nodes: [(UInt32, UInt32?)] = [
            (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, nil),
        ]
        let making = [
            Rule(isAllowed: false), Rule(isAllowed: true, kind: .character, access: 4),
            Rule(isAllowed: true, kind: .block, access: 4),
        ]
        return making + nodes.map { Rule(isAllowed: true, kind: .character, major: $0, minor: $1) }
    }()

    /// An exec into a running container, confined like it.
    func exec(_ words: [String], in running: Running) throws -> LaunchDescription {
        var description = running.description
        description.kind = .exec
        description.directory = "\(running.description.directory)/exec-\(Int.random(in: 0..<1 << 40))"
        description.runDirectory = description.directory
        try FileNode.makeDirectories(description.directory)
        description.process.arguments = words
        description.process.hasTerminal = false
        description.initProgram = nil
        description.log.isOn = false
        let started = try running.started
        description.target = LaunchDescription.Target(pid: started.pid, startTicks: started.startTicks)
        return description
    }

    /// Starts the real monitor; `client` is its end of the first client's socket.
    func start(_ description: LaunchDescription, client: CInt? = nil, monitor: String = monitorPath) throws -> Running {
        let program = try ProtectedProgram(monitor)
        let file = try Descriptor(opening: directory, O_RDWR | O_TMPFILE_FLAG, mode: 0o600)
        try file.writeAll(description.encoded)
        try attempt("rewind") { lseek(file.number, 0, SEEK_SET) }
        let report = try Pipe()
        let spawned = try SpawnedProgram(
            program, arguments: ["dsh-monitor", description.id], environment: ["PATH=/bin"],
            descriptors: [file.number, report.writing.number, client])
        let bytes = try report.keepReading().readToEnd()
        return Running(
            description: description, report: try LaunchReport(decoding: bytes), monitor: spawned.pid)
    }

    private var O_TMPFILE_FLAG: CInt { 0o20_200_000 }

    /// Starts a container with a client that is there from its first byte.
    func attach(
        to description: LaunchDescription, _ change: (inout AttachFrame.Hello) -> Void = { _ in }
    ) throws -> (Running, TestClient) {
        let pair = try SocketPair()
        let client = TestClient(try pair.one.duplicate())
        var hello = AttachFrame.Hello()
        hello.isPatient = true
        change(&hello)
        try client.send(.hello(hello))
        return (try start(description, client: pair.other.number), client)
    }

    /// Starts a container and stays attached from its first byte to its end, with `input` as its standard input.
    func run(_ description: LaunchDescription, input: [UInt8]? = nil) throws -> Outcome {
        var description = description
        if input != nil { description.process.keepsInputOpen = true }
        let (running, client) = try attach(to: description) {
            $0.settles = true
            $0.bringsInput = input != nil
        }
        var outcome = Outcome(report: running.report)
        defer { running.reap() }
        guard case .started = running.report else { return outcome }
        if let input {
            try client.sendAll(input)
            try? client.send(.inputClosed)  // it may have ended
        }
        try client.readToEnd(into: &outcome)
        return outcome
    }

    /// As above, with everything as Docker has it by default.
    func run(_ words: String..., input: [UInt8]? = nil) throws -> Outcome {
        try run(try description(words), input: input)
    }
}
