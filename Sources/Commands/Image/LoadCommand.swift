// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `load [OPTIONS]`: reads images from an archive, Docker's or an OCI layout.
struct LoadCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "load", "image load", usage: "[OPTIONS]",
        summary: Text("Load an image from a tar archive or STDIN", "tar 보관 파일이나 표준 입력에서 이미지를 읽어 들입니다"),
        flags: [.inputFile, .quietLoad], absentFlags: "platform=")

    @Option(.inputFile) var file: String?
    @Flag(.quietLoad) var quiet = false

    func run(in session: Session) async throws {
        let loaded: [LoadedImage]
        if let file {
            let source = try OpenFile(reading: session.hostPath(file), shownAs: file)
            loaded = try await load(from: source.descriptor, in: session)
        } else {
            guard !session.streams.inputIsTerminal else {
                throw UsageError.refused(
                    "requested load from stdin, but stdin is empty", hint: .loadNeedsFile, status: 1)
            }
            loaded = try await load(from: session.streams.input, in: session)
        }
        for image in loaded {
            session.note(last: image.id.text)
            for name in image.names { session.output.line("Loaded image: \(name)") }
            if image.names.isEmpty { session.output.line("Loaded image ID: \(image.id)") }
        }
    }

    private func load(from input: Int32, in session: Session) async throws -> [LoadedImage] {
        try await session.showingProgress(unless: quiet) { progress in
            try await session.engine.images.load(from: input, progress: progress)
        }
    }
}

extension Session {
    /// Long work with bars on a terminal, which go when it is done: the result says everything.
    func showingProgress<Result>(
        unless isQuiet: Bool, _ work: (ProgressObserver?) async throws -> Result
    ) async throws -> Result {
        guard !isQuiet, output.isTerminal else { return try await work(nil) }
        let bars = ProgressBars(output: output)
        defer { bars.clear() }
        return try await work { bars.update($0.item, $0.action, done: $0.done, of: $0.total) }
    }
}

extension FlagDeclaration {
    fileprivate static let inputFile = FlagDeclaration(
        "input", "i", .one("string"), Text("Read from tar archive file, instead of STDIN", "표준 입력 대신 파일에서 읽습니다"),
        candidates: .hostPaths)
    fileprivate static let quietLoad = FlagDeclaration(
        "quiet", "q", .none, Text("Suppress the load output", "읽어 들이는 과정을 보여 주지 않습니다"))
}
