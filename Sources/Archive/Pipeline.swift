// SPDX-License-Identifier: Apache-2.0

/// Two threads with a queue between them: one reads, decompresses and hashes while the other unpacks.
///
/// These are threads of their own and never Swift's: both wait for each other and for the disk, and of Swift's there are
/// as many as processors only.
public enum Pipeline {
    /// Runs both sides to their ends, `consume` on the calling thread.
    ///
    /// - Parameters:
    ///   - produce: fills the queue.
    ///   - consume: empties it.
    /// - Throws: the error of the side that failed first, not what the other made of it.
    public static func run<Produced: Sendable, Consumed>(
        produce: @escaping @Sendable (ChunkQueue) throws(ArchiveError) -> Produced,
        consume: (ChunkQueue) throws(ArchiveError) -> Consumed
    ) throws(ArchiveError) -> (Produced, Consumed) {
        let queue = ChunkQueue()
        let producer = Worker { () -> Result<Produced, ArchiveError> in
            do throws(ArchiveError) { return .success(try produce(queue)) } catch {
                queue.fail(error)
                return .failure(error)
            }
        }
        let consumed: Result<Consumed, ArchiveError>
        do throws(ArchiveError) { consumed = .success(try consume(queue)) } catch { consumed = .failure(error) }
        queue.abandon()
        let produced = producer.wait()
        // The reader has given up for a reason of its own; the writer's error has gone through the queue to it.
        if case .failure(.abandoned) = produced { _ = try consumed.get() }
        return (try produced.get(), try consumed.get())
    }
}
