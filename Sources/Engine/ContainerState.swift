// SPDX-License-Identifier: Apache-2.0

/// Where a container is in its life, and how it got there.
public struct ContainerState: Hashable, Sendable {
    /// Docker's words for a state.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case created
        case running
        case paused
        case restarting
        case removing
        case exited
        case dead
    }

    /// Docker's word for it.
    public var status: Status
    /// The host's process id of PID 1, 0 when it does not run.
    public var processID: Int32
    /// 0 to 255 once it has ended or could not start; 0 before.
    public var exitCode: Int32
    /// Whether the kernel killed it for want of memory.
    public var wasOutOfMemory: Bool
    /// Why it could not be started; empty otherwise.
    public var error: String
    /// When it was last started.
    public var startedAt: Timestamp?
    /// When it last ended.
    public var finishedAt: Timestamp?

    /// A container that was created and never started.
    public init(
        status: Status = .created, processID: Int32 = 0, exitCode: Int32 = 0, wasOutOfMemory: Bool = false,
        error: String = "",
        startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil
    ) {
        self.status = status
        self.processID = processID
        self.exitCode = exitCode
        self.wasOutOfMemory = wasOutOfMemory
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    /// Whether its program runs (a paused one does).
    public var isRunning: Bool { status == .running || status == .paused }
}

/// A published port as it is: the mapping with the host port that was chosen.
public struct PublishedPort: Hashable, Sendable {
    /// The mapping; `hostPort` is `nil` for a port that is exposed only.
    public var mapping: PortMapping

    /// Takes the mapping with the chosen port.
    public init(_ mapping: PortMapping) { self.mapping = mapping }
}

/// One row of `ps`.
public struct ContainerSummary: Hashable, Sendable {
    /// The id.
    public var id: ContainerID
    /// The name.
    public var name: String
    /// The image as it was named at creation; its short id once that name has moved away or gone.
    public var image: String
    /// The image's id.
    public var imageID: ImageID
    /// The program and its arguments.
    public var command: [String]
    /// When it was created.
    public var created: Timestamp
    /// Where it is in its life.
    public var state: ContainerState
    /// Published ports, and exposed ones without a host port.
    public var ports: [PublishedPort]
    /// Its labels, the image's included.
    public var labels: [String: String]
    /// The names of its networks.
    public var networks: [String]
    /// The host's side of each mount.
    public var mounts: [String]
    /// Its health for images that check it; `nil` where there is no check.
    public var health: String?
    /// Bytes that its own layer takes on disk; only when asked for.
    public var ownSize: ByteCount?
    /// Bytes of its image and its own layer; only when asked for.
    public var rootSize: ByteCount?

    /// Puts a row together.
    public init(
        id: ContainerID, name: String, image: String, imageID: ImageID, command: [String], created: Timestamp,
        state: ContainerState, ports: [PublishedPort], labels: [String: String], networks: [String], mounts: [String]
    ) {
        self.id = id
        self.name = name
        self.image = image
        self.imageID = imageID
        self.command = command
        self.created = created
        self.state = state
        self.ports = ports
        self.labels = labels
        self.networks = networks
        self.mounts = mounts
    }
}

/// Where a container is on a network.
public struct NetworkAttachment: Hashable, Sendable {
    /// The network's name, as `inspect` shows it.
    public var network: String
    /// Its IPv4 address; `nil` when it is not attached just now.
    public var address: IPAddress?
    /// Bits of the network's prefix.
    public var prefixLength: Int
    /// The gateway's address.
    public var gateway: IPAddress?
    /// The hardware address, `02:42:ac:11:00:02`.
    public var hardwareAddress: String

    /// Puts an attachment together.
    public init(network: String, address: IPAddress?, prefixLength: Int, gateway: IPAddress?, hardwareAddress: String) {
        self.network = network
        self.address = address
        self.prefixLength = prefixLength
        self.gateway = gateway
        self.hardwareAddress = hardwareAddress
    }
}

/// Everything about a container: what `inspect` shows.
public struct ContainerDetails: Hashable, Sendable {
    /// The same as its row in `ps -a`.
    public var summary: ContainerSummary
    /// What was asked for.
    public var request: ContainerRequest
    /// What runs: entrypoint and command after the image's have been merged in.
    public var program: [String]
    /// The environment after the image's has been merged in.
    public var environment: [String]
    /// The directory its program starts in.
    public var workingDirectory: String
    /// The user as image or request name it; empty is root.
    public var user: String
    /// Its host name.
    public var hostname: String
    /// The entrypoint that is in force.
    public var entrypoint: [String]
    /// The command that is in force.
    public var command: [String]
    /// Ports that the image or the request expose: `80/tcp`.
    public var exposedPorts: [String]
    /// What `stop` sends first.
    public var stopSignal: Signal
    /// Its networks, with addresses while it runs.
    public var networks: [NetworkAttachment]
    /// Where the log is; empty when there is none.
    public var logPath: String
    /// The directory of its own layer.
    public var upperDirectory: String
    /// The directories below, topmost first.
    public var lowerDirectories: [String]
    /// Files that the engine made for it.
    public var hostnamePath: String
    /// The hosts file that is bound inside.
    public var hostsPath: String
    /// The resolver's configuration that is bound inside.
    public var resolvConfPath: String
    /// What this machine could not give as asked.
    public var adjustments: [Adjustment]
    /// The platform's operating system and architecture.
    public var platform: String
    /// How often it was started again by its restart policy.
    public var restartCount: Int

    /// Puts the details together; the rest is set afterwards.
    public init(summary: ContainerSummary, request: ContainerRequest) {
        self.summary = summary
        self.request = request
        program = summary.command
        environment = []
        workingDirectory = "/"
        user = ""
        hostname = summary.id.short
        entrypoint = []
        command = []
        exposedPorts = []
        stopSignal = .terminate
        networks = []
        logPath = ""
        upperDirectory = ""
        lowerDirectories = []
        hostnamePath = ""
        hostsPath = ""
        resolvConfPath = ""
        adjustments = []
        platform = "linux"
        restartCount = 0
    }
}

/// Something that was asked for and that this machine gives only in part: the nearest value was taken.
public struct Adjustment: Hashable, Sendable {
    /// What kind of thing was adjusted.
    public enum Kind: String, Hashable, Sendable {
        /// A resource limit of setrlimit(2).
        case resourceLimit
        /// A limit whose cgroup controller this machine does not have.
        case controller
        /// A capability that the engine itself does not hold.
        case capability
        /// The platform of an image that is for another processor.
        case platform
        /// Anything else.
        case other
    }

    /// The kind.
    public var kind: Kind
    /// Its name: `nofile`, `memory`, `SYS_RESOURCE`.
    public var name: String
    /// What was asked for.
    public var asked: String
    /// What was given; empty means nothing.
    public var given: String

    /// Puts an adjustment together.
    public init(kind: Kind, name: String, asked: String, given: String) {
        self.kind = kind
        self.name = name
        self.asked = asked
        self.given = given
    }
}
