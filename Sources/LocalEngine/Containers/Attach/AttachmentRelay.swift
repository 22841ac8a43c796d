// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

/// Carries bytes between a monitor's socket and the caller's descriptors, on one thread.
///
/// Nothing here waits but poll(2): while the reader of the output is slow, signals, resizes and detach keys still get
/// through, and the socket is not read, so that the program waits and nothing has to be kept.
struct AttachmentRelay: ~Copyable {
    /// How it ended.
    enum End {
        case ended(ExitRecord)
        case detached
        /// The monitor let us go.
        case cut
        /// The socket closed without a last frame.
        case abandoned
    }

    /// How long a beginning of the detach keys is held back.
    private static let patience: Int64 = 500_000_000

    private let socket: CInt
    private let bell: CInt
    private let input: CInt?
    private let output: OutputSink?
    private let errorOutput: OutputSink?
    private var filter: DetachKeyFilter
    /// When held keys go on to the program.
    private var deadline: Int64 = 0

    private var received = ReceiveBuffer()
    /// The frame whose payload is being passed on: its kind, and how much is still to come.
    private var kind = AttachFrame.Kind.welcome
    private var left = 0
    private var control: [UInt8] = []
    /// A sink that would take no more.
    private var blocked: AttachFrame.Kind?

    private var outgoing: [UInt8] = []
    private var sent = 0
    /// How much input the monitor takes now; none before its welcome.
    private var credit = 0
    private var inputIsOpen: Bool
    private var inputBuffer = [UInt8](repeating: 0, count: 65_536)

    init(socket: CInt, bell: CInt, streams: AttachedStreams, keys: DetachKeys?) {
        self.socket = socket
        self.bell = bell
        input = streams.input
        output = streams.output.map { OutputSink($0, name: "standard output") }
        errorOutput = streams.error.map { OutputSink($0, name: "standard error") }
        filter = DetachKeyFilter(keys)
        inputIsOpen = streams.input != nil
    }

    /// Goes on until the program has ended and its output is delivered, or until one leaves.
    ///
    /// - Parameter mail: what other threads have to say; called whenever the bell rang.
    mutating func run(takingFrom mail: () -> (bytes: [UInt8], isDetaching: Bool)) throws(EngineError) -> End {
        var rang = true
        while true {
            if rang {
                let (bytes, isDetaching) = mail()
                if isDetaching { return .detached }
                outgoing += bytes
            }
            try flush()
            if let end = try deliver() { return end }
            let ready = try wait()
            rang = ready.bell
            if ready.input, try readInput() {
                // What was typed before the keys still belongs to the program.
                try flush()
                return .detached
            }
            releaseHeldKeys()
            if ready.socket, !received.fill(from: socket) { return .abandoned }
        }
    }

    private struct Ready {
        var socket = false
        var input = false
        var bell = false
    }

