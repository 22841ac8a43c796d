// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Two threads with a queue between them: one reads, decompresses and hashes while the other unpacks.
public enum Pipeline {
    /// Runs both sides to their ends.
    ///
    /// Neither runs on Swift's own threads: both wait for each other and for the disk, and there are as many of those as
    /// processors only.
    /// - Parameters:
    ///   - interrupt: raised when the task is cancelled.
    ///   - produce: fills the queue.
    ///   - consume: empties it.
    /// - Throws: the error of the side that failed first, not what the other made of it; `.cancelled`.
    public static func run<Produced: Sendable, Consumed: Sendable>(
        interrupt: Interrupt,
        produce: @escaping @Sendable (ChunkQueue) throws(ArchiveError) -> Produced,
        consume: @escaping @Sendable (ChunkQueue) throws(ArchiveError) -> Consumed
    ) async throws -> (Produced, Consumed) {
        let queue = ChunkQueue()
        return try await withTaskCancellationHandler {
            async let produced = onOwnThread { () -> Result<Produced, ArchiveError> in
                do throws(ArchiveError) { return .success(try produce(queue)) } catch {
                    queue.fail(error)
                    return .failure(error)
                }
            }
            async let consumed = onOwnThread { () -> Result<Consumed, ArchiveError> in
                do throws(ArchiveError) { return .success(try consume(queue)) } catch {
                    queue.abandon()
                    return .failure(error)
                }
            }
            let results = await (produced, consumed)
            // The reader has given up for a reason of its own, or the writer's error went through the queue to it.
            if case .failure(.abandoned) = results.0 { _ = try results.1.get() }
            return (try results.0.get(), try results.1.get())
        } onCancel: {
            interrupt.raise()
            queue.fail(.cancelled)
        }
    }
}

/// Runs `body` on a thread of its own and waits for it without holding one of Swift's.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        let start = ThreadStart { continuation.resume(returning: body()) }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(start).toOpaque()
        let failure = pthread_create(&thread, nil, ThreadStart.enter, argument)
        if failure == 0 {
            pthread_detach(thread)
        } else {
            // No thread to be had: slower, but right.
            _ = ThreadStart.enter(argument)
        }
    }
}

/// Carries a closure through pthread_create(3).
private final class ThreadStart {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument { Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }
}
