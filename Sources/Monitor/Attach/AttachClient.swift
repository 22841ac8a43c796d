// SPDX-License-Identifier: Apache-2.0

import Linux
import MonitorProtocol

/// One client's socket: whole frames in, bytes out as fast as it reads.
final class AttachClient {
    /// Past this many unsent bytes, a patient client makes the program wait and any other is let go.
    static let room = 1 << 20

    let number: Int
    let socket: Descriptor
    /// What it asked for; `nil` until it has spoken.
    private(set) var hello: AttachFrame.Hello?
    /// False once the other side is gone, or was let go.
    private(set) var isOpen = true

    private var reader = AttachFrameReader()
    private var unsent: [UInt8] = []
    private var sent = 0
    /// True once its last frame waits or is sent.
    private(set) var isLeaving = false
    /// True once the last frame, too, has gone.
    private(set) var hasEverything = false

    /// Takes over a connected socket.
    init(_ socket: consuming Descriptor, number: Int) throws(SystemError) {
        try socket.setNonBlocking()
        self.socket = socket
        self.number = number
    }

    /// Bytes that wait for the client to read.
    var backlog: Int { unsent.count - sent }
    /// Whether the program has to wait for this client.
    var holdsProgram: Bool { isOpen && hello?.isPatient == true && backlog > Self.room / 4 }
    /// Whether this client is so far behind that it cannot be kept.
    var isHopeless: Bool { hello?.isPatient != true && backlog > Self.room }

    /// Reads what has come and calls `body` with every whole frame. A client that breaks the rules is closed.
    func receive(into buffer: UnsafeMutableRawBufferPointer, _ body: (AttachFrame) -> Void) {
        do {
            switch try socket.readNow(into: buffer) {
            case .nothing: return
            case .end: return close()
            case .bytes(let count): reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            while isOpen, let frame = try reader.next() {
                if case .hello(let hello) = frame, self.hello == nil { self.hello = hello }
                guard hello != nil else { return close() }
                body(frame)
            }
        } catch {
            close()
        }
    }

    /// Sends a frame, now as far as there is room, the rest when there is.
    func send(_ frame: AttachFrame) {
        frame.encoded.withUnsafeBytes { send(UnsafeRawBufferPointer(start: nil, count: 0), $0) }
    }

    /// Sends output from where it lies.
    func send(_ kind: AttachFrame.Kind, _ payload: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: AttachFrame.header(kind, payload: payload.count)) { send($0, payload) }
    }

    private func send(_ header: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) {
        guard isOpen, !isLeaving else { return }
        var count = 0
        if backlog == 0 {
            do throws(SystemError) { count = try socket.sendNow(header, payload) } catch { return close() }
        }
        let headerRest = header.dropFirst(count)
        let payloadRest = payload.dropFirst(max(0, count - header.count))
        if !headerRest.isEmpty { unsent.append(contentsOf: headerRest) }
        if !payloadRest.isEmpty { unsent.append(contentsOf: payloadRest) }
    }

    /// Sends what waited.
    func flush() {
        guard isOpen, backlog > 0 else { return }
        do throws(SystemError) {
            let sent = sent
            self.sent += try unsent.withUnsafeBytes { bytes in
                Result { () throws(SystemError) in
                    try socket.sendNow(
                        UnsafeRawBufferPointer(rebasing: bytes[sent...]), UnsafeRawBufferPointer(start: nil, count: 0))
                }
            }.get()
        } catch {
            return close()
        }
        if sent == unsent.count {
            if isLeaving {
                hasEverything = true
                return close()
            }
            unsent.removeAll(keepingCapacity: unsent.count <= Self.room)
            sent = 0
        } else if sent > Self.room {
            unsent.removeSubrange(..<sent)
            sent = 0
        }
    }

    /// Sends a last frame after all that waits, and lets the client go once it has everything.
    func finish(with frame: AttachFrame) {
        guard isOpen, !isLeaving else { return }
        unsent.append(contentsOf: frame.encoded)
        isLeaving = true
        flush()
    }

    /// Lets it go; what was not sent is lost.
    func close() {
        isOpen = false
        unsent = []
        sent = 0
    }
}
