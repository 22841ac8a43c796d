// SPDX-License-Identifier: Apache-2.0

/// Everything that a monitor needs to know to start one process: a container's first, or one more in a running one.
///
/// The engine decides; the monitor only does. The description travels on an inherited descriptor, so it needs no file.
/// Paths are absolute paths of the host unless it is said that they lie inside the container.
public struct LaunchDescription: Hashable, Sendable {
    /// What is started.
    public enum Kind: UInt8, Sendable {
        /// A container and its first process.
        case container
        /// One more process in the container that `target` names.
        case exec
    }

    /// What is started.
    public var kind = Kind.container
    /// The container's 64 hexadecimal digits.
    public var id = ""
    /// The container's name, without a leading slash.
    public var name = ""
    /// Where the exit record is written; it exists.
    public var directory = ""
    /// Where the lock and the attach socket are made; it exists, and no other monitor uses it.
    public var runDirectory = ""
    /// The container's host name; empty leaves the kernel's.
    public var hostname = ""
    /// The container's NIS domain name; empty leaves the kernel's.
    public var domainname = ""
    /// The root filesystem. Not read for `exec`.
    public var root = Root()
    /// What is mounted over the root, in this order. Not read for `exec`.
    public var mounts: [Mount] = []
    /// The program.
    public var process = Process()
    /// How the container reaches a network. Not read for `exec`.
    public var network = Network.none
    /// Namespaces of the host that the container shares. Not read for `exec`.
    public var shared = SharedNamespaces()
    /// Where in the cgroup hierarchies the processes live.
    public var cgroup = CgroupPlacement()
    /// What of the kernel is hidden, forbidden or granted.
    public var protection = Protection()
    /// Ports of the host that lead to the container. Not read for `exec`.
    public var ports: [PublishedPort] = []
    /// The path of `dsh-init`, which then is the first process; `nil` starts the program itself as that.
    public var initProgram: String?
    /// Where the output is kept.
    public var log = Log()
    /// What the monitor becomes, by execve(2), when the end has come and no client has promised to settle it.
    public var settle: Command?
    /// The container that an `exec` enters.
    public var target: Target?
    /// What a test wants to go wrong, as `Fault` reads it; empty otherwise.
    public var fault = ""

    /// A blank description.
    public init() {}
}

extension LaunchDescription {
    /// The filesystem that becomes `/`.
    public struct Root: Hashable, Sendable {
        /// Unpacked layers, the topmost first. At least one.
        public var lower: [String] = []
        /// Where the container's changes are kept.
        public var upper = ""
        /// The overlay's scratch directory, on the same filesystem as `upper`.
        public var work = ""
        /// Skips every sync of the upper directory: for what is thrown away at the end. See FACTS on `incompat`.
        public var isVolatile = false
        /// Makes `/` read-only once everything is mounted.
        public var isReadOnly = false

        /// A blank root.
        public init() {}
    }

    /// One mount over the root.
    public struct Mount: Hashable, Sendable {
        /// What is mounted.
        public enum Kind: UInt8, Sendable { case bind, tmpfs }
        /// mount_namespaces(7): how mounts made later travel between this mount and its source.
        public enum Propagation: UInt8, Sendable { case `private`, slave, shared }
        /// What is made where the target is missing.
        public enum Placeholder: UInt8, Sendable { case nothing, file, directory }

        /// What is mounted.
        public var kind = Kind.bind
        /// The path on the host. Not read for a tmpfs.
        public var source = ""
        /// Whether links in the source are followed; otherwise one that has come to be there meanwhile is refused.
        public var followsLinks = true
        /// The absolute path inside the container; links are followed inside the container's root.
        public var target = ""
        /// Forbids writing.
        public var isReadOnly = false
        /// Takes along what is mounted below the source.
        public var isRecursive = true
        /// mount_namespaces(7): how mounts made later travel.
        public var propagation = Propagation.private
        /// What is made where the target is missing, parents included.
        public var placeholder = Placeholder.directory
        /// A tmpfs's size in bytes; zero leaves the kernel's half of memory.
        public var size: UInt64 = 0
        /// A tmpfs's permission bits.
        public var mode: UInt32 = 0o1777
        /// More options as in `--tmpfs`: flags (`noexec`, `nosuid`, `nodev`, `exec` …) and `uid=`, `gid=`, `nr_inodes=`.
        /// A bind takes the flags only.
        public var options: [String] = []

        /// A blank bind.
        public init() {}
    }

