// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Glibc
import Synchronization
import Terminal

/// A program in a container with a person's terminal (or pipes) on it: `run`, `start -a`, `attach`, `exec`.
struct AttachedProgram: Sendable {
    /// The live connection.
    let attachment: any Attachment
    /// The container, for what is said about it.
    let container: ContainerName
    let session: Session
    /// Whether what is typed is sent.
    var sendsInput = true
    /// Which outputs are shown; `nil` means both.
    var outputs: Set<OutputStream>?
    /// Keys that leave the program running.
    var detachKeys: DetachKeys? = .standard
    /// Whether signals go to the program; otherwise the first that would end us leaves it running.
    var passesSignals = true
    /// Whether this is the container's PID 1, to which the kernel's rule about unhandled signals applies.
    var isFirstProcess = true
    /// What has come since before the program was started, see ``watchSignals(in:)``.
    var signals: SignalStream?

    /// Watches signals for a program that is about to start: between its start and `relay` one would end us, and leave it
    /// running without anybody. Those that come in between are passed to it.
    ///
    /// - Returns: `nil` in the background, where signals are the script's.
    static func watchSignals(in session: Session) throws -> SignalStream? {
        guard session.streams.isForeground else { return nil }
        return try SignalStream([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH])
    }

    /// Carries bytes, sizes and signals until the program ends or is left; the terminal's modes are as before afterwards.
    func relay() async throws -> AttachmentEnd {
        try session.output.flush()
        try session.error.flush()
        let bridges = try [bridge(session.output, .output), bridge(session.error, .error)].compactMap(\.self)
        let streams = AttachedStreams(
            input: sendsInput ? session.streams.input : nil, output: descriptor(.output, bridges),
            error: descriptor(.error, bridges))
        let signals = try self.signals ?? Self.watchSignals(in: session)
        let ownsTerminal = attachment.hasTerminal && sendsInput && session.streams.inputIsTerminal
        let raw: RawMode? = ownsTerminal ? try RawMode(session.streams.input, for: .passing) : nil
        async let _: Void = pass(signals?.signals)
        let result: Result<AttachmentEnd, any Error>
        do {
            result = .success(try await attachment.relay(streams, detachKeys: detachKeys))
        } catch {
            if error is CancellationError { await endWithScript() }
            result = .failure(error)
        }
        _ = consume raw
        withExtendedLifetime(signals) {}
        for bridge in bridges { bridge.finish() }
        let end = try result.get()
        if end == .detached {
            session.use(container)
            session.notice(.detached(container.text, again: session.typed("attach \(container)")))
        }
        return end
    }

    /// The same, for commands whose status is the program's.
    func relayToEnd() async throws {
        guard case .exited(let status) = try await relay() else { return }
        if status != 0 { throw ExitCode(status) }
    }

    /// The same for the one who runs the container: should this process be killed, the next prompt says what goes on running.
    func relayToEnd(of id: ContainerID) async throws {
        let note = AttachedNote(id)
        defer { withExtendedLifetime(note) {} }
        try await relayToEnd()
    }

    // MARK: Streams

    private func wants(_ stream: OutputStream) -> Bool { outputs?.contains(stream) ?? true }

    private func bridge(_ output: Output, _ stream: OutputStream) throws -> MemoryBridge? {
        guard wants(stream), output.descriptor == nil else { return nil }
        return try MemoryBridge(to: output, stream)
    }

    private func descriptor(_ stream: OutputStream, _ bridges: [MemoryBridge]) -> Int32? {
        guard wants(stream) else { return nil }
        if let bridge = bridges.first(where: { $0.stream == stream }) { return bridge.writeEnd }
        return stream == .output ? session.output.descriptor : session.error.descriptor
    }

    // MARK: Signals

    /// In the background a program ends with the script that started it: it gets what a shell's jobs get.
    private func endWithScript() async {
        guard !session.streams.isForeground, passesSignals else { return }
        // Outside this task, which is cancelled. The program may have ended meanwhile.
        await Task { try? await attachment.send(.terminate) }.value
    }

    private func pass(_ signals: AsyncStream<Int32>?) async {
        guard let signals else { return }
        var patience = Patience()
        for await number in signals {
            if number == SIGWINCH {
                await passSize()
            } else if !passesSignals || (number == SIGHUP && attachment.hasTerminal) {
                // The terminal is gone, or we were told to keep signals to ourselves: the program goes on without us.
                await attachment.detach()
            } else {
                await pass(number, &patience)
            }
        }
    }

    private func passSize() async {
        guard attachment.hasTerminal, let size = session.terminalSize else { return }
        // The program may have ended meanwhile; relay tells.
        try? await attachment.resize(to: size)
    }

    private func pass(_ number: Int32, _ patience: inout Patience) async {
        guard let signal = Signal(number: number) else { return }
        switch patience.next(number) {
        case .pass: break
        case .explain:
            if isFirstProcess, session.error.isTerminal,
                // Unknown is treated as heeded: then the signal is passed on as usual.
                let ignored = try? await session.engine.containers.ignoresSignal(container, signal: signal)
            {
                session.notice(.ignoresInterrupt(ignored))
                patience.hasOffered = true
                return
            }
        case .kill:
            // The program may have ended meanwhile; relay tells.
            try? await attachment.send(.kill)
            return
        case .leave:
            await attachment.detach()
            return
        }
        // The program may have ended meanwhile; relay tells.
        try? await attachment.send(signal)
    }
}

/// What Ctrl-C means when it is pressed again and again.
struct Patience {
    enum Step: Equatable { case pass, explain, kill, leave }

    /// Two within this time are a person who wonders why nothing happens.
    static let window = Duration.seconds(2)
    /// Whether killing and leaving have been offered.
    var hasOffered = false
    private var last: ContinuousClock.Instant?

    /// What the next signal asks for.
    mutating func next(_ number: Int32, at now: ContinuousClock.Instant = .now) -> Step {
        if hasOffered, number == SIGQUIT { return .leave }
        guard number == SIGINT else { return .pass }
        if hasOffered { return .kill }
        defer { last = now }
        guard let last, now - last <= Self.window else { return .pass }
        return .explain
    }
}
