// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol
import Synchronization

/// A connection to a monitor, for a program that one is attached to.
final class MonitorAttachment: Attachment {
    let hasTerminal: Bool
    private let socket: Descriptor
    /// Wakes the relay's poll(2): a byte for each message in `outbox`.
    private let bell: Pipe
    private let outbox = Mutex(Outbox())
    /// What the end of the program requires, done before `relay` returns.
    private let settle: @Sendable (ExitRecord) throws -> Void
    /// Settles for a monitor that is gone without a last word: returns what it wrote down, or throws that it was killed.
    private let abandoned: @Sendable () throws -> ExitRecord

    /// What other tasks have for the relay.
    struct Outbox {
        var bytes: [UInt8] = []
        var isDetaching = false
        var isRelaying = false
    }

    /// - Parameter socket: connected, with our `hello` already sent.
    init(
        socket: consuming Descriptor, hasTerminal: Bool, settle: @escaping @Sendable (ExitRecord) throws -> Void,
        abandoned: @escaping @Sendable () throws -> ExitRecord
    ) throws(SystemError) {
        self.socket = socket
        self.hasTerminal = hasTerminal
        self.settle = settle
        self.abandoned = abandoned
        bell = try Pipe()
    }

    func relay(_ streams: AttachedStreams, detachKeys: DetachKeys?) async throws -> AttachmentEnd {
        try await withTaskCancellationHandler {
            let end = try await onOwnThread { _ in try self.relayOnThisThread(streams, detachKeys) }
            try Task.checkCancellation()
            return end
        } onCancel: {
            tell { $0.isDetaching = true }
        }
    }

    func resize(to size: TerminalSize) async throws {
        try tellSize(size)
    }

    func tellSize(_ size: TerminalSize) throws {
        guard hasTerminal else { return }
        try deliver(.resize(LaunchDescription.TerminalSize(rows: size.rows, columns: size.columns)))
    }

    func send(_ signal: Signal) async throws { try deliver(.signal(signal.number)) }

    func detach() async { tell { $0.isDetaching = true } }

    private func relayOnThisThread(_ streams: AttachedStreams, _ keys: DetachKeys?) throws -> AttachmentEnd {
        tell { $0.isRelaying = true }
        defer { tell { $0.isRelaying = false } }
        var relay = AttachmentRelay(socket: socket.number, bell: bell.reading.number, streams: streams, keys: keys)
        switch try relay.run(takingFrom: { self.take() }) {
        case .ended(let record):
            try settle(record)
            return .exited(record.exitCode)
        case .detached: return .detached
        case .cut:
            throw EngineError(
                .unreachable, .engine,
                "this terminal read so slowly that the container's supervisor let it go; the log has what is missing")
        case .abandoned: return .exited(try abandoned().exitCode)
        }
    }

    /// Sends a frame: through the relay where one runs, since two writers would mix their frames.
    private func deliver(_ frame: AttachFrame) throws {
        let isRelaying = outbox.withLock { outbox in
            if outbox.isRelaying { outbox.bytes += frame.encoded }
            return outbox.isRelaying
        }
        if isRelaying {
            ring()
        } else {
            do { try socket.send(frame) } catch { throw EngineError(.unreachable, .engine, "\(error)", cause: error) }
        }
    }

    private func tell(_ change: (inout Outbox) -> Void) {
        outbox.withLock { change(&$0) }
        ring()
    }

    /// The pipe holds thousands of bytes and the relay empties it: a full one rings as well.
    private func ring() {
        var byte: UInt8 = 0
        var entry = pollfd(fd: bell.writing.number, events: Int16(POLLOUT), revents: 0)
        if poll(&entry, 1, 0) > 0 { write(bell.writing.number, &byte, 1) }
    }

    private func take() -> (bytes: [UInt8], isDetaching: Bool) {
        outbox.withLock { outbox in
            defer { outbox.bytes = [] }
            return (outbox.bytes, outbox.isDetaching)
        }
    }
}
