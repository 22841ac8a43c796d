// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import Synchronization
import TestSupport
import Testing

@testable import LocalEngine

/// An engine's containers on roots of their own, with one image: Debian's BusyBox, unpacked by hand.
struct ContainerStage: Sendable {
    let roots: TemporaryEngineRoots
    let containers: LocalContainers
    let system: LocalSystem
    let images: TestImages

    /// Runs `body` and removes every container that is left; then nothing of the engine's may be on the machine.
    static func scoped<Result>(_ body: (ContainerStage) async throws -> Result) async throws -> Result {
        try await TemporaryEngineRoots.scoped { roots in
            let stage = try ContainerStage(roots)
            do {
                let result = try await body(stage)
                try await stage.tidy()
                return result
            } catch {
                // The failure of the test itself is the one to tell.
                try? await stage.tidy()
                throw error
            }
        }
    }

    init(_ roots: TemporaryEngineRoots) throws {
        self.roots = roots
        images = try TestImages(roots.root + "/layers")
        let core = try EngineCore(paths: EnginePaths(root: roots.root, runRoot: roots.run))
        // Containers are made of images that the records know.
        let image = ImageRecord(id: images.id, size: 0, loaded: 0, configuration: [])
        try core.database.write(.process) { try image.insert([], $0) }
        // A supervisor's `dsh settle` works here too: it must find a store that was opened before, and since this boot.
        try core.database.set("starters", to: "1")
        try SmallFile.replace(roots.run + "/boot", with: LocalContainers.bootID.utf8)
        containers = LocalContainers(
            core: core, images: images, networks: LocalNetworks(paths: core.paths, database: core.database))
        system = LocalSystem(core: core, containers: containers, images: images)
    }

    private func tidy() async throws {
        for container in try await containers.list(ContainerQuery(all: true)) {
            try await containers.remove(ContainerName(container.id.text), force: true, volumes: false)
        }
        try containers.networks.removeAll()
    }

    /// The supervisor of a container, by the container's first process.
    func supervisor(of program: Int32) throws -> Int32 {
        let status = try #require(SmallFile.text("/proc/\(program)/status"))
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("PPid:") })
        return try #require(Int32(line.dropFirst(5).filter { $0 != "\t" }))
    }

    /// A request for the image with these words.
    func request(_ command: String..., name: String? = nil) -> ContainerRequest {
        var request = ContainerRequest(image: "starter")
        request.command = command
        request.name = name.map { ContainerName($0) }
        request.network = .none
        return request
    }

    /// Follows a container's log until all of it is `text`.
    func waitForLog(_ text: String, of name: ContainerName) async throws {
        var request = LogsRequest()
        request.follow = true
        let (containers, wanted) = (containers, request)
        let sink = try AwaitedText(text)
        let following = Task { try await containers.logs(name, wanted, to: sink) }
        let seen = try await onOwnThread { _ in sink.wait(seconds: 30) }
        following.cancel()
        // Cancelled where the text came, or ended with the container: what it says then is not what is waited for.
        _ = await following.result
        #expect(seen, "the log of \(name) never was \(text)")
    }

    /// Runs attached, to the end.
    @discardableResult
    func run(_ request: ContainerRequest, input: String? = nil) async throws -> Outcome {
        let attaching = AttachRequest(input: input != nil)
        let started = try await containers.run(request, attaching: attaching)
        return try await finish(started, input: input)
    }

    func finish(_ started: StartedContainer, input: String? = nil) async throws -> Outcome {
        let attachment = try #require(started.attachment)
        return try await finish(attachment, input: input, id: started.container.id)
    }

    func finish(_ attachment: any Engine.Attachment, input: String? = nil, id: ContainerID) async throws -> Outcome {
        let streams = try Capture(input: input)
        let end = try await attachment.relay(streams.descriptors, detachKeys: nil)
        return Outcome(id: id, end: end, output: streams.output, error: streams.error)
    }

    struct Outcome {
        let id: ContainerID
        let end: AttachmentEnd
        let output: String
        let error: String
        var status: Int32? { if case .exited(let status) = end { status } else { nil } }
    }
}

/// A log's reader that rings when all that was read is a certain text.
final class AwaitedText: LogSink {
    private let text: String
    private let bytes = Mutex<[UInt8]>([])
    private let bell: Pipe

    init(_ text: String) throws {
        self.text = text
        bell = try Pipe()
    }

