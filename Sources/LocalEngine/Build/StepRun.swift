// SPDX-License-Identifier: Apache-2.0

import Archive
import Engine
import Glibc
import Linux
import MonitorProtocol

/// Runs the command of a RUN: in a container like any other, but for its row, of which nobody would know what to do with.
struct StepRun {
    let containers: LocalContainers
    let scratch: BuildScratch
    var command: [String] = []
    /// `NAME=value`, all of it.
    var environment: [String] = []
    var user = ""
    var directory = "/"
    var network = NetworkChoice.standard
    var binds: [BindMount] = []
    var temporaryFilesystems: [TemporaryFilesystem] = []
    var hosts: [BuildRequest.HostEntry] = []
    /// Mounts that are layers.
    var layerBinds: [LayerBind] = []
    /// What must stay until the command has ended.
    var copies: [BuildScratch] = []
    var caches: [BuildCacheDirectory] = []

    /// Runs it to its end, and tells what it writes meanwhile.
    ///
    /// - Returns: the status that it ended with.
    /// - Throws: `EngineError` where it cannot be started; `CancellationError`, when nothing of it runs any more.
    func callAsFunction(_ tell: @escaping @Sendable (OutputStream, [UInt8]) -> Void) async throws -> Int32 {
        defer { withExtendedLifetime((copies, caches, layerBinds)) {} }
        let record = record
        let attachment = try await start(record)
        let output = try OutputReader(.output, tell)
        let errors = try OutputReader(.error, tell)
        let result: Result<AttachmentEnd, any Error>
        do {
            let streams = AttachedStreams(input: nil, output: output.writing, error: errors.writing)
            result = .success(try await attachment.relay(streams, detachKeys: nil))
        } catch {
            result = .failure(error)
        }
        if case .failure = result { try kill(record) }
        output.finish()
        errors.finish()
        try removePlaceholders()
        guard case .exited(let status) = try result.get() else { throw CancellationError() }
        return status
    }

    private func start(_ record: ContainerRecord) async throws -> any Attachment {
        if layerBinds.isEmpty { return try begin(record) }
        // A supervisor begins with the mounts of the thread that starts it, and nobody else ever sees them.
        let outcome: Result<any Attachment, any Error> = try await ImageWork.run { _ in
            Result {
                try StepThread.enterMounts()
                for bind in layerBinds { _ = try bind.scratch.mountOnceMore() }
                return try begin(record)
            }
        }
        return try outcome.get()
    }

    private func begin(_ record: ContainerRecord) throws -> any Attachment {
        do {
            try BuildPoint.startCommand.begin()
            let (_, _, client) = try containers.supervise(
                record, AttachRequest(input: false, terminalSize: nil), hosts: hosts)
            guard let client else { throw EngineError(.system, .engine, "a step has no client") }
            try BuildPoint.awaitCommand.begin()
            return try attachment(try client.takeOurEnd(), record)
        } catch {
            try end(record)
            if let failure = error as? StartFailure { throw LocalContainers.failure(failure, of: record) }
            throw error
        }
    }

    private var allBinds: [BindMount] { binds + layerBinds.map(\.mount) }

    private var record: ContainerRecord {
        var request = ContainerRequest(image: ImageName("build"))
        request.network = network
        request.binds = allBinds
        request.temporaryFilesystems = temporaryFilesystems
        request.removesItself = true
        var definition = ContainerDefinition(request: request)
        definition.command = command
        definition.environment = environment
        definition.workingDirectory = directory
        definition.user = user
        definition.hostname = "build"
        definition.lowerDirectories = scratch.lower
        return ContainerRecord(
            id: scratch.id, name: "build-\(scratch.id.short)", created: Clocks.wall, status: .running,
            isSettled: false, definition: definition, state: StoredState())
    }

    private func attachment(_ socket: consuming Descriptor, _ record: ContainerRecord) throws -> MonitorAttachment {
        try MonitorAttachment(
            socket: socket, hasTerminal: false, settle: { _ in try end(record) },
            abandoned: {
                let exit = containers.readExitRecord(scratch.files.places)
                try end(record)
                if let exit { return exit }
                throw EngineError(
                    .unreachable, .engine, "the supervisor of this step was killed, and its command with it")
            })
    }