    /// The program and what surrounds it.
    public struct Process: Hashable, Sendable {
        /// The program and its arguments. At least one; a name without a slash is looked up in `PATH`.
        public var arguments: [String] = []
        /// `NAME=value` each. `HOME` is added from /etc/passwd when it is not here.
        public var environment: [String] = []
        /// The absolute directory inside the container, made when missing.
        public var directory = "/"
        /// `name`, `uid`, `name:group` or `uid:gid`, found inside the container's root; empty means root.
        public var user = ""
        /// Gives the process a terminal instead of pipes.
        public var hasTerminal = false
        /// Keeps standard input open while no client is attached; false gives it an end of file (or /dev/null).
        public var keepsInputOpen = false
        /// Closes standard input for good when the first client that brought input has closed its own (`StdinOnce`).
        public var inputEndsWithFirstClient = true
        /// The terminal's size before the first instruction; zero leaves the kernel's 0 × 0.
        public var terminalSize = TerminalSize()
        /// capabilities(7).
        public var capabilities = CapabilitySets()
        /// prctl(2), `PR_SET_NO_NEW_PRIVS`.
        public var forbidsNewPrivileges = false
        /// getrlimit(2): each is set as near as this machine allows.
        public var limits: [ResourceLimit] = []
        /// umask(2).
        public var umask: UInt32 = 0o022
        /// /proc/PID/oom_score_adj; `nil` leaves the monitor's.
        public var oomScoreAdjustment: Int32?

        /// A blank process.
        public init() {}
    }

    /// The size of a terminal, in characters.
    public struct TerminalSize: Hashable, Sendable {
        /// Lines.
        public var rows: UInt16 = 0
        /// Characters in a line.
        public var columns: UInt16 = 0

        /// A size.
        public init(rows: UInt16 = 0, columns: UInt16 = 0) {
            self.rows = rows
            self.columns = columns
        }
    }

    /// The five sets of capabilities(7), bit n for capability n.
    public struct CapabilitySets: Hashable, Sendable {
        /// What execve(2) may ever grant.
        public var bounding: UInt64 = 0
        /// What the program has. Root's only: for another user, these are what the kernel leaves (none, or `ambient`).
        public var effective: UInt64 = 0
        /// What the program may take up.
        public var permitted: UInt64 = 0
        /// What passes through execve(2) of files that inherit.
        public var inheritable: UInt64 = 0
        /// What passes through execve(2) for any user.
        public var ambient: UInt64 = 0

        /// Empty sets.
        public init() {}
    }

    /// One limit of getrlimit(2).
    public struct ResourceLimit: Hashable, Sendable {
        /// The kernel's number, `RLIMIT_NOFILE` and so on.
        public var resource: UInt32 = 0
        /// The soft limit; `UInt64.max` is no limit.
        public var soft: UInt64 = 0
        /// The hard limit; `UInt64.max` is no limit.
        public var hard: UInt64 = 0

        /// A limit.
        public init(resource: UInt32 = 0, soft: UInt64 = 0, hard: UInt64 = 0) {
            self.resource = resource
            self.soft = soft
            self.hard = hard
        }
    }

    /// Namespaces of the host that the container shares instead of having its own.
    public struct SharedNamespaces: Hashable, Sendable {
        /// `--pid host`.
        public var pid = false
        /// `--ipc host`.
        public var ipc = false
        /// `--uts host`.
        public var uts = false

        /// Shares none.
        public init() {}
    }

    /// Where the output is kept.
    public struct Log: Hashable, Sendable {
        /// The log's path; it is appended to.
        public var path = ""
        /// False keeps no output.
        public var isOn = true

        /// A blank log.
        public init() {}
    }

    /// A program of the host, to be executed.
    public struct Command: Hashable, Sendable {
        /// The program's path.
        public var path = ""
        /// Its arguments, the zeroth included.
        public var arguments: [String] = []

        /// A command.
        public init(path: String = "", arguments: [String] = []) {
            self.path = path
            self.arguments = arguments
        }
    }

    /// The running container that an `exec` enters.
    public struct Target: Hashable, Sendable {
        /// Its first process, as the host counts.
        public var pid: Int32 = 0
        /// Field 22 of that process's /proc/PID/stat: with the pid, the same process and no later one.
        public var startTicks: UInt64 = 0

        /// A target.
        public init(pid: Int32 = 0, startTicks: UInt64 = 0) {
            self.pid = pid
            self.startTicks = startTicks
        }
    }
}
