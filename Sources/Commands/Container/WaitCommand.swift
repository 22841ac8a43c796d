// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `wait CONTAINER [CONTAINER…]`: waits for the end of containers and prints their statuses.
struct WaitCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "wait", "container wait", usage: "CONTAINER [CONTAINER...]",
        summary: Text(
            "Block until one or more containers stop, then print their exit codes", "컨테이너가 끝날 때까지 기다려 종료 코드를 찍습니다"),
        arguments: .init(1, nil, .containers(.running), current: .container))

    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        try await session.forEachInOrder(
            try session.orCurrent(containers),
            lines: { name in
                ["\(try await session.engine.containers.wait(name))"]
            })
    }
}