    private func wait() throws(EngineError) -> Ready {
        let wantsInput = inputIsOpen && credit > 0 && sent == outgoing.count
        let awaited = blocked == .errorOutput ? errorOutput?.number : blocked == .output ? output?.number : nil
        let toSocket = (blocked == nil ? Int16(POLLIN) : 0) | (sent < outgoing.count ? Int16(POLLOUT) : 0)
        var entries = [
            pollfd(fd: toSocket == 0 ? -1 : socket, events: toSocket, revents: 0),
            pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wantsInput ? input ?? -1 : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: awaited ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        var timeout: CInt = -1
        if filter.held > 0 { timeout = CInt(max(0, (deadline - Clocks.steady + 999_999) / 1_000_000)) }
        guard poll(&entries, 4, timeout) >= 0 else {
            if errno == EINTR { return Ready() }
            throw .failed("poll")
        }
        if entries[1].revents != 0 { emptyBell() }
        return Ready(
            socket: blocked == nil && entries[0].revents & ~Int16(POLLOUT) != 0, input: entries[2].revents != 0,
            bell: entries[1].revents != 0)
    }

    private func emptyBell() {
        var bytes = [UInt8](repeating: 0, count: 64)
        read(bell, &bytes, bytes.count)
    }
}

extension AttachmentRelay {
    /// Sends what is waiting for the monitor, as far as it goes at once.
    private mutating func flush() throws(EngineError) {
        while sent < outgoing.count {
            let count = outgoing.withUnsafeBytes { bytes in
                Glibc.send(
                    socket, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                return
            } else if errno == EPIPE || errno == ECONNRESET {
                // The program may have ended meanwhile: what the monitor said last is still to be read.
                sent = outgoing.count
                inputIsOpen = false
            } else if errno != EINTR {
                throw .failed("send to the container's supervisor")
            }
        }
        outgoing.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// Reads as much input as the monitor takes: what it does not take stays unread. True when the detach keys were typed.
    private mutating func readInput() throws(EngineError) -> Bool {
        guard let input else { return false }
        let count = read(input, &inputBuffer, min(credit, inputBuffer.count))
        if count < 0, errno == EINTR || errno == EAGAIN { return false }
        // A terminal that was hung up gives EIO: an end as any other.
        if count <= 0 {
            inputIsOpen = false
            send(filter.release())
            outgoing += AttachFrame.inputClosed.encoded
            return false
        }
        let (passed, isComplete) = filter.feed(inputBuffer[..<count])
        send(passed)
        if filter.held > 0 { deadline = Clocks.steady + Self.patience }
        return isComplete
    }

    private mutating func releaseHeldKeys() {
        if filter.held > 0, Clocks.steady >= deadline { send(filter.release()) }
    }

    private mutating func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        credit -= bytes.count
        let header = AttachFrame.header(.input, payload: bytes.count)
        outgoing += [header.0, header.1, header.2, header.3, header.4]
        outgoing += bytes
    }

    /// Passes on what was received until that is used up or a sink takes no more; the end when the last frame is there.
    private mutating func deliver() throws(EngineError) -> End? {
        blocked = nil
        while true {
            if left == 0 {
                guard let (kind, size) = try received.header() else { return nil }
                (self.kind, left) = (kind, size)
                control = []
                if size == 0, let end = try finish() { return end }
                if size == 0 { continue }
            }
            let piece = received.peek(left)
            if piece.isEmpty { return nil }
            let taken: Int
            switch kind {
            case .output: taken = try output?.write(piece) ?? piece.count
            case .errorOutput: taken = try errorOutput?.write(piece) ?? piece.count
            default:
                control += piece
                taken = piece.count
            }
            if taken == 0 {
                blocked = kind
                return nil
            }
            received.drop(taken)
            left -= taken
            if left == 0, let end = try finish() { return end }
        }
    }

    /// A whole frame has been passed on or gathered.
    private mutating func finish() throws(EngineError) -> End? {
        func malformed() -> EngineError {
            EngineError(.system, .engine, "the container's supervisor sent what cannot be read")
        }
        switch kind {
        case .output, .errorOutput: return nil
        case .cut: return .cut
        case .welcome:
            // Bytes that are no such frame: the link as a whole is refused.
            guard let welcome = try? AttachFrame.Welcome(decoding: control) else { throw malformed() }
            credit += Int(welcome.inputWindow)
            if !welcome.takesInput { inputIsOpen = false }
            return nil
        case .inputCredit:
            guard control.count == 4 else { throw malformed() }
            credit += (0..<4).reduce(0) { $0 | Int(control[$1]) << ($1 * 8) }
            return nil
        case .exit:
            // As for a welcome.
            guard let record = try? ExitRecord(decoding: control) else { throw malformed() }
            return .ended(record)
        case .hello, .input, .inputClosed, .resize, .signal: throw malformed()
        }
    }
}

/// Bytes received from a socket, and how far they have been passed on.
private struct ReceiveBuffer: ~Copyable {
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private var start = 0
    private var end = 0

    deinit { bytes.deallocate() }

    /// Reads more; false at the end of the stream.
    mutating func fill(from socket: CInt) -> Bool {
        if start > 0 {
            bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            (start, end) = (0, end - start)
        }
        while true {
            let count = recv(socket, bytes.baseAddress.map { $0 + end }, bytes.count - end, CInt(MSG_DONTWAIT))
            if count > 0 { end += count }
            if count >= 0 { return count > 0 }
            if errno == EAGAIN { return true }
            if errno != EINTR { return false }
        }
    }

    /// Takes a frame's header; `nil` until it is all there.
    mutating func header() throws(EngineError) -> (AttachFrame.Kind, Int)? {
        guard end - start >= AttachFrame.headerSize else { return nil }
        let size = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 1, as: UInt32.self)))
        guard let kind = AttachFrame.Kind(rawValue: bytes[start]), size <= AttachFrame.longestPayload else {
            throw EngineError(.system, .engine, "the container's supervisor sent what cannot be read")
        }
        start += AttachFrame.headerSize
        return (kind, size)
    }

    /// At most `limit` of the bytes that are there; valid until the next call.
    func peek(_ limit: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<min(end, start + limit)])
    }

    mutating func drop(_ count: Int) { start += count }
}
