// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `run [OPTIONS] IMAGE [COMMAND] [ARG…]`: makes a container and starts it.
struct RunCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "run", "container run", usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        summary: Text("Create and run a new container from an image", "이미지에서 새 컨테이너를 만들어 실행합니다"),
        arguments: .init(1, nil, .images, .none, current: .image),
        flags: CommandDeclaration.containerFlags + [.detach, .detachKeys, .sigProxy],
        absentFlags: CommandDeclaration.absentContainerFlags, endsOptionsAtFirstWord: true)
    static let engineFailureStatus: Int32 = 125

    @OptionGroup var options: ContainerOptions
    @Flag(.detach) var detach = false
    @Option(.detachKeys, transform: DetachKeys.parse) var detachKeys: DetachKeys? = .standard
    @Option(.sigProxy) var passesSignals = true

    func run(in session: Session) async throws {
        if detach, !options.attach.isEmpty { throw UsageError.refused("Conflicting options: -a and -d", status: 1) }
        let file = try IDFile(options.cidfile, in: session)
        var request = try options.request(in: session)
        let sendsInput = !detach && (options.attach.isEmpty ? options.interactive : options.attach.contains(.input))
        try session.requireTerminal(forProgramWithTerminal: options.tty, sendingInput: sendsInput)
        request.terminalSize = session.terminalSize
        let wanted = request
        let attach = AttachRequest(input: sendsInput, terminalSize: wanted.terminalSize)
        let signals = detach ? nil : try AttachedProgram.watchSignals(in: session)
        let started = try await session.explainingMissingImage(wanted, quietly: options.quiet) {
            try await $0.run(wanted, attaching: detach ? nil : attach)
        }
        try file?.write(started.container.id)
        session.report(started.container.adjustments)
        session.note(last: started.container.id.text)
        guard let attachment = started.attachment else {
            session.use(ContainerName(started.container.name))
            return session.output.line(started.container.id.text)
        }
        var program = AttachedProgram(
            attachment: attachment, container: ContainerName(started.container.name), session: session)
        program.sendsInput = sendsInput
        program.outputs = options.outputs
        program.detachKeys = detachKeys
        program.passesSignals = passesSignals
        program.signals = signals
        try await program.relayToEnd(of: started.container.id)
    }
}

extension ContainerOptions {
    /// What `-a` chose to show; `nil` shows both.
    var outputs: Set<OutputStream>? {
        guard !attach.isEmpty else { return nil }
        return Set(attach.compactMap { $0 == .output ? .output : $0 == .error ? .error : nil })
    }
}

/// `--cidfile`: refused before anything is made when it is there already.
struct IDFile {
    private let path: String
    private let shown: String

    /// `nil` where no file is wanted.
    init?(_ file: String?, in session: Session) throws {
        guard let file else { return nil }
        shown = file
        path = session.hostPath(file)
        guard !HostFile.exists(path) else {
            throw UsageError.refusedAsByEngine(
                "container ID file found, make sure the other container isn't running or delete \(file)")
        }
    }

    /// Writes the id, without a line's end.
    func write(_ id: ContainerID) throws { try HostFile.create(path, containing: id.text, shownAs: shown) }
}

extension Session {
    /// Makes a container; where its image is missing, says so in Docker's words before the failure is reported.
    func explainingMissingImage<Result: Sendable>(
        _ request: ContainerRequest, quietly: Bool,
        _ make: @Sendable (any ContainerOperations) async throws -> Result
    ) async throws -> Result {
        do {
            return try await make(try engine.containers)
        } catch let failure as EngineError {
            guard failure.code == .notFound, case .image = failure.subject, request.pull != .never else {
                throw failure
            }
            if !quietly { error.line("Unable to find image '\(ImageWord.withTag(request.image))' locally") }
            throw MissingImage(image: request.image)
        }
    }
}

/// An image that is not in the store; pulling it is not there yet.
struct MissingImage: Error {
    let image: ImageName
}

/// Names of images as people write them.
enum ImageWord {
    /// The name with the tag that is meant where none is given, and without the registry that is meant: `node:latest`.
    static func withTag(_ name: ImageName) -> String {
        var text = name.text[...]
        for prefix in ["docker.io/library/", "index.docker.io/library/", "docker.io/"] where text.hasPrefix(prefix) {
            text = text.dropFirst(prefix.count)
        }
        let last = text.split(separator: "/").last ?? ""
        return last.contains(":") || text.contains("@") ? String(text) : text + ":latest"
    }
}
