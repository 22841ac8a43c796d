// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

/// Everything from which a launch description is made.
struct LaunchPlan {
    let record: ContainerRecord
    let files: ContainerFiles
    let cgroup: ContainerCgroup
    let programs: Programs
    let settle: LaunchDescription.Command
    /// Terminal of whoever starts it.
    let terminalSize: TerminalSize?
    let network: PreparedNetwork
    let seccomp: [UInt8]
    let capabilities: CapabilitySet

    private var definition: ContainerDefinition { record.definition }
    private var request: ContainerRequest { record.definition.request }

    /// What the monitor is told.
    func description() throws(EngineError) -> LaunchDescription {
        var launch = LaunchDescription()
        launch.kind = .container
        launch.id = record.id.text
        launch.name = record.name
        launch.directory = files.directory
        launch.runDirectory = files.runDirectory
        launch.hostname = definition.hostname
        launch.root.lower = definition.lowerDirectories
        launch.root.upper = files.upper
        launch.root.work = files.work
        // What is thrown away at the end need not reach the disk.
        launch.root.isVolatile = request.removesItself
        launch.root.isReadOnly = request.isReadOnly
        launch.mounts = try mounts()
        launch.process = process()
        launch.network = network.network
        launch.ports = network.ports
        launch.cgroup = cgroup.placement
        launch.cgroup.limits = limits()
        launch.cgroup.devices = request.isPrivileged ? Confinement.allDevices : Confinement.deviceRules
        launch.protection = protection()
        launch.initProgram = request.usesInit ? programs.initProgram : nil
        launch.log.path = files.log
        launch.settle = settle
        launch.fault = Fault.current?.text ?? ""
        return launch
    }

    private func process() -> LaunchDescription.Process {
        var process = LaunchDescription.Process()
        process.arguments = definition.program
        process.environment = ProcessEnvironment.make(
            definition.environment, hostname: definition.hostname, hasTerminal: request.hasTerminal)
        process.directory = definition.workingDirectory
        process.user = definition.user
        process.hasTerminal = request.hasTerminal
        process.keepsInputOpen = request.keepsInputOpen
        process.inputEndsWithFirstClient = definition.inputEndsWithFirstClient
        let size = terminalSize ?? request.terminalSize ?? TerminalSize(rows: 24, columns: 80)
        process.terminalSize = LaunchDescription.TerminalSize(rows: size.rows, columns: size.columns)
        process.capabilities.bounding = capabilities.bits
        process.capabilities.effective = capabilities.bits
        process.capabilities.permitted = capabilities.bits
        process.limits = Confinement.processLimits
        return process
    }

    private func limits() -> LaunchDescription.CgroupLimits {
        var limits = LaunchDescription.CgroupLimits()
        if let memory = request.limits.memory {
            limits.memory = UInt64(memory.bytes)
            // Docker: as much swap again as memory.
            limits.memoryAndSwap = UInt64(memory.bytes) * 2
        }
        if let processors = request.limits.milliCPUs { limits.cpuQuota = UInt64(processors) * 100 }
        if let processes = request.limits.processes, processes > 0 { limits.pids = UInt64(processes) }
        return limits
    }

    private func protection() -> LaunchDescription.Protection {
        var protection = LaunchDescription.Protection()
        protection.isPrivileged = request.isPrivileged
        if request.isPrivileged {
            protection.devices = HostDevices.nodes
        } else {
            protection.maskedPaths = Confinement.maskedPaths
            protection.readOnlyPaths = Confinement.readOnlyPaths
            protection.seccomp = seccomp
        }
        if request.network != .host { protection.kernelSettings = Confinement.networkSettings }
        return protection
    }

    /// The engine's own files first, then what was asked for, parents before what lies in them.
    private func mounts() throws(EngineError) -> [LaunchDescription.Mount] {
        let own = [
            (files.hosts, "/etc/hosts"), (files.hostname, "/etc/hostname"), (files.resolvConf, "/etc/resolv.conf"),
        ]
        var mounts = own.map { Self.bind($0.0, $0.1, placeholder: .file) }
        for bind in request.binds {
            var mount = Self.bind(
                bind.source, bind.target, placeholder: PathKind(bind.source) == .directory ? .directory : .file)
            // Whoever shares the directory above may put a link there between this look and the mount.
            if let source = Self.withoutLinks(bind.source) {
                mount.source = source
                mount.followsLinks = false
            }
            mount.isReadOnly = bind.isReadOnly
            mount.isRecursive = bind.propagation.hasPrefix("r")
            mount.propagation =
                switch bind.propagation {
                case "shared", "rshared": .shared
                case "slave", "rslave": .slave
                default: .private
                }
            mounts.append(mount)
        }
        for mount in request.temporaryFilesystems { mounts.append(try TemporaryMount(mount).description) }
        let asked = Set((request.binds.map(\.target) + request.temporaryFilesystems.map(\.target)))
        return mounts.enumerated()
            // A bind of the user's over one of our files replaces it.
            .filter { $0.offset >= own.count || !asked.contains($0.element.target) }
            .sorted { (Self.depth($0.element), $0.offset) < (Self.depth($1.element), $1.offset) }
            .map(\.element)
    }

    private static func bind(
        _ source: String, _ target: String, placeholder: LaunchDescription.Mount.Placeholder
    ) -> LaunchDescription.Mount {
        var mount = LaunchDescription.Mount()
        mount.source = source
        mount.target = target
        mount.placeholder = placeholder
        return mount
    }

    /// Where a path leads now; `nil` for one that is not there, and for the magic links of /proc, whose text is no path.
    private static func withoutLinks(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    private static func depth(_ mount: LaunchDescription.Mount) -> Int { mount.target.split(separator: "/").count }
}
