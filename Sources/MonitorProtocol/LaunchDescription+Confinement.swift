// SPDX-License-Identifier: Apache-2.0

extension LaunchDescription {
    /// How a container reaches a network.
    public enum Network: Hashable, Sendable {
        /// Its own loopback and nothing else.
        case none
        /// The host's network, shared.
        case host
        /// One end of a veth pair, whose other end is a port of a bridge.
        case end(NetworkEnd)
    }

    /// A container's connection to a bridge.
    public struct NetworkEnd: Hashable, Sendable {
        /// The bridge on the host; it exists.
        public var bridge = ""
        /// The name of the host's end of the pair, at most 15 bytes.
        public var hostInterface = ""
        /// The container's end is called this inside.
        public var containerInterface = "eth0"
        /// Six bytes.
        public var hardwareAddress: [UInt8] = []
        /// The container's addresses: an IPv4 one, and an IPv6 one where the network has it.
        public var addresses: [NetworkAddress] = []
        /// The default gateways, as bytes in network order, at most one a family.
        public var gateways: [[UInt8]] = []
        /// In bytes; zero leaves the kernel's.
        public var mtu: UInt32 = 0

        /// A blank end.
        public init() {}
    }

    /// An address and its network.
    public struct NetworkAddress: Hashable, Sendable {
        /// Four or sixteen bytes in network order.
        public var bytes: [UInt8] = []
        /// The length of the network's prefix, in bits.
        public var prefix: UInt8 = 0

        /// An address.
        public init(bytes: [UInt8] = [], prefix: UInt8 = 0) {
            self.bytes = bytes
            self.prefix = prefix
        }
    }

    /// A port of the host that leads to a port of the container. Ranges are written out, one value a port and address.
    ///
    /// The engine has bound the socket already, so that a port in use is known before anything starts, and hands it to
    /// the monitor: see `MonitorPlaces.firstPortDescriptor`.
    public struct PublishedPort: Hashable, Sendable {
        /// What is forwarded.
        public enum Transport: UInt8, Sendable { case tcp, udp }

        /// Where the host listens: four or sixteen bytes in network order.
        public var hostAddress: [UInt8] = []
        /// The host's port.
        public var hostPort: UInt16 = 0
        /// The container's address: four or sixteen bytes in network order.
        public var containerAddress: [UInt8] = []
        /// The container's port.
        public var containerPort: UInt16 = 0
        /// What is forwarded.
        public var transport = Transport.tcp

        /// A blank port.
        public init() {}
    }

    /// Where in the cgroup hierarchies a container's processes live, and what they may use.
    public struct CgroupPlacement: Hashable, Sendable {
        /// Names of directories from a hierarchy's root downwards; those missing are made.
        public var parent: [String] = []
        /// The container's own directory below them.
        public var name = ""
        /// What the processes may use together. Not read for `exec`.
        public var limits = CgroupLimits()
        /// Which devices may be used, later rules winning. Not read for `exec`.
        public var devices: [DeviceRule] = []

        /// A blank placement.
        public init() {}
    }

    /// What the processes of a container may use together. `nil` is no limit.
    public struct CgroupLimits: Hashable, Sendable {
        /// In bytes.
        public var memory: UInt64?
        /// Memory and swap together, in bytes.
        public var memoryAndSwap: UInt64?
        /// Microseconds of processor time in each period.
        public var cpuQuota: UInt64?
        /// In microseconds.
        public var cpuPeriod: UInt64 = 100_000
        /// Relative weight in cgroup v1's terms, 2 to 262,144, where 1024 is usual.
        public var cpuShares: UInt64?
        /// Processes and threads.
        public var pids: UInt64?
        /// Processors, as in `0-2,7`; empty is all.
        public var cpus = ""

        /// No limits.
        public init() {}
    }

    /// Permits or forbids some devices.
    public struct DeviceRule: Hashable, Sendable {
        /// The kind of device.
        public enum Kind: UInt8, Sendable { case all, character, block }

        /// Permits, or forbids.
        public var isAllowed = false
        /// The kind of device.
        public var kind = Kind.all
        /// `nil` is every number.
        public var major: UInt32?
        /// `nil` is every number.
        public var minor: UInt32?
        /// Reading is bit 0, writing bit 1, mknod bit 2.
        public var access: UInt8 = 7

        /// A rule.
        public init(
            isAllowed: Bool = false, kind: Kind = .all, major: UInt32? = nil, minor: UInt32? = nil, access: UInt8 = 7
        ) {
            self.isAllowed = isAllowed
            self.kind = kind
            self.major = major
            self.minor = minor
            self.access = access
        }
    }

    /// A node made in the container beside the standard ones of /dev.
    public struct DeviceNode: Hashable, Sendable {
        /// The absolute path inside the container.
        public var path = ""
        /// The kind of device; `all` does not occur.
        public var kind = DeviceRule.Kind.character
        /// The major number.
        public var major: UInt32 = 0
        /// The minor number.
        public var minor: UInt32 = 0
        /// Permission bits.
        public var mode: UInt32 = 0o666
        /// The owner.
        public var uid: UInt32 = 0
        /// The group.
        public var gid: UInt32 = 0

        /// A blank node.
        public init() {}
    }

    /// What of the kernel is hidden, forbidden or granted.
    public struct Protection: Hashable, Sendable {
        /// Paths inside the container that show nothing.
        public var maskedPaths: [String] = []
        /// Paths inside the container that cannot be written.
        public var readOnlyPaths: [String] = []
        /// `--privileged`: /sys is writable and the host's devices appear. The lists above are used as they stand, so
        /// the engine leaves them empty; so it does with `seccomp`.
        public var isPrivileged = false
        /// The array of `sock_filter` that seccomp(2) takes; empty filters nothing.
        public var seccomp: [UInt8] = []
        /// Made beside the standard nodes.
        public var devices: [DeviceNode] = []
        /// Written below /proc/sys once the namespaces exist.
        public var kernelSettings: [KernelSetting] = []

        /// Protects from nothing.
        public init() {}
    }

    /// A value below /proc/sys.
    public struct KernelSetting: Hashable, Sendable {
        /// With dots, as in `net.ipv4.ip_unprivileged_port_start`.
        public var name = ""
        /// Written as it is.
        public var value = ""

        /// A setting.
        public init(name: String = "", value: String = "") {
            self.name = name
            self.value = value
        }
    }
}
