// SPDX-License-Identifier: Apache-2.0

/// What every engine can do to make images from Dockerfiles.
public protocol BuildOperations: Sendable {
    /// Makes an image.
    ///
    /// Cancelling the task ends it: finished steps stay in the cache, and nothing else is left.
    /// - Parameter observer: is told of every step, on any thread, one call after another.
    /// - Throws: `.invalid` with file, line and column for a Dockerfile that cannot be read; `BuildFailure` for a step that
    ///   failed; nothing is tagged then.
    func build(_ request: BuildRequest, observer: BuildObserver?) async throws -> BuiltImage

    /// Lints a Dockerfile without building.
    ///
    /// - Throws: `.invalid` for a Dockerfile that cannot be read.
    func check(_ request: BuildRequest) async throws -> [BuildWarning]

    /// What the cache holds, last used first.
    func cachedSteps() async throws -> [CachedStep]

    /// Forgets steps of the cache, and removes the layers that only they had, and the caches of RUN that none uses just now.
    func pruneCache(_ pruning: CachePruning) async throws -> PruneReport
}

/// Is told how a build goes.
public typealias BuildObserver = @Sendable (BuildEvent) -> Void

/// What an image is made from, and how.
public struct BuildRequest: Hashable, Sendable {
    /// Where COPY and ADD find their files.
    public enum Context: Hashable, Sendable {
        /// A directory of this machine, an absolute path.
        case directory(String)
        /// An archive, read from this descriptor to its end; it is not closed.
        case archive(Int32)
        /// No files at all.
        case empty
    }

    /// Where the Dockerfile is.
    public enum Dockerfile: Hashable, Sendable {
        /// `Dockerfile` of the context.
        case standard
        /// A path on this machine, absolute.
        case path(String)
        /// A path inside the context, for contexts that are archives.
        case inContext(String)
        /// Its bytes, and what error messages call it.
        case text([UInt8], name: String)
    }

    /// A line of `/etc/hosts`.
    public struct HostEntry: Hashable, Sendable {
        /// The name.
        public var name: String
        /// Its address; `nil` is the machine's own, as a container reaches it: `host-gateway`.
        public var address: IPAddress?

        /// Puts a line together.
        public init(name: String, address: IPAddress?) {
            self.name = name
            self.address = address
        }
    }

    /// What a name of `--build-context` stands for.
    public enum NamedContext: Hashable, Sendable {
        /// A directory of this machine, an absolute path.
        case directory(String)
        /// An image: `docker-image://NAME`.
        case image(ImageName)
    }

    /// Where COPY and ADD find their files.
    public var context: Context
    /// Where the Dockerfile is.
    public var dockerfile = Dockerfile.standard
    /// Names for the image.
    public var names: [ImageName] = []
    /// `--target`: the stage that becomes the image; `nil` means the last.
    public var target: String?
    /// `--build-arg`, by name.
    public var arguments: [String: String] = [:]
    /// `--label`, by name.
    public var labels: [String: String] = [:]
    /// Whether finished steps of former builds may be used.
    public var usesCache = true
    /// `--no-cache-filter`: stages that are built anew.
    public var uncachedStages: [String] = []
    /// `--network` for RUN.
    public var network = NetworkChoice.standard
    /// `--add-host`: more lines of `/etc/hosts` for RUN, in order.
    public var hosts: [HostEntry] = []
    /// `--platform`; `nil` means this machine's.
    public var platform: String?
    /// `--secret`: bytes by id.
    public var secrets: [String: [UInt8]] = [:]
    /// `--build-context`, by name: it takes the place of a stage or an image of that name.
    public var contexts: [String: NamedContext] = [:]
    /// `SOURCE_DATE_EPOCH`: seconds since 1970 that stand for every time of the image; `nil` means the real ones.
    public var epoch: Int64?

    /// A build of this context's `Dockerfile`.
    public init(context: Context) { self.context = context }
}

/// One instruction of a build.
public struct BuildStep: Hashable, Sendable {
    /// Its number among the steps of its stage, from 1.
    public var number: Int
    /// How many steps its stage has.
    public var total: Int
    /// Its stage's name, or `nil` where the build has one stage only.
    public var stage: String?
    /// The instruction as it is written, on one line.
    public var instruction: String
    /// A number of its own in this build, in the order of the file.
    public var id: Int

