// SPDX-License-Identifier: Apache-2.0
internal import Dispatch

/// Runs an actor on a queue of its own, where it may block without holding up a thread of Swift's pool, of which a small
/// machine has one.
final class OwnThreadExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
