// SPDX-License-Identifier: Apache-2.0

/// What every engine can do with containers: this machine's (`LocalEngine`) or one behind an HTTP API.
///
/// Requests and results are values, so that a call means the same in this process and over a wire. Wherever a
/// `ContainerName` is taken, `.notFound` is thrown when it fits nothing and `.invalid` when it fits several ids.
public protocol ContainerOperations: Sendable {
    /// Makes a container and does not start it.
    ///
    /// - Throws: `.conflict` when the name is in use, `.notFound` when the image is not in the store and cannot be pulled,
    ///   `.invalid` when the request contradicts itself.
    func create(_ request: ContainerRequest) async throws -> CreatedContainer

    /// Makes a container and starts it, in one step.
    ///
    /// - Parameter attaching: `nil` starts it detached; otherwise the attachment is made before the program starts, so that
    ///   no output is missed.
    /// - Throws: what `create` and `start` throw; with `.programNotFound` and `.programNotInvocable` the container stays
    ///   `created` with that exit code (127, 126) unless it removes itself.
    func run(_ request: ContainerRequest, attaching: AttachRequest?) async throws -> StartedContainer

    /// Starts a container that does not run; one that runs already is left alone.
    ///
    /// - Parameter attaching: as for `run`.
    func start(_ name: ContainerName, attaching: AttachRequest?) async throws -> StartedContainer

    /// Attaches to a container that runs.
    ///
    /// - Throws: `.conflict` when it does not run: "You cannot attach to a stopped container, start it first".
    func attach(_ name: ContainerName, _ request: AttachRequest) async throws -> any Attachment

    /// Runs another program in a container that runs.
    ///
    /// - Parameter attaching: `nil` leaves it in the background.
    func exec(_ name: ContainerName, _ request: ExecRequest, attaching: AttachRequest?) async throws -> (
        any Attachment
    )?

    /// Ends a container: `signal` first, SIGKILL once `grace` has passed. Returns when everything that an end requires is
    /// done (with `--rm` it is gone).
    ///
    /// Stopping a container that is not running succeeds and does nothing.
    /// - Parameters:
    ///   - name: a name, an id, or the beginning of an id that no other container shares.
    ///   - signal: `nil` means the container's stop signal, the image's, or SIGTERM where none is named.
    ///   - grace: `nil` means the container's own `--stop-timeout` (10 s unless set); zero kills at once; a negative one
    ///     waits for ever.
    /// - Throws: `EngineError` with `.notFound`, or `.system` when the kernel refuses the signal.
    /// - SeeAlso: Docker Engine API, `POST /containers/{id}/stop`; kill(2).
    func stop(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws

    /// Stops it as `stop` does, if it runs, and starts it again, detached.
    func restart(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws

    /// Sends a signal to PID 1.
    ///
    /// - Throws: `.conflict` when it does not run.
    func kill(_ name: ContainerName, signal: Signal) async throws

    /// Why `stop` would take its whole grace: PID 1 neither handles the signal nor has the kernel's default action, which
    /// PID 1 of a namespace does not get (signal(7), pid_namespaces(7)). `nil` where it will be heeded or cannot be known.
    func ignoresSignal(_ name: ContainerName, signal: Signal?) async throws -> IgnoredSignal?

    /// Waits for the end and gives the exit status; at once for a container that has ended.
    func wait(_ name: ContainerName) async throws -> Int32

    /// Hands the log's bytes to `sink`, oldest first.
    func logs(_ name: ContainerName, _ request: LogsRequest, to sink: any LogSink) async throws

    /// Containers, newest first.
    func list(_ query: ContainerQuery) async throws -> [ContainerSummary]

    /// Everything about one.
    func inspect(_ name: ContainerName) async throws -> ContainerDetails

    /// Gives it another name.
    func rename(_ name: ContainerName, to newName: ContainerName) async throws

    /// Removes it, its own layer and its log.
    ///
    /// - Throws: `.conflict` when it runs and `force` is false.
    func remove(_ name: ContainerName, force: Bool, volumes: Bool) async throws

    /// Removes every container that is not running and that the filters let through.
    func prune(_ filters: [Filter]) async throws -> PruneReport

    /// Copies between host and container, or out of an image; exactly one side is a container or an image.
    func copy(_ request: CopyRequest) async throws -> CopyReport

    /// What stands in a directory of a container, in no order, as its programs see it, whether it runs or not. Links are
    /// followed inside its root only. It changes nothing and waits for nobody: it is asked while a person types.
    ///
    /// - Throws: `.notFound` where there is no such directory; `.conflict` where somebody is changing the container.
    func entries(in directory: String, of name: ContainerName) async throws -> [DirectoryEntry]
}

/// A container that was made.
public struct CreatedContainer: Hashable, Sendable {
    /// Its id.
    public var id: ContainerID
    /// Its name, made up where none was given.
    public var name: String
    /// What this machine could not give as asked.
    public var adjustments: [Adjustment]

    /// Puts the result together.
    public init(id: ContainerID, name: String, adjustments: [Adjustment] = []) {
        self.id = id
        self.name = name
        self.adjustments = adjustments
    }
}

/// A container that was started.
public struct StartedContainer: Sendable {
    /// Its id, name and adjustments.
    public var container: CreatedContainer
    /// The attachment that was asked for.
    public var attachment: (any Attachment)?
    /// Ports as they are published.
    public var ports: [PublishedPort]

    /// Puts the result together.
    public init(container: CreatedContainer, attachment: (any Attachment)?, ports: [PublishedPort] = []) {
        self.container = container
        self.attachment = attachment
        self.ports = ports
    }
}

/// A signal that PID 1 will not heed.
public struct IgnoredSignal: Hashable, Sendable {
    /// The signal.
    public var signal: Signal
    /// The program that ignores it: PID 1's first word.
    public var program: String

    /// Puts the finding together.
    public init(signal: Signal, program: String) {
        self.signal = signal
        self.program = program
    }
}

/// Another program in a running container.
public struct ExecRequest: Hashable, Sendable {
    /// The program and its arguments; never empty.
    public var command: [String]
    /// Added to the container's environment.
    public var environment: [String] = []
    /// `nil` means the container's.
    public var workingDirectory: String?
    /// `nil` means the container's.
    public var user: String?
    /// Whether it gets a terminal.
    public var hasTerminal = false
    /// Whether its input is open.
    public var keepsInputOpen = false
    /// All capabilities.
    public var isPrivileged = false
    /// The terminal's size at its first instruction.
    public var terminalSize: TerminalSize?

    /// A program with everything else as the container has it.
    public init(command: [String]) { self.command = command }
}

/// Which containers are listed.
public struct ContainerQuery: Hashable, Sendable {
    /// Whether containers that do not run are listed too.
    public var all = false
    /// Each must let a container through; several of one key are alternatives.
    public var filters: [Filter] = []
    /// At most so many, the newest; `nil` means all.
    public var limit: Int?
    /// Whether sizes on disk are computed.
    public var sizes = false

    /// The running ones.
    public init(all: Bool = false) { self.all = all }
}

/// One `--filter KEY=VALUE`.
public struct Filter: Hashable, Sendable {
    /// `status`, `name`, `label` …
    public let key: String
    /// What it must be.
    public let value: String

    /// Takes both parts.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    /// Reads `KEY=VALUE`; the engine knows which keys there are.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        let (key, value) = Substring(text).cut(atFirst: "=")
        guard let value, !key.isEmpty else {
            throw Malformed(text, "invalid argument: bad format of filter (expected name=value)")
        }
        self.init(key: key.lowercased(), value: String(value))
    }
}

/// Which part of a log is read.
public struct LogsRequest: Hashable, Sendable {
    /// Whether to go on until the container ends.
    public var follow = false
    /// Whether each line begins with its time.
    public var timestamps = false
    /// Whether standard output is wanted.
    public var output = true
    /// Whether standard error is wanted.
    public var error = true
    /// Only the last so many lines; `nil` means all.
    public var tail: Int?
    /// Only lines of this moment and later.
    public var since: Timestamp?
    /// Only lines of this moment and earlier.
    public var until: Timestamp?

