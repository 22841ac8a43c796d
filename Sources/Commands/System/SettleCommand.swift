// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `settle ID`: does what the end of a container requires; for its own supervisor when nobody is attached.
struct SettleCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "settle", usage: "ID",
        summary: Text("Do what the end of a container requires", "컨테이너가 끝난 뒤의 일을 합니다"),
        arguments: .init(1, 1, .none), isHidden: true)

    @Argument var id: String

    func run(in session: Session) async throws {
        do {
            try await session.engine.system.settle(ContainerID(parsing: id))
        } catch let error as Malformed {
            throw UsageError.refused("\(error)", status: 1)
        }
    }
}
