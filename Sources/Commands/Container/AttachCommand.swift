// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `attach [OPTIONS] CONTAINER`: puts the terminal on a container that runs.
struct AttachCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "attach", "container attach", usage: "[OPTIONS] CONTAINER",
        summary: Text(
            "Attach local standard input, output, and error streams to a running container", "실행 중인 컨테이너의 입출력에 붙습니다"),
        arguments: .init(1, 1, .containers(.running), current: .container),
        flags: [.detachKeys, .noStdin, .sigProxy])

    @Option(.detachKeys, transform: DetachKeys.parse) var detachKeys: DetachKeys? = .standard
    @Flag(.noStdin) var noInput = false
    @Option(.sigProxy) var passesSignals = true
    @Argument(transform: { ContainerName($0) }) var container: ContainerName?

    func run(in session: Session) async throws {
        let name = try session.orCurrent(container)
        let containers = try session.engine.containers
        let details = try await containers.inspect(name)
        let sendsInput = !noInput && details.request.keepsInputOpen
        try session.requireTerminal(forProgramWithTerminal: details.request.hasTerminal, sendingInput: sendsInput)
        let size = session.terminalSize
        let attachment = try await containers.attach(name, AttachRequest(input: sendsInput, terminalSize: size))
        var program = AttachedProgram(
            attachment: attachment, container: ContainerName(details.summary.name), session: session)
        program.sendsInput = sendsInput
        program.detachKeys = detachKeys
        program.passesSignals = passesSignals
        // Whoever reads that they are attached may send a signal at once.
        program.signals = try AttachedProgram.watchSignals(in: session)
        if session.output.isTerminal, session.error.isTerminal { session.notice(greeting(for: program)) }
        if attachment.hasTerminal, let size { try await nudge(attachment, to: size) }
        try await program.relayToEnd()
    }

    /// What one is attached to and how to leave, since an idle program shows nothing.
    private func greeting(for program: AttachedProgram) -> Text {
        let name = program.container.text
        if program.attachment.hasTerminal, program.sendsInput {
            return detachKeys.map { .attachedWithKeys(name, keys: $0.text) } ?? .attachedForGood(name)
        }
        return passesSignals ? .attachedPassingSignals(name) : .attachedKeepingSignals(name)
    }

    /// A change of size makes shells and full-screen programs draw themselves again, as Docker does.
    private func nudge(_ attachment: any Attachment, to size: Engine.TerminalSize) async throws {
        let other = Engine.TerminalSize(rows: size.rows &+ 1, columns: size.columns &+ 1)
        try await attachment.resize(to: other)
        try await attachment.resize(to: size)
    }
}

extension DetachKeys {
    /// `Ctrl-P Ctrl-Q`, as they stand on the keys.
    var text: String {
        bytes.map { byte in
            let letter = Character(Unicode.Scalar(byte < 0x20 ? byte + 64 : byte))
            return byte < 0x20 ? "Ctrl-\(letter)" : String(letter)
        }.joined(separator: " ")
    }
}
