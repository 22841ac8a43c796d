// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `images [OPTIONS] [REPOSITORY[:TAG]]`: lists images.
struct ListImagesCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "images", "image ls", "image list", usage: "[OPTIONS] [REPOSITORY[:TAG]]",
        summary: Text("List images", "이미지를 보여 줍니다"), arguments: .init(0, 1, .images),
        flags: [.allImages, .digests, .filter, .format, .noTrunc, .quietList], absentFlags: "tree")

    @Flag(.allImages) var all = false
    @Flag(.digests) var digests = false
    @Option(.filter, transform: Filter.init(parsing:)) var filters: [Filter] = []
    @Option(.format) var format: String?
    @Flag(.noTrunc) var noTrunc = false
    @Flag(.quietList) var quiet = false
    @Argument var reference: String?

    func run(in session: Session) async throws {
        var query = ImageQuery()
        query.reference = reference
        query.filters = filters
        query.all = all
        let now = Timestamp.now
        let rows = try await session.engine.images.list(query).map {
            ImageRow(summary: $0, isShort: !noTrunc, now: now)
        }
        let fields = digests ? ["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"] : nil
        try ImageRow.view.print(rows, as: .init(isQuiet: quiet, format: format, fields: fields), in: session)
    }
}

extension FlagDeclaration {
    fileprivate static let allImages = FlagDeclaration(
        "all", "a", .none, Text("Show all images (default hides intermediate images)", "중간 이미지까지 모두 보여 줍니다"))
    fileprivate static let digests = FlagDeclaration("digests", nil, .none, Text("Show digests", "다이제스트도 보여 줍니다"))
    fileprivate static let filter = FlagDeclaration(
        "filter", "f", .many("filter"), Text("Filter output based on conditions provided", "조건에 맞는 것만 보여 줍니다"),
        candidates: .filters(["before", "dangling", "label", "reference", "since", "until"]))
}
