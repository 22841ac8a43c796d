// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `restart [OPTIONS] CONTAINER [CONTAINER…]`: ends containers and starts them again, detached.
struct RestartCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "restart", "container restart", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        summary: Text("Restart one or more containers", "컨테이너를 멈추었다가 다시 실행합니다"),
        arguments: .init(1, nil, .containers(.any), current: .container), flags: [.signal, .timeout])

    @Option(.signal, transform: FlagDeclaration.signalNamed) var signal: Signal?
    @Option(.timeout, transform: Number.seconds) var timeout: Duration?
    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        try await session.forEach(try session.orCurrent(containers)) { name in
            try await session.explainWait(for: name, signal: signal, grace: timeout)
            try await session.engine.containers.restart(name, signal: signal, grace: timeout)
        }
    }
}
