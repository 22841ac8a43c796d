// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Synchronization

/// Calls off reading that may wait for ever: a pipe that nobody writes to, a terminal.
public final class Interrupt: Sendable {
    private let wakeUp: WakeUp
    private let raised = Atomic(false)

    /// An interrupt that was not raised yet.
    public init() throws(ArchiveError) {
        wakeUp = try kernel { () throws(SystemError) in try WakeUp() }
    }

    /// Ends what waits, and all that will.
    public func raise() {
        raised.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    /// Whether it was raised.
    public var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Returns when `descriptor` has input, or its end.
    func wait(forInputOn descriptor: CInt) throws(ArchiveError) {
        var polled = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp.descriptor.number, events: Int16(POLLIN), revents: 0),
        ]
        _ = try systemCall("poll") { Int(poll(&polled, 2, -1)) }
        if polled[1].revents != 0 { throw .cancelled }
    }
}
