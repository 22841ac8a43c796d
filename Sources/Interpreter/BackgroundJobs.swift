// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What was started with `&` and belongs to one interpreter.
final class BackgroundJobs: Sendable {
    private struct State {
        var tasks: [Int: Task<Void, Never>] = [:]
        var next = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Starts a job; after ``end()`` nothing is started any more.
    func start(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            guard !state.isOver else { return }
            let number = state.next
            state.next += 1
            state.tasks[number] = Task {
                await body()
                self.forget(number)
            }
        }
    }

    /// Cancels every job and waits until the last one is over.
    func end() async {
        let tasks = state.withLock { state in
            state.isOver = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func forget(_ number: Int) { state.withLock { $0.tasks[number] = nil } }
}
