// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

extension Session {
    /// Runs work that SIGINT, SIGTERM and SIGHUP cancel instead of ending this process in the middle of it.
    ///
    /// In the shell and in scripts the interpreter does that already, and what runs behind `&` is the script's.
    func cancelledBySignals<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard state.kind == .oneCommand, streams.isForeground else { return try await work() }
        let stream = try SignalStream([SIGINT, SIGTERM, SIGHUP])
        let task = Task(operation: work)
        let listener = Task { for await _ in stream.signals { task.cancel() } }
        defer { listener.cancel() }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        withExtendedLifetime(stream) {}
        return try result.get()
    }
}
