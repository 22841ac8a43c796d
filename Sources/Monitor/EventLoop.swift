// SPDX-License-Identifier: Apache-2.0

import Linux

/// One thread that waits for many descriptors and for moments, and calls whoever asked for them.
///
/// A class, because everything that the monitor serves shares the one loop, and actions change what is waited for.
/// Nothing here blocks but `turn`; an action must not block either.
final class EventLoop {
    /// Called with what came. Errors and hang-ups come as `hangUp`, whether asked for or not.
    typealias Action = (Epoll.Events) -> Void

    private struct Watch {
        let token: UInt64
        var readiness: Epoll.Events
        let action: Action
    }

    private struct Timer {
        let moment: Int64
        let number: UInt64
        let action: () -> Void
    }

    private let queue: Epoll
    private var watches: [CInt: Watch] = [:]
    private var timers: [Timer] = []
    private var counter: UInt64 = 0

    init() throws(SystemError) { queue = try Epoll() }

    /// Calls `action` whenever `number` is ready; level-triggered, so a descriptor that is left unread comes again.
    ///
    /// The caller keeps the descriptor open until it has called `forget`.
    func watch(_ number: CInt, _ readiness: Epoll.Events, _ action: @escaping Action) throws(SystemError) {
        counter += 1
        // The counter tells an event for a closed descriptor from one for its successor with the same number.
        let token = counter << 32 | UInt64(UInt32(bitPattern: number))
        try queue.add(number: number, readiness, token: token)
        watches[number] = Watch(token: token, readiness: readiness, action: action)
    }

    /// Waits for something else on a watched descriptor; for nothing, only hang-ups still come.
    func change(_ number: CInt, _ readiness: Epoll.Events) throws(SystemError) {
        guard let watch = watches[number], watch.readiness != readiness else { return }
        try queue.change(number: number, readiness, token: watch.token)
        watches[number]?.readiness = readiness
    }

    /// Watches `number` no longer; nothing happens when it is not watched.
    func forget(_ number: CInt) {
        guard watches.removeValue(forKey: number) != nil else { return }
        // Only a descriptor that is not in the queue is refused, and then there is nothing to do.
        try? queue.remove(number: number)
    }

    /// Calls `action` once, `milliseconds` from now, unless it is cancelled with the number that comes back.
    @discardableResult
    func after(milliseconds: Int64, _ action: @escaping () -> Void) -> UInt64 {
        counter += 1
        let moment = Clocks.steady + milliseconds * 1_000_000
        let place = timers.firstIndex { $0.moment > moment } ?? timers.endIndex
        timers.insert(Timer(moment: moment, number: counter, action: action), at: place)
        return counter
    }

    /// Drops a timer that has not come yet.
    func cancel(timer number: UInt64) { timers.removeAll { $0.number == number } }

    /// Waits until something is ready or a timer's moment has come, and calls everybody concerned once.
    func turn() throws(SystemError) {
        for (token, readiness) in try queue.ready(limit: 64, milliseconds: patience) {
            // An earlier action of this turn may have forgotten this one.
            let number = CInt(truncatingIfNeeded: token & 0xffff_ffff)
            if let watch = watches[number], watch.token == token { watch.action(readiness) }
        }
        while let timer = timers.first, timer.moment <= Clocks.steady {
            timers.removeFirst()
            timer.action()
        }
    }

    private var patience: CInt {
        guard let timer = timers.first else { return -1 }
        let milliseconds = (timer.moment - Clocks.steady + 999_999) / 1_000_000
        return CInt(clamping: max(0, milliseconds))
    }
}
