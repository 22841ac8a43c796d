// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]`: gives an image one more name.
struct TagCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "tag", "image tag", usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        summary: Text("Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", "이미지에 이름을 하나 더 붙입니다"),
        arguments: .init(2, 2, .images, current: .image))

    @Argument(transform: { ImageName($0) }) var images: [ImageName] = []

    func run(in session: Session) async throws {
        let source = try session.orCurrent(images.count == 2 ? images[0] : nil)
        try await session.engine.images.tag(source, as: images[images.count - 1])
    }
}
