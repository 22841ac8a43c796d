// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `image restore-starters`: brings back the images that dsh carries in itself.
struct RestoreStartersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "image restore-starters", usage: "",
        summary: Text("Bring back the images that dsh carries in itself", "dsh에 들어 있는 이미지를 되살립니다"))

    func run(in session: Session) async throws {
        for name in try await session.engine.images.restoreStarters() { session.output.line(name) }
    }
}
