// SPDX-License-Identifier: Apache-2.0

/// What every engine can say about itself, and mend.
public protocol SystemOperations: Sendable {
    /// What `info` shows.
    func summary() async throws -> EngineSummary

    /// What `version` shows; opens nothing and takes no lock.
    func version() -> EngineVersion

    /// Looks for what a crash can leave (orphaned layers and blobs, stale mounts, dead monitors, leaked addresses, interfaces,
    /// cgroups and rules) and, with `mend`, takes it away.
    func check(mend: Bool) async throws -> [CheckFinding]

    /// Does what the end of a container requires; called by the container's own supervisor when nobody is attached. Doing it
    /// again does nothing.
    func settle(_ id: ContainerID) async throws
}

/// What is wrong with the engine's state, or was.
public struct CheckFinding: Hashable, Sendable {
    /// What kind of thing was found.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case orphanedLayer
        case orphanedBlob
        case missingLayer
        case orphanedContainerDirectory
        case staleMount
        case deadMonitor
        case unsettledContainer
        case leakedAddress
        case leakedInterface
        case leakedRule
        case leakedCgroup
        case damagedDatabase
        case halfMadeFile
    }

    /// The kind.
    public var kind: Kind
    /// Which one: a path, a digest, a name.
    public var subject: String
    /// Whether it was taken away or put right.
    public var isMended: Bool

    /// Puts a finding together.
    public init(kind: Kind, subject: String, isMended: Bool) {
        self.kind = kind
        self.subject = subject
        self.isMended = isMended
    }
}

/// The versions of dsh and what it stands on.
public struct EngineVersion: Hashable, Sendable {
    /// dsh's own version.
    public var version: String
    /// The kernel's release.
    public var kernel: String
    /// `linux/amd64`.
    public var platform: String
    /// The version of Docker whose commands and words are followed.
    public var dockerCompatibility: String
    /// The swift compiler's version, `6.3`.
    public var compiler: String

    /// Puts the versions together.
    public init(version: String, kernel: String, platform: String, dockerCompatibility: String, compiler: String) {
        self.version = version
        self.kernel = kernel
        self.platform = platform
        self.dockerCompatibility = dockerCompatibility
        self.compiler = compiler
    }
}

/// What `info` shows.
public struct EngineSummary: Hashable, Sendable {
    /// Containers by state.
    public var running = 0
    /// Paused ones.
    public var paused = 0
    /// Those that do not run.
    public var stopped = 0
    /// Images, each id once.
    public var images = 0
    /// Where everything is kept.
    public var root = ""
    /// Where sockets and locks are.
    public var runRoot = ""
    /// `overlay` with how it is mounted.
    public var storage = ""
    /// `1`, `hybrid` or `2`.
    public var cgroupVersion = ""
    /// Controllers that can be used.
    public var controllers: [String] = []
    /// `seccomp`, `apparmor` …
    public var security: [String] = []
    /// The kernel's release.
    public var kernel = ""
    /// The distribution's name.
    public var operatingSystem = ""
    /// `x86_64`.
    public var architecture = ""
    /// Processors.
    public var processors = 0
    /// Memory of the machine.
    public var memory = ByteCount(0)
    /// The host's name.
    public var name = ""
    /// What this machine lacks, in sentences that begin with `WARNING: `, as Docker's do.
    public var warnings: [String] = []
    /// The versions.
    public var version: EngineVersion

    /// An empty summary.
    public init(version: EngineVersion) { self.version = version }
}
