// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// The process between clone3(2) and execve(2): it turns itself into the container's program, step by step.
struct Launch: ~Copyable {
    /// Descriptors that become the program's standard streams; `nil` is /dev/null.
    struct Streams {
        var input: CInt?
        var output: CInt?
        var errorOutput: CInt?
    }

    let description: LaunchDescription
    let channel: LaunchChannel
    /// Unused when the process gets a terminal.
    let streams: Streams
    /// The running container's first process, for an exec.
    let target: ProcessHandle?
    /// The container's group, for its view of itself.
    let group: Cgroup

    /// Copies of the volumes' mounts, in the order of `description.mounts`; `nil` for what is no bind.
    var volumeTrees: [CInt?] = []
    var groupTrees: [(name: String, tree: CInt)] = []
    var initTree: CInt?
    var user = ProcessIdentity.root

    init(
        _ description: LaunchDescription, channel: consuming LaunchChannel, streams: Streams,
        target: consuming ProcessHandle?, group: Cgroup
    ) {
        self.description = description
        self.channel = channel
        self.streams = streams
        self.target = target
        self.group = group
    }

    /// Leaves the monitor's session, its signal handling and what it has open. Nodes and directories get exactly the modes
    /// they are made with.
    func startSession() throws(SystemError) {
        // A directory of the host's that was still open would be a way out: `--workdir /proc/self/fd/N`, or the same in an
        // image (CVE-2024-21626).
        try OpenDescriptors.close(allBut: openDescriptors)
        // Armed here for a monitor that dies during the launch, and again at the end.
        try Privileges.dieWithParent(SIGKILL)
        try SignalDispositions.reset()
        // A child is never a group leader yet.
        try attempt("setsid") { setsid() }
        umask(0)
    }

    /// What this process needs of what it was born with.
    private var openDescriptors: [CInt] {
        var numbers = [channel.number]
        for case let number? in [streams.input, streams.output, streams.errorOutput] { numbers.append(number) }
        switch target {
        case .some(let process): numbers.append(process.descriptor.number)
        case .none: break
        }
        return numbers
    }

    /// Enters a running container. Its pid namespace was entered by being born.
    func enterNamespaces() throws(SystemError) {
        switch target {
        case .none: break
        case .some(let process): try Namespaces.enter([.mount, .network, .uts, .ipc, .cgroup], of: process)
        }
    }

    /// Copies the mounts of everything that comes from the host, before the host is out of sight and before its
    /// propagation is cut: a volume may ask to keep it.
    mutating func takeSources() throws(SystemError) {
        for mount in description.mounts {
            guard mount.kind == .bind else {
                volumeTrees.append(nil)
                continue
            }
            let copy = try Self.copy(of: mount)
            try copy.change(adding: [], propagation: mount.propagation.kernel, recursive: true)
            volumeTrees.append(copy.release())
        }
        if let program = description.initProgram {
            let copy = try DetachedMount(cloning: program)
            try copy.change(adding: .readOnly, propagation: .private)
            initTree = copy.release()
        }
        guard description.kind == .container, !group.isUnified else { return }
        for (name, path) in group.directories {
            let copy = try DetachedMount(cloning: path)
            let writable: MountAttributes = description.protection.isPrivileged ? [] : .readOnly
            try copy.change(
                adding: writable.union([.noSetuid, .noDevices, .noExecution]), propagation: .private)
            groupTrees.append((name, copy.release()))
        }
    }

    private static func copy(of mount: LaunchDescription.Mount) throws(SystemError) -> DetachedMount {
        if mount.followsLinks { return try DetachedMount(cloning: mount.source, recursive: mount.isRecursive) }
        let root = try Descriptor(opening: "/", Descriptor.pathOnly | O_DIRECTORY)
        let path = mount.source.drop { $0 == "/" }
        let source = try Descriptor(
            opening: path.isEmpty ? "." : String(path), below: root.number, .beneathWithoutLinks, Descriptor.pathOnly)
        return try DetachedMount(cloning: "", in: source.number, recursive: mount.isRecursive)
    }

    /// Mounts the layers over the run directory: any directory would do, since this is seen in this namespace alone.
    func mountRoot() throws(SystemError) {
        let root = description.root
        let overlay = try OverlayMount(
            lower: root.lower, upper: root.upper, work: root.work, isVolatile: root.isVolatile,
            links: description.runDirectory)
        try overlay.attach(at: description.runDirectory)
    }

    func pivotRoot() throws(SystemError) {
        let root = try Descriptor(opening: description.runDirectory, O_RDONLY | O_DIRECTORY)
        try MountNamespace.pivot(to: root.number)
    }

    /// The names that the container knows itself by.
    func setHostname() throws(SystemError) {
        if description.shared.uts { return }
        if !description.hostname.isEmpty { try Privileges.setHostName(description.hostname) }
        if !description.domainname.isEmpty { try Privileges.setDomainName(description.domainname) }
    }

    /// A namespace with a connection has been set up from outside by now: see `NetworkEnd.connect`.
    func raiseNetwork() throws(SystemError) {
        switch description.network {
        case .none: try LaunchDescription.Network.raiseLoopback()
        case .host, .end: break
        }
    }

    func setKernelSettings() throws(SystemError) {
        for setting in description.protection.kernelSettings {
            let path = "/proc/sys/\(setting.name.split(separator: ".").joined(separator: "/"))"
            let file = try Descriptor(opening: path, O_WRONLY)
            do throws(SystemError) {
                try file.writeAll(setting.value.utf8)
            } catch {
                throw SystemError(step: "set \(setting.name)=\(setting.value)", number: error.number)
            }
        }
    }

    /// Standard streams: a terminal of the container's own, or the monitor's pipes.
    func openStreams() throws(SystemError) {
        if description.process.hasTerminal { return try openTerminal() }
        let missing = try Descriptor(opening: "/dev/null", O_RDWR)
        for (number, stream) in [streams.input, streams.output, streams.errorOutput].enumerated() {
            try OpenDescriptors.place(stream ?? missing.number, at: CInt(number))
        }
    }

    private func openTerminal() throws(SystemError) {
        let terminal = try TerminalPair(ptmx: "/dev/pts/ptmx")
        let size = description.process.terminalSize
        // Before the program's first instruction, so that it never sees 0 × 0.
        if size.rows > 0 || size.columns > 0 {
            try Terminal.resize(terminal.leader.number, rows: size.rows, columns: size.columns)
        }
        try channel.say(.terminal(terminal.leader.number))
        let number = terminal.number
        let follower = terminal.keepFollower()
        try Terminal.control(follower.number)
        for stream in 0..<CInt(3) { try OpenDescriptors.place(follower.number, at: stream) }
        guard description.kind == .container else { return }
        // Programs that write to the console write to their own terminal.
        let console = try Descriptor(opening: "/dev/console", O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY, mode: 0o600)
        try DetachedMount(cloning: "/dev/pts/\(number)").attach(over: console.number, named: "/dev/console")
    }
}

extension LaunchDescription.Mount.Propagation {
    var kernel: MountPropagation {
        switch self {
        case .private: .private
        case .slave: .slave
        case .shared: .shared
        }
    }
}
