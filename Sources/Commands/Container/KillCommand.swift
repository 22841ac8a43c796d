// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `kill [OPTIONS] CONTAINER [CONTAINER…]`: sends a signal to the program of containers, SIGKILL unless told otherwise.
struct KillCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "kill", "container kill", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        summary: Text("Kill one or more running containers", "실행 중인 컨테이너를 강제로 끝내거나 신호를 보냅니다"),
        arguments: .init(1, nil, .containers(.running), current: .container), flags: [.signal])

    @Option(.signal, transform: FlagDeclaration.signalNamed) var signal: Signal?
    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        try await session.forEach(try session.orCurrent(containers)) { name in
            try await session.engine.containers.kill(name, signal: signal ?? .kill)
        }
    }
}
