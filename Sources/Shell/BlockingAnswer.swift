// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Synchronization

/// Waits on a thread for what tasks find out.
enum BlockingAnswer {
    /// How long a person who pressed Tab is kept waiting when the engine is busy.
    private static let patience = DispatchTimeInterval.milliseconds(1500)

    private final class Place<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }

    /// Runs `body` on Swift's pool and blocks this thread, which must be none of the pool's, until it answers.
    static func wait<Value: Sendable>(orElse fallback: Value, _ body: @escaping @Sendable () async -> Value) -> Value {
        let place = Place<Value>()
        let task = Task.detached {
            let value = await body()
            place.value.withLock { $0 = value }
            place.isThere.signal()
        }
        if place.isThere.wait(timeout: .now() + patience) == .timedOut { task.cancel() }
        return place.value.withLock { $0 } ?? fallback
    }
}
