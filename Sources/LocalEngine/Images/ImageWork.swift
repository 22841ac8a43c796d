// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import Linux
import Synchronization

/// Long work on images: threads of its own, an interrupt when its task is cancelled, reports of how far it has come.
struct ImageWork: Sendable {
    let interrupt: Interrupt
    let observer: ProgressObserver?

    /// Runs `body` on a thread of its own.
    ///
    /// - Throws: `EngineError` and `CancellationError` only, whatever `body` threw.
    static func run<Value: Sendable>(
        _ observer: ProgressObserver? = nil, _ body: @escaping @Sendable (ImageWork) throws -> Value
    ) async throws -> Value {
        do {
            let work = ImageWork(interrupt: try Interrupt(), observer: observer)
            return try await withTaskCancellationHandler {
                try await onOwnThread { _ in try body(work) }
            } onCancel: {
                work.interrupt.raise()
            }
        } catch {
            throw engineError(error)
        }
    }

    /// What leaves the engine in place of an error from below.
    static func engineError(_ error: any Error) -> any Error {
        switch error {
        case is EngineError, is CancellationError: return error
        case ArchiveError.cancelled: return CancellationError()
        case ArchiveError.system(let reason), BlobError.system(let reason):
            return EngineError(.system, .engine, "\(reason)", cause: error)
        case let reason as SystemError: return EngineError(.system, .engine, "\(reason)", cause: error)
        case ArchiveError.unsupported(let what):
            return EngineError(.unsupported, .engine, "invalid archive: \(what)", cause: error)
        case is ArchiveError, is BlobError:
            return EngineError(.invalid, .engine, "invalid archive: \(error)", cause: error)
        default: return EngineError(.system, .engine, "\(error)", cause: error)
        }
    }

    /// Tells the observer how far one thing has come, some tens of times a second at most.
    func progress(_ item: String, _ action: String, total: Int64?) -> @Sendable (Int64) -> Void {
        guard let observer else { return { _ in } }
        let last = Mutex<Int64>(0)
        return { done in
            let isDue = last.withLock { last in
                let now = LocalImages.now
                guard now - last > 40_000_000 || done == total else { return false }
                last = now
                return true
            }
            if isDue { observer(ProgressReport(item: item, action: action, done: done, total: total)) }
        }
    }

    /// Does the same to all, as many at a time as there are processors; stops at the first failure.
    static func sideBySide<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Value
    ) throws -> [Value] {
        let state = Mutex((next: 0, results: [Int: Result<Value, any Error>](), hasFailed: false))
        let workers = (0..<min(items.count, max(2, Machine.processors))).map { _ in
            Worker {
                while true {
                    let index = state.withLock { state -> Int? in
                        guard state.next < items.count, !state.hasFailed else { return nil }
                        state.next += 1
                        return state.next - 1
                    }
                    guard let index else { return }
                    let result = Result { try body(items[index]) }
                    state.withLock { state in
                        state.results[index] = result
                        if case .failure = result { state.hasFailed = true }
                    }
                }
            }
        }
        for worker in workers { worker.wait() }
        let results = state.withLock { $0.results }
        for index in items.indices { if case .failure(let error)? = results[index] { throw error } }
        return try items.indices.compactMap { try results[$0]?.get() }
    }
}