    /// What the end of any container requires, but for its row and its directory.
    private func end(_ record: ContainerRecord) throws {
        try containers.clearProcesses(record, isOrphaned: true)
        try containers.networks.release(record.id)
        try TreeRemoval.remove(scratch.files.runDirectory)
    }

    /// Ends what runs, and waits for its supervisor.
    private func kill(_ record: ContainerRecord) throws {
        do throws(SystemError) {
            try containers.cgroup(record.id).group().killAll()
            // The supervisor holds its lock for as long as it lives.
            if access(scratch.files.places.lock, F_OK) == 0 { _ = try FileLock.wait(scratch.files.places.lock) }
        } catch {
            throw EngineError(error, .engine)
        }
        try end(record)
    }

    // MARK: What the container's own mounts leave

    /// Mount points that had to be made are no change of the command's.
    private func removePlaceholders() throws(SystemError) {
        let upper = try Descriptor(opening: scratch.files.upper, O_RDONLY | O_DIRECTORY)
        var layers: [Descriptors] = []
        for path in scratch.lower { layers.append(Descriptors(try Descriptor(opening: path, O_RDONLY | O_DIRECTORY))) }
        let own = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev", "/proc", "/sys"]
        for target in own + allBinds.map(\.target) + temporaryFilesystems.map(\.target) {
            var parts = target.split(separator: "/").map(String.init)
            // The mount point, and the directories that were made for it.
            while let name = parts.last, !layers.contains(where: { Self.mode(of: parts, in: $0.file) != nil }) {
                parts.removeLast()
                guard Self.remove(name, from: parts, in: upper) else { break }
            }
        }
    }

    private final class Descriptors {
        let file: Descriptor
        init(_ file: consuming Descriptor) { self.file = file }
    }

    /// Removes a file or an empty directory; whether it did.
    private static func remove(_ name: String, from parts: [String], in root: borrowing Descriptor) -> Bool {
        // Where a link is on the way, the command has changed the way: nothing there is a mount point's.
        guard let parent = try? open(parts, in: root) else { return false }
        let number = parent.number
        return unlinkat(number, name, AT_REMOVEDIR) == 0
            || isEmptyFile(name, in: number) && unlinkat(number, name, 0) == 0
    }

    private static func isEmptyFile(_ name: String, in directory: CInt) -> Bool {
        var facts = stat()
        return fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_mode & S_IFMT == S_IFREG
            && facts.st_size == 0
    }

    private static func mode(of parts: [String], in root: borrowing Descriptor) -> mode_t? {
        // What cannot be opened is not there, as far as an overlay shows it.
        guard let name = parts.last, let parent = try? open(Array(parts.dropLast()), in: root) else { return nil }
        var facts = stat()
        return fstatat(parent.number, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 ? facts.st_mode : nil
    }

    private static func open(_ parts: [String], in root: borrowing Descriptor) throws(SystemError) -> Descriptor {
        let path = parts.isEmpty ? "." : parts.joined(separator: "/")
        return try Descriptor(
            opening: path, below: root.number, .beneathWithoutLinks, Descriptor.pathOnly | O_DIRECTORY)
    }
}

/// A file or directory of layers that a command sees.
struct LayerBind: Sendable {
    /// The layers, and where what is written goes.
    let scratch: BuildScratch
    /// Where in them; empty for all.
    let place: String
    let target: String
    let isReadOnly: Bool

    var mount: BindMount {
        let source = scratch.files.upper + (place.isEmpty ? "" : "/" + place)
        return BindMount(source: source, target: target, isReadOnly: isReadOnly)
    }
}

/// Tells what a command writes, from a thread of its own.
private final class OutputReader: Sendable {
    let writing: CInt
    private let worker: Worker<Void>

    init(_ stream: OutputStream, _ tell: @escaping @Sendable (OutputStream, [UInt8]) -> Void) throws(SystemError) {
        let pipe = try Pipe()
        let reading = try pipe.reading.duplicate().release()
        writing = try pipe.writing.duplicate().release()
        worker = Worker {
            let source = Descriptor(number: reading)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
            defer { buffer.deallocate() }
            // A pipe of our own: reading it fails only at its end.
            while let count = try? source.read(into: buffer), count > 0 { tell(stream, Array(buffer[..<count])) }
        }
    }

    /// Ends the stream, and waits until everything was told.
    func finish() {
        close(writing)
        worker.wait()
    }
}
