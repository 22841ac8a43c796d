// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `debug [OPTIONS] [IMAGE|CONTAINER]`: a shell with tools of its own in anything, or right before a build's failed step.
struct DebugCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "debug", usage: "[OPTIONS] [IMAGE|CONTAINER]",
        summary: Text(
            "Open a shell in any image or container, or before a failed build step",
            "어떤 이미지나 컨테이너에서든, 또는 실패한 빌드 단계 바로 앞에서 셸을 엽니다"),
        details: Text(
            """
            BusyBox's tools stand behind the programs that are there, so that this works also where no shell is inside.
            Alone, it opens the state right before the step that the last build failed with; 'again' runs its command there.
            What is written goes with the shell, except in a container that runs.
            """,
            """
            안에 있는 프로그램 뒤에 BusyBox의 도구를 더하므로, 셸이 없는 이미지에서도 됩니다. 혼자 쓰면 마지막에 실패한 빌드
            단계의 바로 앞 상태를 엽니다. 거기서 'again'을 치면 그 명령을 다시 실행합니다. 실행 중인 컨테이너가 아니면, 안에서 쓴 것은
            셸과 함께 사라집니다.
            """),
        arguments: .init(0, 1, .imagesAndContainers), flags: [.shellCommand, .user],
        absentFlags: "host= platform= privileged shell=")
    static let engineFailureStatus: Int32 = 125

    @Option(.shellCommand) var command: String?
    @Option(.user) var user: String?
    @Argument var word: String?

    func run(in session: Session) async throws {
        let failed = word == nil ? try await failedStep(in: session) : nil
        let target = try await target(in: session)
        var request = DebugRequest()
        request.command = command
        request.user = user
        request.hasTerminal = session.streams.inputIsTerminal && session.output.isTerminal
        request.terminalSize = session.terminalSize
        let signals = try AttachedProgram.watchSignals(in: session)
        let opened = try await session.engine.debugging.debug(target, request)
        if command == nil { tell(failed, opened.container, in: session) }
        var program = AttachedProgram(attachment: opened.attachment, container: opened.container, session: session)
        program.detachKeys = nil
        program.isFirstProcess = false
        program.signals = signals
        try await program.relayToEnd()
    }

    private func failedStep(in session: Session) async throws -> FailedStep {
        guard let failed = try await session.engine.debugging.failedStep() else {
            throw UsageError(
                sentence: .noFailedStep, hint: .debugWhat(session.typed("debug")), pointer: .none, status: 1)
        }
        return failed
    }

    private func target(in session: Session) async throws -> DebugTarget {
        guard let word else { return .failedStep }
        return switch try await session.containerOrImage(word) {
        case .container: .container(ContainerName(word))
        case .image(let name): .image(name)
        }
    }

    /// Where the shell is, before its first prompt.
    private func tell(_ failed: FailedStep?, _ container: ContainerName, in session: Session) {
        guard let failed else { return session.notice(.debugIsIn(container.text)) }
        session.notice(.debugIsBefore(failed.step.title, failed.place))
        guard let command = failed.command else { return }
        session.error.paragraph("  " + command, .plain)
        session.notice(.againRunsIt)
    }
}

extension FlagDeclaration {
    fileprivate static let shellCommand = FlagDeclaration(
        "command", "c", .one("string"), Text("Evaluate this command instead of asking", "묻지 않고 이 명령을 실행합니다"))
}
