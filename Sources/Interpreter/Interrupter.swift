// SPDX-License-Identifier: Apache-2.0
import Commands
import Glibc
import Synchronization

/// Turns signals into the end of what runs in the foreground, and remembers that a text must not go on.
final class Interrupter: Sendable {
    private enum Foreground {
        case own(cancel: @Sendable () -> Void)
        case host(HostProcess)
    }

    private struct State {
        var foreground: Foreground?
        var status: Int32?
    }

    private let state = Mutex(State())

    /// 128 + n once signal n has ended the text that runs; otherwise `nil`.
    var status: Int32? { state.withLock { $0.status } }

    /// Runs a text while signals end it instead of this process.
    func listening<Result: Sendable>(
        to signals: [Int32], _ body: @Sendable () async -> Result
    ) async -> Result {
        state.withLock { $0.status = nil }
        let stream: SignalStream
        do {
            stream = try SignalStream(signals)
        } catch {
            // No descriptor is left. The commands will say so; a signal then ends the process as it would without us.
            return await body()
        }
        let listener = Task { for await number in stream.signals { interrupt(number) } }
        let result = await withTaskCancellationHandler(operation: body) { interrupt(SIGTERM) }
        listener.cancel()
        await listener.value
        withExtendedLifetime(stream) {}
        return result
    }

    /// Runs a command of dsh, which a signal cancels.
    func running(_ command: @escaping @Sendable () async -> Int32) async -> Int32 {
        let task = Task(operation: command)
        let isOver = enter(.own(cancel: { task.cancel() }))
        if isOver { task.cancel() }
        defer { leave() }
        return await task.value
    }

    /// Waits for a program of the host, which gets the terminal's signals by itself and decides what they mean.
    func waiting(for process: HostProcess) async -> Int32 {
        if enter(.host(process)) { process.end(SIGTERM) }
        defer { leave() }
        let status = await process.wait()
        if status == 128 + SIGINT { state.withLock { $0.status = $0.status ?? status } }
        return status
    }

    private func enter(_ foreground: Foreground) -> Bool {
        state.withLock { state in
            state.foreground = foreground
            return state.status != nil
        }
    }

    private func leave() { state.withLock { $0.foreground = nil } }

    /// What a signal does.
    func interrupt(_ number: Int32) {
        let foreground = state.withLock { state in
            // An editor may take Ctrl-C for itself and go on; then so does the script that started it.
            if number == SIGINT, case .host = state.foreground, Self.ownsTerminal { return nil as Foreground? }
            state.status = state.status ?? 128 + number
            return state.foreground
        }
        switch foreground {
        case .own(let cancel): cancel()
        case .host(let process): process.end(number)
        case nil: break
        }
    }

    /// Whether the terminal sends its signals to this process and its children.
    private static var ownsTerminal: Bool {
        [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].contains { tcgetpgrp($0) == getpgrp() }
    }
}
