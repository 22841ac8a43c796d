// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Signals as bytes on a descriptor, for loops that wait with poll(2).
///
/// Unlike signalfd(2) this needs no signal blocked in every thread. While a watch of it lives, a signal does nothing else;
/// when the last one has gone, the former handler returns. The newest watch of a signal gets it; they may end in any order.
public final class SignalWatch: Sendable {
    private let ends: SignalRegistry.Ends
    private let numbers: [Int32]

    /// Readable when a signal has come: wait for it with poll(2), then call ``take()``.
    public var descriptor: Int32 { ends.reading }

    /// - Parameter numbers: signals below 64; SIGKILL and SIGSTOP cannot be watched.
    /// - Throws: ``TerminalError`` where the process has no descriptors left.
    public init(_ numbers: [Int32]) throws(TerminalError) {
        self.numbers = numbers
        ends = try SignalRegistry.begin(numbers)
    }

    deinit { SignalRegistry.end(numbers, ends) }

    /// The signals that came since the last call; never waits.
    public func take() -> Set<Int32> { ends.drain() }

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

/// Who watches which signal: the newest watch is written to by the handler.
private enum SignalRegistry {
    /// Two ends of a socket pair.
    struct Ends: Hashable, Sendable {
        let reading: Int32
        let writing: Int32

        func drain() -> Set<Int32> {
            var numbers: Set<Int32> = []
            var bytes = [UInt8](repeating: 0, count: 64)
            while true {
                let count = read(reading, &bytes, bytes.count)
                if count <= 0 { return numbers }
                numbers.formUnion(bytes[..<count].map(Int32.init))
            }
        }
    }

    private struct State {
        var watches: [Int32: [Ends]] = [:]
        var formerActions: [Int32: sigaction] = [:]
        /// Pairs that nobody uses. None is ever closed: a handler that runs in another thread may be about to write to it,
        /// and the number must not have become another file's by then.
        var spare: [Ends] = []
    }
    private static let state = Mutex(State())

    static func begin(_ numbers: [Int32]) throws(TerminalError) -> Ends {
        let ends: Ends
        if let spare = state.withLock({ $0.spare.popLast() }) { ends = spare } else { ends = try makePair() }
        _ = ends.drain()
        state.withLock { state in
            for number in numbers {
                state.watches[number, default: []].append(ends)
                SignalSlots.writeEnds[Int(number)] = ends.writing
                guard state.watches[number]?.count == 1 else { continue }
                var action = sigaction()
                action.__sigaction_handler.sa_handler = signalWatchHandler
                action.sa_flags = SA_RESTART
                var former = sigaction()
                sigaction(number, &action, &former)
                state.formerActions[number] = former
            }
        }
        return ends
    }

    static func end(_ numbers: [Int32], _ ends: Ends) {
        state.withLock { state in
            for number in numbers {
                state.watches[number]?.removeAll { $0 == ends }
                if let newest = state.watches[number]?.last {
                    SignalSlots.writeEnds[Int(number)] = newest.writing
                } else if var former = state.formerActions.removeValue(forKey: number) {
                    sigaction(number, &former, nil)
                    SignalSlots.writeEnds[Int(number)] = -1
                }
            }
            state.spare.append(ends)
        }
    }

    private static func makePair() throws(TerminalError) -> Ends {
        var ends: [Int32] = [-1, -1]
        // A socket pair, because pipe2(2) is hidden from Swift and pipe(2) could leak into a program started meanwhile.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw TerminalError(step: "socketpair", number: errno) }
        return Ends(reading: ends[0], writing: ends[1])
    }
}

/// The write end for each signal number, or -1.
private enum SignalSlots {
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
    _ = write(SignalSlots.writeEnds[Int(number)], &byte, 1)
    errno = saved
}
