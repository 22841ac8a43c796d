// SPDX-License-Identifier: Apache-2.0

extension LaunchDescription: Transferable {
    /// Raised whenever a list below changes: a monitor refuses a description that another version wrote.
    private static let version: UInt32 = 0x6473_0002

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        var version = Self.version
        wire.carry(&version)
        guard version == Self.version else { return wire.refuse() }
        wire.carry(&kind)
        wire.carry(&id)
        wire.carry(&name)
        wire.carry(&directory)
        wire.carry(&runDirectory)
        wire.carry(&hostname)
        wire.carry(&domainname)
        wire.carry(&root)
        wire.carry(&mounts)
        wire.carry(&process)
        wire.carry(&network)
        wire.carry(&shared)
        wire.carry(&cgroup)
        wire.carry(&protection)
        wire.carry(&ports)
        wire.carry(&initProgram)
        wire.carry(&log)
        wire.carry(&settle)
        wire.carry(&target)
        wire.carry(&fault)
    }
}

extension LaunchDescription.Root: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&lower)
        wire.carry(&upper)
        wire.carry(&work)
        wire.carry(&isVolatile)
        wire.carry(&isReadOnly)
    }
}

extension LaunchDescription.Mount: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&kind)
        wire.carry(&source)
        wire.carry(&target)
        wire.carry(&isReadOnly)
        wire.carry(&isRecursive)
        wire.carry(&followsLinks)
        wire.carry(&propagation)
        wire.carry(&placeholder)
        wire.carry(&size)
        wire.carry(&mode)
        wire.carry(&options)
    }
}

extension LaunchDescription.Process: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&arguments)
        wire.carry(&environment)
        wire.carry(&directory)
        wire.carry(&user)
        wire.carry(&hasTerminal)
        wire.carry(&keepsInputOpen)
        wire.carry(&inputEndsWithFirstClient)
        wire.carry(&terminalSize)
        wire.carry(&capabilities)
        wire.carry(&forbidsNewPrivileges)
        wire.carry(&limits)
        wire.carry(&umask)
        wire.carry(&oomScoreAdjustment)
    }
}

extension LaunchDescription.TerminalSize: Transferable {
    /// A blank size.
    public init() { self.init(rows: 0, columns: 0) }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&rows)
        wire.carry(&columns)
    }
}

extension LaunchDescription.CapabilitySets: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&bounding)
        wire.carry(&effective)
        wire.carry(&permitted)
        wire.carry(&inheritable)
        wire.carry(&ambient)
    }
}

extension LaunchDescription.ResourceLimit: Transferable {
    /// A blank limit.
    public init() { self.init(resource: 0, soft: 0, hard: 0) }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&resource)
        wire.carry(&soft)
        wire.carry(&hard)
    }
}

extension LaunchDescription.SharedNamespaces: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&pid)
        wire.carry(&ipc)
        wire.carry(&uts)
    }
}

extension LaunchDescription.Log: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&path)
        wire.carry(&isOn)
    }
}

extension LaunchDescription.Command: Transferable {
    /// A blank command.
    public init() { self.init(path: "", arguments: []) }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&path)
        wire.carry(&arguments)
    }
}

extension LaunchDescription.Target: Transferable {
    /// A blank target.
    public init() { self.init(pid: 0, startTicks: 0) }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&pid)
        wire.carry(&startTicks)
    }
}

extension LaunchDescription.Network: Transferable {
    /// No network.
    public init() { self = .none }

    /// The case, then what it holds.
    public mutating func transfer(through wire: inout Wire) {
        var end = LaunchDescription.NetworkEnd()
        var tag: UInt8
        switch self {
        case .none: tag = 0
        case .host: tag = 1
        case .end(let present): (tag, end) = (2, present)
        }
        wire.carry(&tag)
        switch tag {
        case 0: self = .none
        case 1: self = .host
        case 2:
            wire.carry(&end)
            self = .end(end)
        default: wire.refuse()
        }
    }
}

extension LaunchDescription.NetworkEnd: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&bridge)
        wire.carry(&hostInterface)
        wire.carry(&containerInterface)
        wire.carry(&hardwareAddress)
        wire.carry(&addresses)
        wire.carry(&gateways)
        wire.carry(&mtu)
    }
}

extension LaunchDescription.NetworkAddress: Transferable {
    /// A blank address.
    public init() { self.init(bytes: [], prefix: 0) }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&bytes)
        wire.carry(&prefix)
    }
}

extension LaunchDescription.PublishedPort: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&hostAddress)
        wire.carry(&hostPort)
        wire.carry(&containerAddress)
        wire.carry(&containerPort)
        wire.carry(&transport)
    }
}

extension LaunchDescription.CgroupPlacement: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&parent)
        wire.carry(&name)
        wire.carry(&limits)
        wire.carry(&devices)
    }
}

extension LaunchDescription.CgroupLimits: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&memory)
        wire.carry(&memoryAndSwap)
        wire.carry(&cpuQuota)
        wire.carry(&cpuPeriod)
        wire.carry(&cpuShares)
        wire.carry(&pids)
        wire.carry(&cpus)
    }
}

extension LaunchDescription.DeviceRule: Transferable {
    /// Forbids every device.
    public init() { self.init(isAllowed: false) }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&isAllowed)
        wire.carry(&kind)
        wire.carry(&major)
        wire.carry(&minor)
        wire.carry(&access)
    }
}

extension LaunchDescription.DeviceNode: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&path)
        wire.carry(&kind)
        wire.carry(&major)
        wire.carry(&minor)
        wire.carry(&mode)
        wire.carry(&uid)
        wire.carry(&gid)
    }
}

extension LaunchDescription.Protection: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&maskedPaths)
        wire.carry(&readOnlyPaths)
        wire.carry(&isPrivileged)
        wire.carry(&seccomp)
        wire.carry(&devices)
        wire.carry(&kernelSettings)
    }
}

extension LaunchDescription.KernelSetting: Transferable {
    /// A blank setting.
    public init() { self.init(name: "", value: "") }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&name)
        wire.carry(&value)
    }
}
