// SPDX-License-Identifier: Apache-2.0
import Engine
import Synchronization

/// An engine that only some commands of the language's tests reach: it lists two containers, stops one that it knows, waits
/// for ever, and remembers what was to be run in a container.
final class StubEngine: ContainerEngine, ContainerOperations, ImageOperations, BuildOperations, SystemOperations,
    DebugOperations
{
    struct Absent: Error {}

    private let executed = Mutex<[[String]]>([])
    /// Closed when `wait` has begun.
    let hasBegun = AsyncStream.makeStream(of: Void.self)

    var execs: [[String]] { executed.withLock { $0 } }

    var containers: any ContainerOperations { self }
    var images: any ImageOperations { self }
    var builds: any BuildOperations { self }
    var debugging: any DebugOperations { self }
    var system: any SystemOperations { self }

    static func id(_ digit: Character) throws -> ContainerID {
        try ContainerID(parsing: String(repeating: digit, count: 64))
    }

    func list(_ query: ContainerQuery) async throws -> [ContainerSummary] {
        let image = try ImageID(parsing: "sha256:" + String(repeating: "0", count: 64))
        return try [("web", "a"), ("db", "b")].map { name, digit in
            ContainerSummary(
                id: try Self.id(Character(digit)), name: name, image: "starter", imageID: image, command: ["sh"],
                created: Timestamp(nanoseconds: 0), state: ContainerState(status: .running), ports: [], labels: [:],
                networks: [], mounts: [])
        }
    }

    func stop(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws {
        if name.text != "web" { throw EngineError.noSuchContainer(name) }
    }

    func exec(_ name: ContainerName, _ request: ExecRequest, attaching: AttachRequest?) async throws -> (
        any Attachment
    )? {
        executed.withLock { $0.append([name.text] + request.command) }
        if request.command.first == "fail" {
            throw EngineError(.programNotFound, .container(name.text), "fail: not found")
        }
        return FinishedAttachment()
    }

    /// Never ends by itself.
    func wait(_ name: ContainerName) async throws -> Int32 {
        hasBegun.continuation.finish()
        try await Task.sleep(for: .seconds(3600))
        return 0
    }

    func create(_ request: ContainerRequest) async throws -> CreatedContainer {
        CreatedContainer(id: try Self.id("c"), name: "brave_otter")
    }

    /// A program of the image `hang` never ends by itself.
    let hanging = HangingAttachment()

    func run(_ request: ContainerRequest, attaching: AttachRequest?) async throws -> StartedContainer {
        let attachment: any Attachment = request.image.text == "hang" ? hanging : FinishedAttachment()
        return StartedContainer(
            container: try await create(request), attachment: attaching == nil ? nil : attachment)
    }

    func version() -> EngineVersion {
        EngineVersion(version: "1", kernel: "", platform: "", dockerCompatibility: "28", compiler: "")
    }

    func start(_: ContainerName, attaching: AttachRequest?) async throws -> StartedContainer { throw Absent() }
    func attach(_: ContainerName, _: AttachRequest) async throws -> any Attachment { throw Absent() }
    func restart(_: ContainerName, signal: Signal?, grace: Duration?) async throws { throw Absent() }
    func kill(_: ContainerName, signal: Signal) async throws { throw Absent() }
    func ignoresSignal(_: ContainerName, signal: Signal?) async throws -> IgnoredSignal? { nil }
    func logs(_: ContainerName, _: LogsRequest, to _: any LogSink) async throws { throw Absent() }
    func inspect(_ name: ContainerName) async throws -> ContainerDetails {
        guard let one = try await list(ContainerQuery()).first(where: { $0.name == name.text }) else {
            throw EngineError.noSuchContainer(name)
        }
        return ContainerDetails(summary: one, request: ContainerRequest(image: "starter"))
    }
    func rename(_: ContainerName, to _: ContainerName) async throws { throw Absent() }
    func remove(_: ContainerName, force: Bool, volumes: Bool) async throws { throw Absent() }
    func prune(_: [Filter]) async throws -> PruneReport { throw Absent() }
    func copy(_: CopyRequest) async throws -> CopyReport { throw Absent() }
    func entries(in _: String, of _: ContainerName) async throws -> [DirectoryEntry] { throw Absent() }

    func list(_: ImageQuery) async throws -> [ImageSummary] { [] }
    func inspect(_ name: ImageName) async throws -> ImageDetails { throw EngineError.noSuchImage(name) }
    func history(_: ImageName) async throws -> [HistoryEntry] { throw Absent() }
    func tag(_: ImageName, as _: ImageName) async throws { throw Absent() }
    func remove(_: ImageName, force: Bool, prune: Bool) async throws -> [ImageRemoval] { throw Absent() }
    func load(from _: Int32, progress: ProgressObserver?) async throws -> [LoadedImage] { throw Absent() }
    func save(_: [ImageName], to _: Int32) async throws { throw Absent() }
    func importArchive(_: ImportRequest, progress: ProgressObserver?) async throws -> ImageID { throw Absent() }
    func prune(all: Bool, _: [Filter]) async throws -> PruneReport { throw Absent() }
    func restoreStarters() async throws -> [String] { throw Absent() }
    func layers(of name: ImageName) async throws -> [ImageLayer] { throw Absent() }
    func changes(inLayer number: Int, of name: ImageName) async throws -> [LayerChange] { throw Absent() }
    func origin(of path: String, in name: ImageName) async throws -> PathOrigin { throw Absent() }
    func entries(in directory: String, of name: ImageName) async throws -> [DirectoryEntry] { throw Absent() }
    func find(_ name: ImageName) async throws -> ImageID? { nil }

    func build(_: BuildRequest, observer: BuildObserver?) async throws -> BuiltImage { throw Absent() }
    func check(_: BuildRequest) async throws -> [BuildWarning] { throw Absent() }
    func cachedSteps() async throws -> [CachedStep] { throw Absent() }
    func pruneCache(_ pruning: CachePruning) async throws -> PruneReport { throw Absent() }
    func failedStep() async throws -> FailedStep? { throw Absent() }
    func debug(_ target: DebugTarget, _ request: DebugRequest) async throws -> DebugSession { throw Absent() }
    func summary() async throws -> EngineSummary { throw Absent() }
    func check(mend: Bool) async throws -> [CheckFinding] { throw Absent() }
    func settle(_: ContainerID) async throws {}
}

/// A program that runs for ever, and what it was sent.
final class HangingAttachment: Attachment {
    private let received = Mutex<[Signal]>([])
    var hasTerminal: Bool { false }
    /// Closed when somebody is attached.
    let hasBegun = AsyncStream.makeStream(of: Void.self)

    var signals: [Signal] { received.withLock { $0 } }

    func relay(_: AttachedStreams, detachKeys: DetachKeys?) async throws -> AttachmentEnd {
        hasBegun.continuation.finish()
        try await Task.sleep(for: .seconds(3600))
        return .exited(0)
    }
    func resize(to _: TerminalSize) async throws {}
    func send(_ signal: Signal) async throws { received.withLock { $0.append(signal) } }
    func detach() async {}
}

/// A program that has ended well.
struct FinishedAttachment: Attachment {
    var hasTerminal: Bool { false }
    func relay(_: AttachedStreams, detachKeys: DetachKeys?) async throws -> AttachmentEnd { .exited(0) }
    func resize(to _: TerminalSize) async throws {}
    func send(_: Signal) async throws {}
    func detach() async {}
}
