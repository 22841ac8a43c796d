// SPDX-License-Identifier: Apache-2.0

import Engine
import OCI

/// What a container is: the request with the image's settings merged in, decided once when it is created.
///
/// It holds all that a start needs, the directories of the layers included, so that starting reads no image.
struct ContainerDefinition: Hashable, Sendable {
    var request: ContainerRequest
    /// The image's id.
    var imageID = ""
    /// Entrypoint and command in force; together they are the program.
    var entrypoint: [String] = []
    var command: [String] = []
    /// `NAME=VALUE`, the request's before the image's; a name without `=` takes a default away.
    var environment: [String] = []
    var workingDirectory = "/"
    var user = ""
    var hostname = ""
    /// The image's labels and the request's.
    var labels: [String: String] = [:]
    /// `80/tcp`, sorted.
    var exposedPorts: [String] = []
    var stopSignal = Signal.terminate
    /// Directories of the image's layers, topmost first.
    var lowerDirectories: [String] = []
    var architecture = ""
    /// Whether standard input ends for good when the first client that brought some leaves (`StdinOnce`).
    var inputEndsWithFirstClient = true

    var program: [String] { entrypoint + command }
    var stopTimeout: Duration { request.stopTimeout ?? .seconds(10) }

    /// What no machine of this kind can give: an image for another processor may run by emulation, or not at all.
    var adjustments: [Adjustment] {
        let own = Platform.current.architecture
        guard !architecture.isEmpty, architecture != own else { return [] }
        return [Adjustment(kind: .platform, name: "platform", asked: "linux/\(architecture)", given: "linux/\(own)")]
    }
}

extension ContainerDefinition {
    /// Docker's `PATH` for an image that names none.
    static let standardPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Merges what was asked for with what the image says.
    ///
    /// - Throws: `.invalid` when there is nothing to run, or when a part of the request cannot be.
    init(_ request: ContainerRequest, id: ContainerID, image: ResolvedImage) throws(EngineError) {
        try Self.check(request)
        self.request = request
        imageID = image.id.text
        let settings = image.settings
        if let entrypoint = request.entrypoint {
            self.entrypoint = entrypoint
            command = request.command
        } else {
            entrypoint = settings.entrypoint ?? []
            command = request.command.isEmpty ? settings.command ?? [] : request.command
        }
        guard !(entrypoint + command).isEmpty else {
            throw EngineError(.invalid, .image(request.image.text), "no command specified")
        }
        environment = Self.merge(request.environment, settings.environment)
        workingDirectory =
            request.workingDirectory ?? (settings.workingDirectory.isEmpty ? "/" : settings.workingDirectory)
        user = request.user ?? settings.user
        hostname = request.hostname ?? (request.network == .host ? Machine.name : id.short)
        labels = settings.labels.merging(request.labels) { $1 }
        let published = request.ports.map { "\($0.containerPort)/\($0.transport.rawValue)" }
        exposedPorts = Set(settings.exposedPorts + published).sorted()
        if let asked = request.stopSignal {
            stopSignal = asked
        } else {
            stopSignal = try Self.signal(settings.stopSignal, of: request.image)
        }
        lowerDirectories = image.layerDirectories
        architecture = image.architecture
    }

    /// Later values win over earlier ones and over the image's, without changing the order.
    private static func merge(_ asked: [String], _ image: [String]) -> [String] {
        var names: [Substring: Int] = [:]
        var merged: [String] = []
        func name(_ entry: String) -> Substring { entry.prefix { $0 != "=" } }
        for entry in asked {
            if let place = names[name(entry)] {
                merged[place] = entry
            } else {
                names[name(entry)] = merged.count
                merged.append(entry)
            }
        }
        for entry in image where names[name(entry)] == nil { merged.append(entry) }
        if !merged.contains(where: { $0.hasPrefix("PATH=") || $0 == "PATH" }) { merged.append(standardPath) }
        return merged
    }

    private static func signal(_ text: String?, of image: ImageName) throws(EngineError) -> Signal {
        guard let text, !text.isEmpty else { return .terminate }
        do { return try Signal(parsing: text) } catch {
            throw EngineError(.invalid, .image(image.text), "invalid signal: \(text)", cause: error)
        }
    }
}

extension ContainerDefinition {
    /// Docker's least memory.
    private static let leastMemory = ByteCount(6 * 1024 * 1024)

    /// At most 64 bytes (sethostname(2)) of letters, digits, hyphens, underscores and dots, such as a line of /etc/hosts and
    /// a shell's prompt can carry. Underscores are in no standard and in many names: Docker gave up refusing them.
    private static func isHostname(_ text: String) -> Bool {
        func isWordLetter(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard text.utf8.count <= 64 else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.first, let last = part.last, part.count <= 63 else { return false }
            return isWordLetter(first) && isWordLetter(last)
                && part.allSatisfy { isWordLetter($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Refuses what no image could make right.
    private static func check(_ request: ContainerRequest) throws(EngineError) {
        func refuse(_ message: String) -> EngineError { EngineError(.invalid, .engine, message) }
        if let name = request.name, !name.isValidForNew {
            throw EngineError(
                .invalid, .container(name.text),
                "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
        }
        if let directory = request.workingDirectory, !directory.hasPrefix("/") {
            throw refuse("the working directory '\(directory)' is invalid, it needs to be an absolute path")
        }
        if let hostname = request.hostname, !isHostname(hostname) {
            throw refuse("invalid hostname format: \(hostname)")
        }
        if let memory = request.limits.memory, memory < leastMemory {
            throw refuse("Minimum memory limit allowed is 6MB")
        }
        if let processors = request.limits.milliCPUs {
            let present = Int64(Machine.processors)
            guard processors > 0, processors <= present * 1000 else {
                throw refuse(
                    "range of CPUs is from 0.01 to \(present).00, as there are only \(present) CPUs available")
            }
        }
        for mount in request.binds {
            guard mount.target.hasPrefix("/") else {
                throw refuse("invalid mount path: '\(mount.target)' mount path must be absolute")
            }
            guard mount.target != "/" else { throw refuse("invalid specification: destination can't be '/'") }
        }
        for mount in request.temporaryFilesystems {
            guard mount.target.hasPrefix("/"), mount.target != "/" else {
                throw refuse("invalid mount path: '\(mount.target)' mount path must be absolute")
            }
        }
        var targets: Set<String> = []
        for target in request.binds.map(\.target) + request.temporaryFilesystems.map(\.target) {
            guard targets.insert(target).inserted else { throw refuse("Duplicate mount point: \(target)") }
        }
        _ = try CapabilitySet(
            adding: request.addedCapabilities, dropping: request.droppedCapabilities,
            isPrivileged: request.isPrivileged)
        for mount in request.temporaryFilesystems { _ = try TemporaryMount(mount) }
    }
}
