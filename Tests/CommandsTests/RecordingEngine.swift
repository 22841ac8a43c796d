// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Synchronization

/// Stands in for an engine: writes down what is asked of it and answers from what the test has put there.
final class RecordingEngine: ContainerEngine, ContainerOperations, ImageOperations, SystemOperations, BuildOperations,
    DebugOperations
{
    struct Contents {
        var calls: [String] = []
        var containers: [ContainerSummary] = []
        var images: [ImageSummary] = []
        var history: [HistoryEntry] = []
        var details: [String: ContainerDetails] = [:]
        var imageDetails: [String: ImageDetails] = [:]
        var request: ContainerRequest?
        var attaching: AttachRequest?
        var exec: ExecRequest?
        var query: ContainerQuery?
        var logs: LogsRequest?
        var copy: CopyRequest?
        /// By `NAME:DIRECTORY`; a directory's own name ends with a slash.
        var files: [String: [String]] = [:]
        var stopped: (signal: Signal?, grace: Duration?)?
        var log: [(OutputStream, String)] = []
        var ignored: IgnoredSignal?
        var failures: [String: EngineError] = [:]
        var attachment: (any Attachment)?
        var adjustments: [Adjustment] = []
        var removals: [ImageRemoval] = []
        var report = PruneReport(removed: [], reclaimed: ByteCount(0))
        var findings: [CheckFinding] = []
        var loaded: [LoadedImage] = []
        var imported: ImportRequest?
        var summary: EngineSummary?
        var saved = ""
        var build: BuildRequest?
        /// What a context that is an archive had in it.
        var context: [UInt8] = []
        var buildEvents: [BuildEvent] = []
        var buildFailure: (any Error)?
        var builtNames: [String] = []
        var warnings: [BuildWarning] = []
        var cachedSteps: [CachedStep] = []
        var kept: ByteCount?
        var layers: [ImageLayer] = []
        var changes: [LayerChange] = []
        var origin: PathOrigin?
        var failedStep: FailedStep?
        var debug: (target: DebugTarget, request: DebugRequest)?
    }

    private let contents = Mutex(Contents())
    static let id = String(repeating: "0123456789abcdef", count: 4)

    func with<Result: Sendable, Failure: Error>(
        _ body: (inout sending Contents) throws(Failure) -> sending Result
    ) throws(Failure) -> Result {
        try contents.withLock { contents throws(Failure) in try body(&contents) }
    }

    var calls: [String] { with { $0.calls } }

    /// Writes the call down; throws what the test wants to go wrong with this verb, or with this verb and name.
    private func note(_ verb: String, _ words: String...) throws {
        let line = ([verb] + words).joined(separator: " ")
        let failure = with { contents -> EngineError? in
            contents.calls.append(line)
            return contents.failures[line] ?? contents.failures[verb]
        }
        if let failure { throw failure }
    }

    var containers: any ContainerOperations { self }
    var images: any ImageOperations { self }
    var builds: any BuildOperations { self }
    var debugging: any DebugOperations { self }
    var system: any SystemOperations { self }

    // MARK: Containers

    private func made(_ request: ContainerRequest) throws -> CreatedContainer {
        let adjustments = with { contents in
            contents.request = request
            return contents.adjustments
        }
        return CreatedContainer(
            id: try ContainerID(parsing: Self.id), name: request.name?.text ?? "brave_otter", adjustments: adjustments)
    }

    func create(_ request: ContainerRequest) async throws -> CreatedContainer {
        try note("create", request.image.text)
        return try made(request)
    }

    func run(_ request: ContainerRequest, attaching: AttachRequest?) async throws -> StartedContainer {
        try note("run", request.image.text)
        with { $0.attaching = attaching }
        return StartedContainer(
            container: try made(request), attachment: attaching == nil ? nil : with { $0.attachment })
    }

    func start(_ name: ContainerName, attaching: AttachRequest?) async throws -> StartedContainer {
        try note("start", name.text)
        with { $0.attaching = attaching }
        let created = CreatedContainer(id: try ContainerID(parsing: Self.id), name: name.text)
        return StartedContainer(container: created, attachment: attaching == nil ? nil : with { $0.attachment })
    }

    func attach(_ name: ContainerName, _ request: AttachRequest) async throws -> any Attachment {
        try note("attach", name.text)
        with { $0.attaching = request }
        guard let attachment = with({ $0.attachment }) else {
            throw EngineError(.conflict, .container(name.text), "no attachment")
        }
        return attachment
    }

    func exec(_ name: ContainerName, _ request: ExecRequest, attaching: AttachRequest?) async throws -> (
        any Attachment
    )? {
        try note("exec", name.text)
        with { contents in
            contents.exec = request
            contents.attaching = attaching
        }
        return attaching == nil ? nil : with { $0.attachment }
    }

    func stop(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws {
        try note("stop", name.text)
        with { $0.stopped = (signal, grace) }
    }

    func restart(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws {
        try note("restart", name.text)
        with { $0.stopped = (signal, grace) }
    }

    func kill(_ name: ContainerName, signal: Signal) async throws { try note("kill", name.text, "\(signal)") }

    func ignoresSignal(_ name: ContainerName, signal: Signal?) async throws -> IgnoredSignal? { with { $0.ignored } }

    func wait(_ name: ContainerName) async throws -> Int32 {
        try note("wait", name.text)
        return 3
    }

    func logs(_ name: ContainerName, _ request: LogsRequest, to sink: any LogSink) async throws {
        try note("logs", name.text)
        let log = with { contents in
            contents.logs = request
            return contents.log
        }
        for (stream, text) in log { try Array(text.utf8).withUnsafeBytes { try sink.write(stream, $0) } }
    }

    func list(_ query: ContainerQuery) async throws -> [ContainerSummary] {
        try note("list containers")
        return with { contents in
            contents.query = query
            return contents.containers
        }
    }

    func inspect(_ name: ContainerName) async throws -> ContainerDetails {
        guard let details = with({ $0.details[name.text] }) else { throw EngineError.noSuchContainer(name) }
        return details
    }

    func rename(_ name: ContainerName, to newName: ContainerName) async throws {
        try note("rename", name.text, newName.text)
    }

    func remove(_ name: ContainerName, force: Bool, volumes: Bool) async throws {
        try note("rm", name.text, force ? "by force" : "gently", volumes ? "with volumes" : "alone")
    }

    func prune(_ filters: [Filter]) async throws -> PruneReport {
        try note("prune containers", filters.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
        return with { $0.report }
    }

    func copy(_ request: CopyRequest) async throws -> CopyReport {
        try note("copy")
        with { $0.copy = request }
        return CopyReport(bytes: ByteCount(2048), entries: 1)
    }

    func entries(in directory: String, of name: ContainerName) async throws -> [DirectoryEntry] {
        guard let names = with({ $0.files["\(name):\(directory)"] }) else {
            throw EngineError(.notFound, .path(directory), "Could not find the file \(directory) in container \(name)")
        }
        return names.map { name in
            let isDirectory = name.hasSuffix("/")
            return DirectoryEntry(name: isDirectory ? String(name.dropLast()) : name, isDirectory: isDirectory)
        }
    }

    // MARK: Images

    func list(_ query: ImageQuery) async throws -> [ImageSummary] {
        try note("list images", query.reference ?? "")
        return with { $0.images }
    }

    func inspect(_ name: ImageName) async throws -> ImageDetails {
        guard let details = with({ $0.imageDetails[name.text] }) else { throw EngineError.noSuchImage(name) }
        return details
    }

    func history(_ name: ImageName) async throws -> [HistoryEntry] {
        try note("history", name.text)
        return with { $0.history }
    }

    func tag(_ source: ImageName, as target: ImageName) async throws { try note("tag", source.text, target.text) }

    func remove(_ name: ImageName, force: Bool, prune: Bool) async throws -> [ImageRemoval] {
        try note("rmi", name.text, force ? "by force" : "gently", prune ? "with layers" : "alone")
        return with { $0.removals }
    }

    func load(from input: Int32, progress: ProgressObserver?) async throws -> [LoadedImage] {
        try note("load")
        return with { $0.loaded }
    }

    func save(_ names: [ImageName], to output: Int32) async throws {
        try note("save", names.map(\.text).joined(separator: ","))
        let text = Array(with { $0.saved }.utf8)
        _ = text.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
    }

    func importArchive(_ request: ImportRequest, progress: ProgressObserver?) async throws -> ImageID {
        try note("import")
        with { $0.imported = request }
        return try ImageID(parsing: "sha256:" + Self.id)
    }

    func prune(all: Bool, _ filters: [Filter]) async throws -> PruneReport {
        try note("prune images", all ? "all" : "dangling")
        return with { $0.report }
    }

    func restoreStarters() async throws -> [String] { ["starter:latest", "hello:latest"] }

    func find(_ name: ImageName) async throws -> ImageID? {
        with { $0.images.first { ($0.repository ?? "") == name.text }?.id }
    }

    func layers(of name: ImageName) async throws -> [ImageLayer] {
        try note("layers", name.text)
        return with { $0.layers }
    }

    func changes(inLayer number: Int, of name: ImageName) async throws -> [LayerChange] {
        try note("changes", "\(number)", name.text)
        return with { $0.changes }
    }

    func origin(of path: String, in name: ImageName) async throws -> PathOrigin {
        try note("origin", path, name.text)
        return with { $0.origin } ?? PathOrigin(path: path, words: [])
    }

    func entries(in directory: String, of name: ImageName) async throws -> [DirectoryEntry] {
        try await entries(in: directory, of: ContainerName("image " + name.text))
    }

    // MARK: Builds

    func build(_ request: BuildRequest, observer: BuildObserver?) async throws -> BuiltImage {
        try note("build")
        if case .archive(let descriptor) = request.context {
            let bytes = Self.everything(of: descriptor)
            with { $0.context = bytes }
        }
        let (events, failure, names, warnings) = with { contents in
            contents.build = request
            return (contents.buildEvents, contents.buildFailure, contents.builtNames, contents.warnings)
        }
        for event in events { observer?(event) }
        if let failure { throw failure }
        return BuiltImage(id: try ImageID(parsing: "sha256:" + Self.id), names: names, warnings: warnings)
    }

    private static func everything(of descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    func check(_ request: BuildRequest) async throws -> [BuildWarning] {
        try note("check build")
        return with { contents in
            contents.build = request
            return contents.warnings
        }
    }

    func cachedSteps() async throws -> [CachedStep] { with { $0.cachedSteps } }

    func pruneCache(_ pruning: CachePruning) async throws -> PruneReport {
        try note("prune cache")
        return with { contents in
            contents.kept = pruning.keeping
            return contents.report
        }
    }

    // MARK: Debugging

    func failedStep() async throws -> FailedStep? { with { $0.failedStep } }

    func debug(_ target: DebugTarget, _ request: DebugRequest) async throws -> DebugSession {
        try note("debug")
        with { $0.debug = (target, request) }
        return DebugSession(container: "debug-1", attachment: with { $0.attachment } ?? FinishedAttachment())
    }

    // MARK: The engine itself

    func summary() async throws -> EngineSummary { with { $0.summary } ?? EngineSummary(version: version()) }

    func version() -> EngineVersion {
        EngineVersion(
            version: "0.1.0", kernel: "6.18.0", platform: "linux/amd64", dockerCompatibility: "28", compiler: "6.3")
    }

    func check(mend: Bool) async throws -> [CheckFinding] {
        try note("check", mend ? "and mend" : "only")
        return with { $0.findings }
    }

    func settle(_ id: ContainerID) async throws { try note("settle", id.text) }
}

/// A program that has ended before it is looked at: writes its output, ends with its status.
struct FinishedAttachment: Attachment {
    var hasTerminal = false
    var output = ""
    var errorOutput = ""
    var end = AttachmentEnd.exited(0)

    func relay(_ streams: AttachedStreams, detachKeys: DetachKeys?) async throws -> AttachmentEnd {
        for (text, descriptor) in [(output, streams.output), (errorOutput, streams.error)] {
            guard let descriptor else { continue }
            _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
        return end
    }

    func resize(to size: TerminalSize) async throws {}
    func send(_ signal: Signal) async throws {}
    func detach() async {}
}
