// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Signals as bytes on a descriptor, for loops that wait with poll(2).
///
/// Unlike signalfd(2) this needs no signal blocked in every thread. While the watch lives, the signals do nothing else;
/// then the former handlers return. Several watches of one signal may begin and end in any order: the newest that lives
/// gets it.
public final class SignalWatch: Sendable {
    /// Readable when a signal has come: wait for it with poll(2), then call ``take()``.
    public let descriptor: Int32
    private let writeEnd: Int32
    private let numbers: [Int32]

    /// - Parameter numbers: signals below 64; SIGKILL and SIGSTOP cannot be watched.
    /// - Throws: ``TerminalError`` where the process has no descriptors left.
    public init(_ numbers: [Int32]) throws(TerminalError) {
        var ends: [Int32] = [-1, -1]
        // A socket pair, because pipe2(2) is hidden from Swift and pipe(2) could leak into a program started meanwhile.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw TerminalError(step: "socketpair", number: errno) }
        descriptor = ends[0]
        writeEnd = ends[1]
        self.numbers = numbers
        for number in numbers { Watches.add(ends[1], to: number) }
    }

    deinit {
        for number in numbers { Watches.remove(writeEnd, from: number) }
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

/// Who watches which signal.
private enum Watches {
    /// The watches of one signal, the newest last, and what it did before the first.
    private struct Watched: Sendable {
        var writeEnds: [Int32]
        let former: sigaction
    }

    private static let all = Mutex<[Int32: Watched]>([:])

    // Plain memory with the newest write end of each signal, or -1: the handler may neither lock nor allocate. An `Int32`
    // is written and read in one piece.
    nonisolated(unsafe) static let newest: UnsafeMutablePointer<Int32> = {
        let place = UnsafeMutablePointer<Int32>.allocate(capacity: 64)
        place.initialize(repeating: -1, count: 64)
        return place
    }()

    static func add(_ writeEnd: Int32, to number: Int32) {
        all.withLock { all in
            newest[Int(number)] = writeEnd
            if all[number] == nil {
                var action = sigaction()
                action.__sigaction_handler.sa_handler = signalWatchHandler
                action.sa_flags = SA_RESTART
                var former = sigaction()
                sigaction(number, &action, &former)
                all[number] = Watched(writeEnds: [], former: former)
            }
            all[number]?.writeEnds.append(writeEnd)
        }
    }

    static func remove(_ writeEnd: Int32, from number: Int32) {
        all.withLock { all in
            guard var watched = all[number] else { return }
            watched.writeEnds.removeAll { $0 == writeEnd }
            if watched.writeEnds.isEmpty {
                var action = watched.former
                sigaction(number, &action, nil)
            }
            newest[Int(number)] = watched.writeEnds.last ?? -1
            all[number] = watched.writeEnds.isEmpty ? nil : watched
        }
    }
}

private func signalWatchHandler(_ number: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    // A full socket loses nothing: thousands of signals are waiting already.
    _ = write(Watches.newest[Int(number)], &byte, 1)
    errno = saved
}
