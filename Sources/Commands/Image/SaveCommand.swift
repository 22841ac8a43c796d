// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Glibc
import Terminal

/// `save [OPTIONS] IMAGE [IMAGE…]`: writes images as one archive.
struct SaveCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "save", "image save", usage: "[OPTIONS] IMAGE [IMAGE...]",
        summary: Text(
            "Save one or more images to a tar archive (streamed to STDOUT by default)",
            "이미지를 tar 보관 파일로 씁니다 (보통 표준 출력으로)"),
        arguments: .init(1, nil, .images, current: .image), flags: [.outputFile], absentFlags: "platform=")

    @Option(.outputFile) var file: String?
    @Argument(transform: { ImageName($0) }) var images: [ImageName] = []

    func run(in session: Session) async throws {
        let names = try session.orCurrent(images)
        guard let file else {
            guard !session.output.isTerminal else {
                throw UsageError.refused(
                    "cowardly refusing to save to a terminal. Use the -o flag or redirect", status: 1)
            }
            try session.output.flush()
            return try await session.engine.images.save(names, to: session.output.descriptor ?? STDOUT_FILENO)
        }
        // A save that fails, or is killed, leaves the file that was there, and nothing beside it.
        let target = try UnnamedFile(for: session.hostPath(file), shownAs: file)
        try await session.engine.images.save(names, to: target.descriptor)
        try target.takePlace()
    }
}

extension FlagDeclaration {
    fileprivate static let outputFile = FlagDeclaration(
        "output", "o", .one("string"), Text("Write to a file, instead of STDOUT", "표준 출력 대신 파일에 씁니다"),
        candidates: .hostPaths)
}
