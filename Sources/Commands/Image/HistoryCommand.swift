// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `history [OPTIONS] IMAGE`: shows how an image was made.
struct HistoryCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "history", "image history", usage: "[OPTIONS] IMAGE",
        summary: Text("Show the history of an image", "이미지가 만들어진 과정을 보여 줍니다"),
        arguments: .init(1, 1, .images, current: .image), flags: [.format, .human, .noTrunc, .quietList],
        absentFlags: "platform=")

    @Option(.format) var format: String?
    @Option(.human) var human = true
    @Flag(.noTrunc) var noTrunc = false
    @Flag(.quietList) var quiet = false
    @Argument(transform: { ImageName($0) }) var image: ImageName?

    func run(in session: Session) async throws {
        let now = Timestamp.now
        let rows = try await session.engine.images.history(try session.orCurrent(image)).map {
            HistoryRow(entry: $0, isShort: !noTrunc, isHuman: human, now: now)
        }
        try HistoryRow.view.print(rows, as: .init(isQuiet: quiet, format: format), in: session)
    }
}

extension FlagDeclaration {
    fileprivate static let human = FlagDeclaration(
        "human", "H", .onByDefault,
        Text("Print sizes and dates in human readable format", "크기와 때를 읽기 쉽게 보여 줍니다"))
}
