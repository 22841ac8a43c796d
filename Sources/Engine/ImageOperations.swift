// SPDX-License-Identifier: Apache-2.0

/// What every engine can do with images.
///
/// Wherever an `ImageName` is taken, `.notFound` is thrown when it fits nothing and `.invalid` when it is no reference or
/// the beginning of several ids.
public protocol ImageOperations: LayerOperations {
    /// Images, newest first: a row for each name, and one for an image without any.
    func list(_ query: ImageQuery) async throws -> [ImageSummary]

    /// Everything about one.
    func inspect(_ name: ImageName) async throws -> ImageDetails

    /// How it was made, newest step first.
    func history(_ name: ImageName) async throws -> [HistoryEntry]

    /// Gives an image one more name; a name that another image had moves.
    func tag(_ source: ImageName, as target: ImageName) async throws

    /// Takes a name away, and with the last one the image.
    ///
    /// - Parameters:
    ///   - force: also when several names are on the id that was given, or a stopped container uses it.
    ///   - prune: also its layers that nothing else uses.
    /// - Throws: `.conflict` when containers use it.
    func remove(_ name: ImageName, force: Bool, prune: Bool) async throws -> [ImageRemoval]

    /// Reads images from an archive: Docker's or an OCI layout, plain, gzip or zstd.
    ///
    /// - Parameter input: a descriptor that is read to its end, and not closed.
    /// - Throws: `.invalid` when the archive is damaged or tries to escape; nothing of it is visible then.
    func load(from input: Int32, progress: ProgressObserver?) async throws -> [LoadedImage]

    /// Writes images as one archive that Docker, Podman and dsh can load.
    ///
    /// - Parameter output: a descriptor that is written, and not closed.
    func save(_ names: [ImageName], to output: Int32) async throws

    /// Makes an image of one layer from a tar stream.
    func importArchive(_ request: ImportRequest, progress: ProgressObserver?) async throws -> ImageID

    /// Removes images that nothing uses.
    ///
    /// - Parameter all: also those with a name, where no container uses them; otherwise only those without one.
    func prune(all: Bool, _ filters: [Filter]) async throws -> PruneReport

    /// Brings back the images that dsh carries in itself.
    func restoreStarters() async throws -> [String]

    /// Where a name is looked up before a container is made: the image's id, or `nil` when the store does not have it.
    func find(_ name: ImageName) async throws -> ImageID?
}

/// Which images are listed.
public struct ImageQuery: Hashable, Sendable {
    /// A repository, with or without tag; `nil` means all.
    public var reference: String?
    /// `reference`, `dangling`, `label`, `before`, `since`.
    public var filters: [Filter] = []
    /// Whether images that only others are built on are listed too.
    public var all = false

    /// Everything with a name.
    public init() {}
}

/// One row of `images`.
public struct ImageSummary: Hashable, Sendable {
    /// The image's id.
    public var id: ImageID
    /// The repository as people write it (`node`, `a/b`, `host:5000/c`); `nil` shows as `<none>`.
    public var repository: String?
    /// The tag; `nil` shows as `<none>`.
    public var tag: String?
    /// The manifest's digest where the image came with one.
    public var digest: String?
    /// When it was made.
    public var created: Timestamp?
    /// Bytes of its layers, unpacked.
    public var size: ByteCount
    /// Its labels.
    public var labels: [String: String]
    /// How many containers use it.
    public var containers: Int

    /// Puts a row together.
    public init(
        id: ImageID, repository: String?, tag: String?, digest: String?, created: Timestamp?, size: ByteCount,
        labels: [String: String], containers: Int
    ) {
        self.id = id
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.created = created
        self.size = size
        self.labels = labels
        self.containers = containers
    }
}

