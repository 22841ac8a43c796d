// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// An engine that only has a few things to show: the shell's prompt and completion need no more.
struct StubEngine: ContainerEngine, ContainerOperations, ImageOperations, BuildOperations, SystemOperations,
    DebugOperations
{
    private let allImages: [ImageSummary]

    /// - Parameter manyImages: how many images there are beside the named ones.
    init(manyImages: Int) throws {
        let named = try [
            Self.image("aa11", "debian", "latest"), Self.image("aa12", "debian", "12"),
            Self.image("deb3", "node", "latest"), Self.image("aa14", "registry.example.com:5000/a/b", "1"),
        ]
        let many = try (0..<manyImages).map { try Self.image("ff\(10000 + $0)", "many/image\($0)", "latest") }
        allImages = named + many
    }

    var containers: any ContainerOperations { self }
    var images: any ImageOperations { self }
    var builds: any BuildOperations { self }
    var debugging: any DebugOperations { self }
    var system: any SystemOperations { self }

    private static func hex(_ start: String) -> String { start + String(repeating: "0", count: 64 - start.count) }

    private static func container(_ id: String, _ name: String, _ status: ContainerState.Status) throws
        -> ContainerSummary
    {
        ContainerSummary(
            id: try ContainerID(parsing: hex(id)), name: name, image: "node",
            imageID: try ImageID(parsing: "sha256:" + hex("aa11")), command: ["node"], created: .theirs,
            state: ContainerState(status: status, startedAt: .theirs), ports: [], labels: [:], networks: [], mounts: [])
    }

    private static func image(_ id: String, _ repository: String, _ tag: String) throws -> ImageSummary {
        ImageSummary(
            id: try ImageID(parsing: "sha256:" + hex(id)), repository: repository, tag: tag, digest: nil,
            created: .theirs,
            size: ByteCount(1_100_000_000), labels: [:], containers: 0)
    }

    func list(_ query: ContainerQuery) async throws -> [ContainerSummary] {
        try [
            Self.container("0a1b", "web", .running), Self.container("0a2c", "database", .exited),
            Self.container("deb1", "웹서버", .exited),
        ]
    }

    func inspect(_ name: ContainerName) async throws -> ContainerDetails {
        let all = try await list(ContainerQuery())
        guard let summary = all.first(where: { $0.name == name.text || $0.id.text.hasPrefix(name.text) }) else {
            throw EngineError.noSuchContainer(name)
        }
        return ContainerDetails(summary: summary, request: ContainerRequest(image: "node"))
    }

    func list(_ query: ImageQuery) async throws -> [ImageSummary] { allImages }

    func find(_ name: ImageName) async throws -> ImageID? {
        try await list(ImageQuery()).first {
            $0.repository == name.text || "\($0.repository ?? ""):\($0.tag ?? "")" == name.text
        }?.id
    }

    func version() -> EngineVersion {
        EngineVersion(version: "0", kernel: "0", platform: "linux/amd64", dockerCompatibility: "28", compiler: "")
    }

    // MARK: What the stub has not

    private func refuse() -> EngineError { EngineError(.unsupported, .engine, "the stub has no such thing") }

    func create(_ request: ContainerRequest) async throws -> CreatedContainer { throw refuse() }
    func run(_ request: ContainerRequest, attaching: AttachRequest?) async throws -> StartedContainer { throw refuse() }
    func start(_ name: ContainerName, attaching: AttachRequest?) async throws -> StartedContainer { throw refuse() }
    func attach(_ name: ContainerName, _ request: AttachRequest) async throws -> any Attachment { throw refuse() }
    func exec(
        _ name: ContainerName, _ request: ExecRequest, attaching: AttachRequest?
    ) async throws -> (any Attachment)? { throw refuse() }
    func stop(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws { throw refuse() }
    func restart(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws { throw refuse() }
    func kill(_ name: ContainerName, signal: Signal) async throws { throw refuse() }
    func ignoresSignal(_ name: ContainerName, signal: Signal?) async throws -> IgnoredSignal? { throw refuse() }
    func wait(_ name: ContainerName) async throws -> Int32 { throw refuse() }
    func logs(_ name: ContainerName, _ request: LogsRequest, to sink: any LogSink) async throws { throw refuse() }
    func rename(_ name: ContainerName, to newName: ContainerName) async throws { throw refuse() }
    func remove(_ name: ContainerName, force: Bool, volumes: Bool) async throws { throw refuse() }
    func prune(_ filters: [Filter]) async throws -> PruneReport { throw refuse() }
    func copy(_ request: CopyRequest) async throws -> CopyReport { throw refuse() }
    func entries(in directory: String, of name: ContainerName) async throws -> [DirectoryEntry] {
        guard name.text == "web", directory == "/" || directory == "/my files/" else { throw refuse() }
        if directory != "/" { return [DirectoryEntry(name: "값.txt", isDirectory: false)] }
        return [
            DirectoryEntry(name: "my files", isDirectory: true), DirectoryEntry(name: "start.sh", isDirectory: false),
        ]
    }
    func inspect(_ name: ImageName) async throws -> ImageDetails { throw refuse() }
    func history(_ name: ImageName) async throws -> [HistoryEntry] { throw refuse() }
    func tag(_ source: ImageName, as target: ImageName) async throws { throw refuse() }
    func remove(_ name: ImageName, force: Bool, prune: Bool) async throws -> [ImageRemoval] { throw refuse() }
    func load(from input: Int32, progress: ProgressObserver?) async throws -> [LoadedImage] { throw refuse() }
    func save(_ names: [ImageName], to output: Int32) async throws { throw refuse() }
    func importArchive(_ request: ImportRequest, progress: ProgressObserver?) async throws -> ImageID { throw refuse() }
    func prune(all: Bool, _ filters: [Filter]) async throws -> PruneReport { throw refuse() }
    func restoreStarters() async throws -> [String] { throw refuse() }
    func layers(of name: ImageName) async throws -> [ImageLayer] { throw refuse() }
    func changes(inLayer number: Int, of name: ImageName) async throws -> [LayerChange] { throw refuse() }
    func origin(of path: String, in name: ImageName) async throws -> PathOrigin { throw refuse() }
    func entries(in directory: String, of name: ImageName) async throws -> [DirectoryEntry] { throw refuse() }
    func build(_ request: BuildRequest, observer: BuildObserver?) async throws -> BuiltImage { throw refuse() }
    func check(_ request: BuildRequest) async throws -> [BuildWarning] { throw refuse() }
    func cachedSteps() async throws -> [CachedStep] { throw refuse() }
    func pruneCache(_ pruning: CachePruning) async throws -> PruneReport { throw refuse() }
    func failedStep() async throws -> FailedStep? { throw refuse() }
    func debug(_ target: DebugTarget, _ request: DebugRequest) async throws -> DebugSession { throw refuse() }
    func summary() async throws -> EngineSummary { throw refuse() }
    func check(mend: Bool) async throws -> [CheckFinding] { throw refuse() }
    func settle(_ id: ContainerID) async throws { throw refuse() }
}

extension Timestamp {
    /// When everything of the stub was made: as the probe starts.
    fileprivate static let theirs = Timestamp(nanoseconds: Int64(time(nil)) * 1_000_000_000)
}
