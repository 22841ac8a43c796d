// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `start [OPTIONS] CONTAINER [CONTAINER…]`: runs containers that have been made or have ended.
struct StartCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "start", "container start", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        summary: Text("Start one or more stopped containers", "멈춘 컨테이너를 다시 실행합니다"),
        arguments: .init(1, nil, .containers(.stopped), current: .container),
        flags: [.attachOutput, .detachKeys, .attachInput], absentFlags: "checkpoint= checkpoint-dir=")

    @Flag(.attachOutput) var attachesOutput = false
    @Option(.detachKeys, transform: DetachKeys.parse) var detachKeys: DetachKeys? = .standard
    @Flag(.attachInput) var attachesInput = false
    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        let names = try session.orCurrent(containers)
        if attachesOutput || attachesInput { return try await attach(names, in: session) }
        try await session.forEach(names) { name in
            let started = try await session.engine.containers.start(name, attaching: nil)
            session.report(started.container.adjustments)
            session.use(ContainerName(started.container.name))
            session.note(last: started.container.id.text)
        }
    }

    private func attach(_ names: [ContainerName], in session: Session) async throws {
        guard names.count == 1 else {
            throw UsageError.refused("you cannot start and attach multiple containers at once", status: 1)
        }
        let containers = try session.engine.containers
        // What the container is decides whether our input is wanted: the tty choice is remembered by it.
        let request = try await containers.inspect(names[0]).request
        let sendsInput = attachesInput && request.keepsInputOpen
        try session.requireTerminal(forProgramWithTerminal: request.hasTerminal, sendingInput: sendsInput)
        let attach = AttachRequest(input: sendsInput, terminalSize: session.terminalSize)
        let signals = try AttachedProgram.watchSignals(in: session)
        let started = try await containers.start(names[0], attaching: attach)
        let name = ContainerName(started.container.name)
        session.report(started.container.adjustments)
        session.use(name)
        guard let attachment = started.attachment else { return }
        var program = AttachedProgram(attachment: attachment, container: name, session: session)
        program.sendsInput = sendsInput
        program.detachKeys = detachKeys
        program.signals = signals
        try await program.relayToEnd(of: started.container.id)
    }
}

extension FlagDeclaration {
    fileprivate static let attachOutput = FlagDeclaration(
        "attach", "a", .none, Text("Attach STDOUT/STDERR and forward signals", "출력에 붙고 신호를 넘겨줍니다"))
    fileprivate static let attachInput = FlagDeclaration(
        "interactive", "i", .none, Text("Attach container's STDIN", "컨테이너의 표준 입력에 붙습니다"))
}