/// What an image tells its containers: the `config` of its configuration.
///
/// - SeeAlso: OCI image specification, config.md.
public struct ImageSettings: Hashable, Sendable {
    /// Empty is root.
    public var user = ""
    /// `80/tcp`.
    public var exposedPorts: [String] = []
    /// `NAME=VALUE`.
    public var environment: [String] = []
    /// `nil` where the image has none.
    public var entrypoint: [String]?
    /// `nil` where the image has none.
    public var command: [String]?
    /// Directories that are meant to be volumes.
    public var volumes: [String] = []
    /// Empty is `/`.
    public var workingDirectory = ""
    /// Labels.
    public var labels: [String: String] = [:]
    /// The name or number of what `stop` sends; `nil` is SIGTERM.
    public var stopSignal: String?
    /// The shell of shell forms; `nil` is `/bin/sh -c`.
    public var shell: [String]?

    /// Nothing set.
    public init() {}
}

/// Everything about an image: what `image inspect` shows.
public struct ImageDetails: Hashable, Sendable {
    /// Its id.
    public var id: ImageID
    /// `node:20`, `node:latest`.
    public var names: [String] = []
    /// `node@sha256:…`.
    public var digests: [String] = []
    /// When it was made.
    public var created: Timestamp?
    /// Who made it.
    public var author = ""
    /// `amd64`, `arm64` …
    public var architecture = ""
    /// `v8` for arm64; mostly empty.
    public var variant = ""
    /// `linux`.
    public var operatingSystem = ""
    /// Bytes of its layers, unpacked.
    public var size = ByteCount(0)
    /// What it tells its containers.
    public var settings = ImageSettings()
    /// Digests of its layers' uncompressed archives, lowest first.
    public var diffIDs: [String] = []
    /// Directories of its layers, topmost first.
    public var layerDirectories: [String] = []
    /// The comment of its last step.
    public var comment = ""
    /// When a name was last put on it.
    public var lastTagged: Timestamp?

    /// An image with this id.
    public init(id: ImageID) { self.id = id }
}

/// One step of an image's making.
public struct HistoryEntry: Hashable, Sendable {
    /// The image's id at its last step; `nil` shows as `<missing>`.
    public var id: ImageID?
    /// When.
    public var created: Timestamp?
    /// The instruction.
    public var createdBy: String
    /// Bytes of the layer it made, 0 for none.
    public var size: ByteCount
    /// A comment.
    public var comment: String
    /// Names on the image at this step.
    public var tags: [String]

    /// Puts a step together.
    public init(id: ImageID?, created: Timestamp?, createdBy: String, size: ByteCount, comment: String, tags: [String])
    {
        self.id = id
        self.created = created
        self.createdBy = createdBy
        self.size = size
        self.comment = comment
        self.tags = tags
    }
}

/// One line of what `rmi` prints.
public enum ImageRemoval: Hashable, Sendable {
    /// A name was taken away.
    case untagged(String)
    /// An image or a layer was deleted: `sha256:…`.
    case deleted(String)
}

/// An image that was read from an archive.
public struct LoadedImage: Hashable, Sendable {
    /// Its id.
    public var id: ImageID
    /// The names it came with; empty where it had none.
    public var names: [String]

    /// Puts the result together.
    public init(id: ImageID, names: [String]) {
        self.id = id
        self.names = names
    }
}

/// An image to be made from a tar stream.
public struct ImportRequest: Hashable, Sendable {
    /// A descriptor that is read to its end, and not closed.
    public var input: Int32
    /// The name it gets; `nil` gives none.
    public var name: ImageName?
    /// Instructions of a Dockerfile that set its configuration: `CMD ["sh"]`, `ENV A=b`.
    public var changes: [String] = []
    /// A comment.
    public var message = ""

    /// An image without name or configuration.
    public init(input: Int32) { self.input = input }
}

/// How far long work has come.
public struct ProgressReport: Hashable, Sendable {
    /// What is worked on: the first twelve digits of a layer, or a step's name.
    public var item: String
    /// What is done with it: `Loading layer`, `Extracting`.
    public var action: String
    /// Bytes or things done.
    public var done: Int64
    /// Of how many; `nil` when it is not known.
    public var total: Int64?

    /// Puts a report together.
    public init(item: String, action: String, done: Int64, total: Int64?) {
        self.item = item
        self.action = action
        self.done = done
        self.total = total
    }
}

/// Is told how far work has come, from any thread, at most some tens of times a second for one item.
public typealias ProgressObserver = @Sendable (ProgressReport) -> Void
