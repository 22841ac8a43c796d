// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `rename CONTAINER NEW_NAME`: gives a container another name.
struct RenameCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "rename", "container rename", usage: "CONTAINER NEW_NAME",
        summary: Text("Rename a container", "컨테이너의 이름을 바꿉니다"),
        arguments: .init(2, 2, .containers(.any), .none, current: .container))

    @Argument(transform: { ContainerName($0) }) var names: [ContainerName] = []

    func run(in session: Session) async throws {
        let old = try session.orCurrent(names.count == 2 ? names[0] : nil)
        let new = names[names.count - 1]
        try await session.engine.containers.rename(old, to: new)
        if session.currentContainer == old { session.use(new) }
    }
}
