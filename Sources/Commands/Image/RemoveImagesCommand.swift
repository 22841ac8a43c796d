// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `rmi [OPTIONS] IMAGE [IMAGE…]`: takes names away, and with the last one the image.
struct RemoveImagesCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "rmi", "image rm", "image remove", usage: "[OPTIONS] IMAGE [IMAGE...]",
        summary: Text("Remove one or more images", "이미지를 지웁니다"),
        arguments: .init(1, nil, .images, current: .image), flags: [.forceImage, .noPrune], absentFlags: "platform=")

    @Flag(.forceImage) var force = false
    @Flag(.noPrune) var keepsLayers = false
    @Argument(transform: { ImageName($0) }) var images: [ImageName] = []

    func run(in session: Session) async throws {
        let names = try session.orCurrent(images)
        // One after another: two names may be of one image, and what is said depends on which goes first.
        var failures: [any Error] = []
        for name in names {
            do {
                let removed = try await session.engine.images.remove(name, force: force, prune: !keepsLayers)
                for removal in removed { session.output.line(removal.text) }
                session.forget(name)
            } catch {
                failures.append(error)
            }
        }
        if !failures.isEmpty { throw Failures(failures) }
    }
}

extension ImageRemoval {
    /// Docker's line for it.
    var text: String {
        switch self {
        case .untagged(let name): "Untagged: \(name)"
        case .deleted(let id): "Deleted: \(id)"
        }
    }
}

extension FlagDeclaration {
    fileprivate static let forceImage = FlagDeclaration(
        "force", "f", .none, Text("Force removal of the image", "강제로 지웁니다"))
    fileprivate static let noPrune = FlagDeclaration(
        "no-prune", nil, .none, Text("Do not delete untagged parents", "이름 없는 아래층은 남깁니다"))
}