    /// The whole log so far.
    public init() {}
}

/// Takes a log's bytes.
public protocol LogSink: Sendable {
    /// Takes bytes of one stream in the order in which they were written; whole lines unless the program ended without one.
    ///
    /// - Throws: whatever stops the reading, such as a closed pipe.
    func write(_ stream: OutputStream, _ bytes: UnsafeRawBufferPointer) throws
}

/// One of a program's output streams.
public enum OutputStream: Hashable, Sendable {
    case output
    case error
}

/// What a prune removed.
public struct PruneReport: Hashable, Sendable {
    /// Ids (containers) or Docker's lines `untagged: …`, `deleted: …` (images).
    public var removed: [String]
    /// Bytes that the disk got back.
    public var reclaimed: ByteCount

    /// Puts the report together.
    public init(removed: [String], reclaimed: ByteCount) {
        self.removed = removed
        self.reclaimed = reclaimed
    }
}

/// A copy between host and container.
public struct CopyRequest: Hashable, Sendable {
    /// One side of a copy.
    public enum Place: Hashable, Sendable {
        /// An absolute or relative path of the host (relative to `directory`), as typed: a trailing `/` or `/.` has a meaning.
        case host(String)
        /// A path in a container, as typed.
        case container(ContainerName, String)
        /// A path in an image, as typed; only a source.
        case image(ImageName, String)
        /// A tar stream on a descriptor: `-`.
        case archive(Int32)
    }

    /// Where from.
    public var source: Place
    /// Where to.
    public var target: Place
    /// Whether a link as source is followed (`-L`).
    public var followsLink = false
    /// Whether user and group ids are kept (`-a`).
    public var keepsOwners = false
    /// What relative host paths are relative to.
    public var directory: String

    /// Copies from one place to the other.
    public init(source: Place, target: Place, directory: String) {
        self.source = source
        self.target = target
        self.directory = directory
    }
}

/// A name in a directory of a container.
public struct DirectoryEntry: Hashable, Sendable {
    /// The name.
    public var name: String
    /// Whether it is a directory, or a link to one.
    public var isDirectory: Bool

    /// Puts both together.
    public init(name: String, isDirectory: Bool) {
        self.name = name
        self.isDirectory = isDirectory
    }
}

/// What was copied.
public struct CopyReport: Hashable, Sendable {
    /// Bytes of file contents.
    public var bytes: ByteCount
    /// Files, directories and links.
    public var entries: Int

    /// Puts the report together.
    public init(bytes: ByteCount, entries: Int) {
        self.bytes = bytes
        self.entries = entries
    }
}