    func write(_ stream: OutputStream, _ new: UnsafeRawBufferPointer) throws {
        let isThere = bytes.withLock { bytes in
            bytes += new
            return bytes.elementsEqual(text.utf8)
        }
        if isThere { try bell.writing.writeAll([1]) }
    }

    /// Whether it came in this time.
    func wait(seconds: Int32) -> Bool {
        var entry = pollfd(fd: bell.reading.number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, seconds * 1000) > 0
    }
}

/// Files that take a program's streams, so that no reader is needed.
final class Capture: Sendable {
    private let input: Descriptor?
    private let outputFile: Descriptor
    private let errorFile: Descriptor

    init(input: String?) throws {
        outputFile = try Self.file()
        errorFile = try Self.file()
        self.input = try input.map { text in
            let file = try Self.file()
            try file.writeAll(text.utf8)
            lseek(file.number, 0, SEEK_SET)
            return file
        }
    }

    var descriptors: AttachedStreams {
        AttachedStreams(input: inputNumber, output: outputFile.number, error: errorFile.number)
    }

    private var inputNumber: CInt? {
        switch input {
        case .some(let file): file.number
        case .none: nil
        }
    }

    var output: String { Self.text(outputFile.number) }
    var error: String { Self.text(errorFile.number) }

    private static func file() throws -> Descriptor {
        var template = Array("/tmp/dsh-capture-XXXXXX".utf8CString)
        let number = mkstemp(&template)
        guard number >= 0 else { throw EngineError(.system, .engine, "mkstemp: \(errno)") }
        unlink(template)
        return Descriptor(number: number)
    }

    private static func text(_ number: CInt) -> String {
        lseek(number, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(number, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// One image, `starter`, whose layer is a directory.
final class TestImages: ImageSource, ImageOperations {
    let layer: String
    /// What the next container takes from the image.
    let settings = Mutex(ImageSettings())
    let id: ImageID

    init(_ layers: String) throws {
        layer = layers + "/starter"
        id = try ImageID(parsing: "sha256:" + String(repeating: "ab", count: 32))
        for directory in ["", "/bin", "/etc", "/tmp", "/root", "/proc", "/sys", "/dev", "/var", "/home"] {
            var path = ""
            for part in (layer + directory).split(separator: "/") {
                path += "/" + part
                mkdir(path, 0o755)
            }
        }
        chmod(layer + "/tmp", 0o1777)
        try SmallFile.write(SmallFile.read("/bin/busybox") ?? [], to: layer + "/bin/busybox", mode: 0o755)
        let applets = """
            sh true false echo cat sleep ls id env pwd head tail wc kill ps hostname mount touch rm mkdir ln stat tty stty
            date seq dd printf test grep sed tr chmod chown mknod su ip ping wget httpd nc du df find unshare nproc
            """
        for name in applets.split(whereSeparator: { " \n".contains($0) }) {
            symlink("busybox", layer + "/bin/\(name)")
        }
        try SmallFile.write(
            "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/home:/bin/sh\n".utf8, to: layer + "/etc/passwd",
            mode: 0o644)
        try SmallFile.write("root:x:0:\nworker:x:1000:\n".utf8, to: layer + "/etc/group", mode: 0o644)
        settings.withLock {
            $0.command = ["sh"]
            $0.environment = [ContainerDefinition.standardPath]
        }
    }

    func resolve(_ name: ImageName) throws -> ResolvedImage {
        guard try id(of: name) != nil else { throw EngineError.noSuchImage(name) }
        return ResolvedImage(
            id: id, settings: settings.withLock { $0 }, layerDirectories: [layer], architecture: "amd64")
    }

    func id(of name: ImageName) throws -> ImageID? { name.text == "starter" || name.text == id.short ? id : nil }
    func size(of id: ImageID) throws -> ByteCount { ByteCount(DiskUsage.bytes(below: layer)) }

    private func refuse() -> EngineError { EngineError(.unsupported, .engine, "one image is all there is") }
    func list(_ query: ImageQuery) async throws -> [ImageSummary] {
        [
            ImageSummary(
                id: id, repository: "starter", tag: "latest", digest: nil, created: nil, size: ByteCount(0),
                labels: [:],
                containers: 0)
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
    func find(_ name: ImageName) async throws -> ImageID? { try id(of: name) }
}