    /// Puts a step together.
    public init(number: Int, total: Int, stage: String?, instruction: String, id: Int) {
        self.number = number
        self.total = total
        self.stage = stage
        self.instruction = instruction
        self.id = id
    }
}

/// Something that happens in a build.
public enum BuildEvent: Sendable {
    /// Stages that the target does not need.
    case skipped(stages: [String])
    /// A step begins.
    case started(BuildStep)
    /// A command of RUN wrote something; not necessarily whole lines.
    case output(BuildStep, OutputStream, [UInt8])
    /// Why a step that a former build had done is done again: `server.js changed: size 412 → 430`.
    case missed(BuildStep, reason: String)
    /// Why this step is taken from the cache or done anew: told of every step, before it is done or finished.
    case explained(BuildStep, CacheReason)
    /// A step is done. `size` is the bytes of files in its layer, `nil` where it made none.
    case finished(BuildStep, fromCache: Bool, size: ByteCount?)
    /// A step failed; the build ends.
    case failed(BuildStep)
}

/// What a build ended with.
public struct BuiltImage: Hashable, Sendable {
    /// The image.
    public var id: ImageID
    /// Its names as people write them, with their tags.
    public var names: [String]
    /// What lint has to say.
    public var warnings: [BuildWarning]

    /// Puts it together.
    public init(id: ImageID, names: [String], warnings: [BuildWarning]) {
        self.id = id
        self.names = names
        self.warnings = warnings
    }
}

/// One of the published checks of Dockerfiles that found something.
public struct BuildWarning: Hashable, Sendable {
    /// Its name: `JSONArgsRecommended`.
    public var rule: String
    /// What it says about the place.
    public var message: String
    /// Where more about it is written.
    public var url: String
    /// Where, and the line with a caret, on several lines.
    public var place: String
    /// The line, from 1.
    public var line: Int

    /// Puts a warning together.
    public init(rule: String, message: String, url: String, place: String, line: Int) {
        self.rule = rule
        self.message = message
        self.url = url
        self.place = place
        self.line = line
    }
}

/// A step that failed.
public struct BuildFailure: Error, Hashable, Sendable {
    /// Which.
    public var step: BuildStep
    /// `Dockerfile:4`.
    public var place: String
    /// Why, in one sentence.
    public var reason: String
    /// What the command ended with; `nil` where none was run.
    public var status: Int32?
    /// The last lines that the command wrote.
    public var lastLines: [String]
    /// Whether it is kept, so that a shell can be opened right before it: see `DebugOperations`.
    public var isKept = false

    /// Puts it together.
    public init(step: BuildStep, place: String, reason: String, status: Int32?, lastLines: [String]) {
        self.step = step
        self.place = place
        self.reason = reason
        self.status = status
        self.lastLines = lastLines
    }
}

/// What `builder prune` removes.
public struct CachePruning: Hashable, Sendable {
    /// Also steps whose layer an image has too: the layer stays then, and the next build does the step again.
    public var all: Bool
    /// Bytes that may stay, those that were used last; `nil` keeps nothing.
    public var keeping: ByteCount?
    /// Only what no build has used for so long: `--filter until=24h`.
    public var unusedFor: Duration?

    /// Puts it together.
    public init(all: Bool = false, keeping: ByteCount? = nil, unusedFor: Duration? = nil) {
        self.all = all
        self.keeping = keeping
        self.unusedFor = unusedFor
    }
}

/// A finished step in the cache.
public struct CachedStep: Hashable, Sendable {
    /// Its key, 64 digits.
    public var id: String
    /// The instruction.
    public var instruction: String
    /// When it was done.
    public var created: Timestamp
    /// When a build used it last.
    public var used: Timestamp
    /// Bytes of files in its layer.
    public var size: ByteCount
    /// Whether an image has its layer too.
    public var isShared: Bool

    /// Puts it together.
    public init(id: String, instruction: String, created: Timestamp, used: Timestamp, size: ByteCount, isShared: Bool) {
        self.id = id
        self.instruction = instruction
        self.created = created
        self.used = used
        self.size = size
        self.isShared = isShared
    }
}
