// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

/// A connection to a monitor for one who wants no output: to send signals and to hear of the end.
struct MonitorLink: ~Copyable {
    /// What was heard.
    enum Outcome {
        case ended(ExitRecord)
        /// The connection closed without a last word.
        case abandoned
        case timedOut
    }

    private let socket: Descriptor
    private var reader = AttachFrameReader()

    /// - Parameter settles: whether this client settles the container once it has heard of its end.
    /// - Returns: `nil` when nobody listens: the monitor is gone.
    static func connect(_ files: ContainerFiles, settles: Bool) throws(SystemError) -> MonitorLink? {
        var hello = AttachFrame.Hello()
        hello.wantsOutput = false
        hello.settles = settles
        guard let socket = try open(files, hello) else { return nil }
        return MonitorLink(socket: socket)
    }

    /// Connects and says hello.
    static func open(_ files: ContainerFiles, _ hello: AttachFrame.Hello) throws(SystemError) -> Descriptor? {
        do throws(SystemError) {
            let socket = try UnixSocket.connect(MonitorPlaces.socketName, in: files.runDirectory)
            try socket.send(AttachFrame.hello(hello))
            return socket
        } catch {
            if [ENOENT, ECONNREFUSED, EPIPE, ECONNRESET].contains(error.number) { return nil }
            throw error
        }
    }

    /// Sends a signal to the program; one that has just ended is no failure.
    func send(_ signal: Signal) throws(SystemError) {
        do throws(SystemError) {
            try socket.send(.signal(signal.number))
        } catch {
            if error.number != EPIPE, error.number != ECONNRESET { throw error }
        }
    }

    /// Leaves once the monitor has taken all that was sent: it answers the end of our words with the end of its own. Whoever
    /// only closes may be gone before the greeting is answered, and is then not listened to.
    consuming func leave() {
        shutdown(socket.number, CInt(SHUT_WR))
        var bytes = [UInt8](repeating: 0, count: 4096)
        var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        // A monitor that says nothing for so long is stopped, and takes what was sent when it goes on.
        while poll(&entry, 1, 2000) > 0, recv(socket.number, &bytes, bytes.count, 0) > 0 {}
    }

    /// Waits for the end.
    ///
    /// - Parameters:
    ///   - deadline: on the clock that never goes back; `nil` waits for ever.
    ///   - cancelled: becomes readable when the surrounding task is cancelled.
    mutating func waitForEnd(until deadline: Int64?, cancelled: CInt) throws -> Outcome {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            while let frame = try reader.next() { if case .exit(let record) = frame { return .ended(record) } }
            var timeout: CInt = -1
            if let deadline { timeout = CInt(clamping: max(0, (deadline - Clocks.steady + 999_999) / 1_000_000)) }
            var entries = [
                pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: cancelled, events: Int16(POLLIN), revents: 0),
            ]
            let count = try attempt("poll") { poll(&entries, 2, timeout) }
            if entries[1].revents != 0 { throw CancellationError() }
            if count == 0 { return .timedOut }
            let received = recv(socket.number, &bytes, bytes.count, 0)
            if received < 0, errno == EINTR { continue }
            if received <= 0 { return .abandoned }
            reader.append(bytes[..<received])
        }
    }
}

extension Descriptor {
    /// Sends a frame, whole.
    func send(_ frame: AttachFrame) throws(SystemError) {
        var rest = frame.encoded
        while !rest.isEmpty { rest.removeFirst(try send(rest)) }
    }
}
