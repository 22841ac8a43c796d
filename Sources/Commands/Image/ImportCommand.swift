// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `import [OPTIONS] FILE|- [REPOSITORY[:TAG]]`: makes an image of a tar archive of files.
struct ImportCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "import", "image import", usage: "[OPTIONS] file|- [REPOSITORY[:TAG]]",
        summary: Text(
            "Import the contents from a tarball to create a filesystem image", "tar 보관 파일의 내용으로 이미지를 만듭니다"),
        arguments: .init(1, 2, .hostPaths, .none), flags: [.change, .message], absentFlags: "platform=")

    @Option(.change) var changes: [String] = []
    @Option(.message) var message: String?
    @Argument var words: [String] = []

    func run(in session: Session) async throws {
        let file = words[0]
        if file.hasPrefix("http://") || file.hasPrefix("https://") {
            throw UsageError(sentence: .addressIsNotThereYet(file), hint: .downloadFirst, pointer: .none, status: 1)
        }
        let id: ImageID
        if file == "-" {
            guard !session.streams.inputIsTerminal else {
                throw UsageError.refused("requested import from stdin, but stdin is a terminal", status: 1)
            }
            id = try await make(from: session.streams.input, in: session)
        } else {
            let source = try OpenFile(reading: session.hostPath(file), shownAs: file)
            id = try await make(from: source.descriptor, in: session)
        }
        session.note(last: id.text)
        session.output.line(id.text)
    }

    private func make(from input: Int32, in session: Session) async throws -> ImageID {
        var request = ImportRequest(input: input)
        request.name = words.count > 1 ? ImageName(words[1]) : nil
        request.changes = changes
        request.message = message ?? ""
        let wanted = request
        return try await session.showingProgress(unless: false) { progress in
            try await session.engine.images.importArchive(wanted, progress: progress)
        }
    }
}

extension FlagDeclaration {
    fileprivate static let change = FlagDeclaration(
        "change", "c", .many("list"),
        Text("Apply Dockerfile instruction to the created image", "Dockerfile 명령으로 이미지를 설정합니다 (예: CMD [\"sh\"])"))
    fileprivate static let message = FlagDeclaration(
        "message", "m", .one("string"), Text("Set commit message for imported image", "이미지에 설명을 붙입니다"))
}
