// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `exec [OPTIONS] CONTAINER COMMAND [ARG…]`: runs another program in a container that runs.
struct ExecCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "exec", "container exec", usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
        summary: Text("Execute a command in a running container", "실행 중인 컨테이너 안에서 명령을 실행합니다"),
        arguments: .init(2, nil, .containers(.running), .containerPaths, current: .container),
        flags: [
            .detachProgram, .detachKeys, .env, .envFile, .keepInput, .privilegedProgram, .tty, .user, .workdir,
        ], endsOptionsAtFirstWord: true)

    @Flag(.detachProgram) var detach = false
    @Option(.detachKeys, transform: DetachKeys.parse) var detachKeys: DetachKeys? = .standard
    @Option(.env, transform: EnvironmentWord.init(parsing:)) var env: [EnvironmentWord] = []
    @Option(.envFile) var envFiles: [String] = []
    @Flag(.keepInput) var interactive = false
    @Flag(.privilegedProgram) var privileged = false
    @Flag(.tty) var tty = false
    @Option(.user) var user: String?
    @Option(.workdir) var workdir: String?
    @Argument var words: [String] = []

    func run(in session: Session) async throws {
        let (container, command) = try await target(in: session)
        var request = ExecRequest(command: command)
        request.environment =
            try envFiles.flatMap { try NamedValues.environment(file: $0, in: session) }
            + env.compactMap { $0.text(in: session) }
        request.workingDirectory = workdir
        request.user = user
        request.hasTerminal = tty
        request.keepsInputOpen = interactive
        request.isPrivileged = privileged
        request.terminalSize = session.terminalSize
        if !detach { try session.requireTerminal(forProgramWithTerminal: tty, sendingInput: interactive) }
        let attach = AttachRequest(input: interactive, terminalSize: request.terminalSize)
        let signals = detach ? nil : try AttachedProgram.watchSignals(in: session)
        let attachment = try await session.engine.containers.exec(
            container, request, attaching: detach ? nil : attach)
        guard let attachment else { return }
        var program = AttachedProgram(attachment: attachment, container: container, session: session)
        program.sendsInput = interactive
        program.detachKeys = detachKeys
        program.isFirstProcess = false
        program.signals = signals
        try await program.relayToEnd()
    }

    /// The container and the program. With a current container the first word may already be the program (`exec -it sh`): it
    /// is, unless a container is called so.
    private func target(in session: Session) async throws -> (ContainerName, [String]) {
        guard session.currentContainer != nil else { return (ContainerName(words[0]), Array(words.dropFirst())) }
        if words.count > 1 {
            do {
                _ = try await session.engine.containers.inspect(ContainerName(words[0]))
                return (ContainerName(words[0]), Array(words.dropFirst()))
            } catch let error as EngineError where error.code == .notFound {}
        }
        return (try session.orCurrent(ContainerName?.none), words)
    }
}

extension FlagDeclaration {
    fileprivate static let detachProgram = FlagDeclaration(
        "detach", "d", .none, Text("Detached mode: run command in the background", "명령을 뒤에서 실행합니다"))
    fileprivate static let keepInput = FlagDeclaration(
        "interactive", "i", .none, Text("Keep STDIN open even if not attached", "표준 입력을 열어 둡니다"))
    fileprivate static let privilegedProgram = FlagDeclaration(
        "privileged", nil, .none, Text("Give extended privileges to the command", "명령에 모든 권한을 줍니다"))
}
