// SPDX-License-Identifier: Apache-2.0

/// What a new container is to be: everything that `run` and `create` can say.
public struct ContainerRequest: Hashable, Sendable {
    /// The name; `nil` lets the engine make one of two words.
    public var name: ContainerName?
    /// The image, as it was typed.
    public var image: ImageName
    /// The words after the image; empty means the image's Cmd.
    public var command: [String] = []
    /// `nil` keeps the image's Entrypoint; an empty list takes it away (`--entrypoint ""`), and the image's Cmd with it.
    public var entrypoint: [String]?
    /// `NAME=VALUE`, later ones winning over earlier ones and over the image's.
    public var environment: [String] = []
    /// `nil` means the image's, or `/`.
    public var workingDirectory: String?
    /// `name`, `uid`, `name:group` or `uid:gid`; `nil` means the image's, or root.
    public var user: String?
    /// `nil` means the first twelve digits of the id (with `--network host`, the host's name).
    public var hostname: String?
    /// Labels in addition to the image's.
    public var labels: [String: String] = [:]
    /// Which network the container is on.
    public var network: NetworkChoice = .standard
    /// Published ports.
    public var ports: [PortMapping] = []
    /// Host directories and files shown inside, in the order given.
    public var binds: [BindMount] = []
    /// Empty file systems in memory.
    public var temporaryFilesystems: [TemporaryFilesystem] = []
    /// What the container may use.
    public var limits = ResourceLimits()
    /// Capabilities in addition to the default ones: `NET_ADMIN` or `ALL`.
    public var addedCapabilities: [String] = []
    /// Default capabilities that are taken away: `CHOWN` or `ALL`.
    public var droppedCapabilities: [String] = []
    /// All capabilities and devices, no seccomp, nothing masked.
    public var isPrivileged = false
    /// The root file system cannot be written.
    public var isReadOnly = false
    /// A tiny PID 1 stands in front of the program, reaps and passes signals on.
    public var usesInit = false
    /// What `stop` sends first; `nil` means the image's, or SIGTERM.
    public var stopSignal: Signal?
    /// How long `stop` waits before SIGKILL; `nil` means 10 seconds.
    public var stopTimeout: Duration?
    /// Whether the program gets a terminal.
    public var hasTerminal = false
    /// Whether standard input stays open even when nobody is attached.
    public var keepsInputOpen = false
    /// Whether the container is removed when it ends.
    public var removesItself = false
    /// When to look for the image elsewhere.
    public var pull: PullPolicy = .missing
    /// A terminal's size at the first instruction of the program; `nil` means 80 × 24.
    public var terminalSize: TerminalSize?

    /// A container of this image with everything else as the image has it.
    public init(image: ImageName) { self.image = image }
}

/// When `run` and `create` look for an image in a registry.
public enum PullPolicy: String, Hashable, Sendable, CaseIterable {
    case always
    case missing
    case never
}

/// The network of a container.
public enum NetworkChoice: Hashable, Sendable {
    /// The engine's own bridge.
    case standard
    /// A loopback interface only.
    case none
    /// The host's network, not isolated.
    case host

    /// Reads `default`, `bridge`, `none`, `host`; other names are not there yet.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        switch String(text) {
        case "default", "bridge": self = .standard
        case "none": self = .none
        case "host": self = .host
        default: throw Malformed(text, "network \(text) not found: default, none and host are there")
        }
    }

    /// The name that `inspect` shows.
    public var name: String {
        switch self {
        case .standard: "bridge"
        case .none: "none"
        case .host: "host"
        }
    }
}

/// A directory or file of the host that is shown inside: `-v SOURCE:TARGET[:ro]`.
public struct BindMount: Hashable, Sendable {
    /// An absolute path of the host; made as a directory when it does not exist, as Docker does.
    public var source: String
    /// An absolute path inside.
    public var target: String
    /// Whether the container cannot write to it.
    public var isReadOnly: Bool
    /// `rprivate` unless said otherwise: `private`, `shared`, `rshared`, `slave`, `rslave`.
    public var propagation: String

    /// Takes absolute paths.
    public init(source: String, target: String, isReadOnly: Bool = false, propagation: String = "rprivate") {
        self.source = source
        self.target = target
        self.isReadOnly = isReadOnly
        self.propagation = propagation
    }
}

/// An empty file system in memory: `--tmpfs TARGET[:OPTIONS]`.
public struct TemporaryFilesystem: Hashable, Sendable {
    /// An absolute path inside.
    public var target: String
    /// Comma-separated options of tmpfs(5), such as `size=64m,mode=1777`; empty means Docker's: `nosuid,nodev,noexec`.
    public var options: String

    /// Takes an absolute path.
    public init(target: String, options: String = "") {
        self.target = target
        self.options = options
    }
}

/// What a container may use of the machine.
public struct ResourceLimits: Hashable, Sendable {
    /// Memory; `nil` means no limit. Docker's least is 6 MiB.
    public var memory: ByteCount?
    /// Processors in thousandths of one (1500 is one and a half); `nil` means no limit.
    public var milliCPUs: Int64?
    /// Processes and threads; `nil` means no limit.
    public var processes: Int64?

    /// No limits.
    public init() {}
}

/// Rows and columns of a terminal.
public struct TerminalSize: Hashable, Sendable {
    /// Lines of text.
    public var rows: UInt16
    /// Cells of a line.
    public var columns: UInt16

    /// Rows first, as TIOCSWINSZ has them.
    public init(rows: UInt16, columns: UInt16) {
        self.rows = rows
        self.columns = columns
    }
}
