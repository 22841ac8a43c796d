// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Signals as bytes on a descriptor, for loops that wait with poll(2).
///
/// Unlike signalfd(2) this needs no signal blocked in every thread. While the watch lives, the signals do nothing else;
/// then the former handlers return. Watches of one signal nest: the newest gets it.
public final class SignalWatch: Sendable {
    /// Readable when a signal has come: wait for it with poll(2), then call ``take()``.
    public let descriptor: Int32
    private let writeEnd: Int32
    private struct Former: Sendable {
        let number: Int32
        let action: sigaction
        let slot: Int32
    }
    private let formers: [Former]

    /// - Parameter numbers: signals below 64; SIGKILL and SIGSTOP cannot be watched.
    /// - Throws: ``TerminalError`` where the process has no descriptors left.
    public init(_ numbers: [Int32]) throws(TerminalError) {
        var ends: [Int32] = [-1, -1]
        // A socket pair, because pipe2(2) is hidden from Swift and pipe(2) could leak into a program started meanwhile.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw TerminalError(step: "socketpair", number: errno) }
        descriptor = ends[0]
        writeEnd = ends[1]
        formers = numbers.map { number in
            let slot = Slots.writeEnds[Int(number)]
            Slots.writeEnds[Int(number)] = ends[1]
            var action = sigaction()
            action.__sigaction_handler.sa_handler = signalWatchHandler
            action.sa_flags = SA_RESTART
            var former = sigaction()
            sigaction(number, &action, &former)
            return Former(number: number, action: former, slot: slot)
        }
    }

    deinit {
        for former in formers {
            var action = former.action
            sigaction(former.number, &action, nil)
            Slots.writeEnds[Int(former.number)] = former.slot
        }
        close(descriptor)
        close(writeEnd)
    }

    /// The signals that came since the last call; never waits.
    public func take() -> Set<Int32> {
        var numbers: Set<Int32> = []
        var bytes = [UInt8](repeating: 0, count: 64)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count <= 0 { return numbers }
            numbers.formUnion(bytes[..<count].map(Int32.init))
        }
    }

    /// Waits until a watched signal comes, `other` becomes readable (or its peer is gone), or `milliseconds` have
    /// passed (negative: no limit).
    ///
    /// - Returns: whether `other` can be read now.
    public func wait(or other: Int32, milliseconds: Int32 = -1) -> Bool {
        var waiting = [
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, 2, milliseconds) < 0, errno == EINTR {}
        return waiting[0].revents != 0
    }
}

/// The write end for each signal number, or -1.
private enum Slots {
    // Plain memory: the handler may neither lock nor allocate. An `Int32` is written and read in one piece.
    nonisolated(unsafe) static let writeEnds: UnsafeMutablePointer<Int32> = {
        let place = UnsafeMutablePointer<Int32>.allocate(capacity: 64)
        place.initialize(repeating: -1, count: 64)
        return place
    }()
}

private func signalWatchHandler(_ number: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    // A full socket loses nothing: thousands of signals are waiting already.
    _ = write(Slots.writeEnds[Int(number)], &byte, 1)
    errno = saved
}
