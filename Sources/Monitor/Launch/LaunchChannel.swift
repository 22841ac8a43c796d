// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// What a process that is being launched and its monitor say to each other: one packet a message (unix(7),
/// SOCK_SEQPACKET). That the channel closes without a failure means that execve(2) succeeded.
enum LaunchMessage {
    /// Launched process: a setting was not given as asked.
    case adjustment(Adjustment)
    /// Launched process: the leading end of its terminal, which comes along.
    case terminal(CInt)
    /// Launched process: the program is executed next. Without this, the end of the channel is a death.
    case aboutToExecute
    /// Launched process: it failed and ends.
    case failure(StartFailure)
    /// Launched process: it is at the step where a test wants the monitor to die. It goes on once that has happened.
    case fault

    fileprivate enum Kind: UInt8 { case adjustment = 1, terminal, aboutToExecute, failure, release, fault }
}

/// The launched process's end.
struct LaunchChannel: ~Copyable {
    private let socket: Descriptor

    init(_ socket: consuming Descriptor) { self.socket = socket }

    /// The descriptor that it is.
    var number: CInt { socket.number }

    /// Waits until the monitor has made what it makes.
    ///
    /// - Throws: ECANCELED when it gave up, or died.
    borrowing func awaitRelease() throws(SystemError) {
        guard try socket.receive(upTo: 1).bytes == [LaunchMessage.Kind.release.rawValue] else {
            throw SystemError(step: "wait for the monitor", number: ECANCELED)
        }
    }

    borrowing func say(_ message: LaunchMessage) throws(SystemError) {
        switch message {
        case .adjustment(let adjustment): try send(.adjustment, adjustment.encoded)
        case .terminal(let number): try send(.terminal, [], passing: number)
        case .aboutToExecute: try send(.aboutToExecute, [])
        case .failure(let failure): try send(.failure, failure.encoded)
        case .fault: try send(.fault, [])
        }
    }

    /// Tells why the launch failed, and ends this process.
    borrowing func fail(_ failure: StartFailure) -> Never {
        // A monitor that is gone has nobody to tell either.
        try? say(.failure(failure))
        ChildProcess.exitNow(125)
    }

    /// True when the monitor's end is closed.
    var isMonitorGone: Bool {
        var wait = pollfd(fd: socket.number, events: 0, revents: 0)
        return poll(&wait, 1, 0) > 0 && wait.revents & Int16(POLLHUP) != 0
    }

    /// Waits until the monitor is dead.
    borrowing func awaitDeathOfMonitor() {
        var wait = pollfd(fd: socket.number, events: 0, revents: 0)
        while poll(&wait, 1, -1) < 0, errno == EINTR {}
    }

    private borrowing func send(
        _ kind: LaunchMessage.Kind, _ payload: [UInt8], passing number: CInt? = nil
    ) throws(SystemError) {
        try socket.send([kind.rawValue] + payload, passing: number)
    }
}

/// The monitor's end.
struct LaunchControl: ~Copyable {
    private let socket: Descriptor

    init(_ socket: consuming Descriptor) { self.socket = socket }

    /// Lets the launched process go on.
    func release() throws(SystemError) {
        try socket.send([LaunchMessage.Kind.release.rawValue])
    }

    /// The next message, or `nil` when the channel has closed.
    func next() throws(SystemError) -> LaunchMessage? {
        let (bytes, passed) = try socket.receive(upTo: 16_384)
        guard let first = bytes.first, let kind = LaunchMessage.Kind(rawValue: first) else { return nil }
        let payload = Array(bytes.dropFirst())
        do throws(MalformedBytes) {
            switch kind {
            case .adjustment: return .adjustment(try Adjustment(decoding: payload))
            case .failure: return .failure(try StartFailure(decoding: payload))
            case .terminal: return .terminal(passed ?? -1)
            case .aboutToExecute: return .aboutToExecute
            case .fault: return .fault
            case .release: return nil
            }
        } catch {
            throw SystemError(step: "read the launch channel", number: EBADMSG)
        }
    }
}
