// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `stop [OPTIONS] CONTAINER [CONTAINER…]`: ends containers.
struct StopCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "stop", "container stop", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        summary: Text("Stop one or more running containers", "실행 중인 컨테이너를 멈춥니다"),
        arguments: .init(1, nil, .containers(.running), current: .container), flags: [.signal, .timeout])

    @Option(.signal, transform: FlagDeclaration.signalNamed) var signal: Signal?
    @Option(.timeout, transform: Number.seconds) var timeout: Duration?
    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        try await session.forEach(try session.orCurrent(containers)) { name in
            try await session.explainWait(for: name, signal: signal, grace: timeout)
            try await session.engine.containers.stop(name, signal: signal, grace: timeout)
        }
    }
}

extension Session {
    /// Says beforehand why `stop` will have to wait: the program is PID 1 and does not handle the signal.
    func explainWait(for name: ContainerName, signal: Signal?, grace: Duration?) async throws {
        guard grace != .zero, let ignored = try await engine.containers.ignoresSignal(name, signal: signal) else {
            return
        }
        notice(.stopWillWait(name.text, ignored, grace, again: typed("stop -t 0 \(name)")))
    }
}
