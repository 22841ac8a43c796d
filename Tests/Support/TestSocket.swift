// SPDX-License-Identifier: Apache-2.0
import Glibc
public import Linux

/// One end of a conversation in a test: waits, with a deadline, where the product's own sockets never do.
public final class TestSocket: Sendable {
    private let socket: InternetSocket
    /// In milliseconds, long enough for a loaded machine; what is expected not to come is never waited for.
    public static let deadline: Int32 = 10_000

    private init(_ socket: consuming InternetSocket) { self.socket = socket }

    /// A listening (or, for UDP, bound) socket in a namespace; port 0 lets the kernel choose.
    public static func listening(
        _ kind: InternetSocket.Kind = .stream, in namespace: NetworkNamespace, on address: [UInt8] = [0, 0, 0, 0],
        port: UInt16 = 0
    ) throws -> TestSocket {
        try namespace.run { TestSocket(try .bound(kind, to: InternetAddress(bytes: address, port: port))) }
    }

    /// A connection from a namespace.
    ///
    /// - Throws: what connect(2) ends with; `ETIMEDOUT` when nothing answers within `milliseconds`.
    public static func connected(
        _ kind: InternetSocket.Kind = .stream, from namespace: NetworkNamespace, to address: [UInt8], port: UInt16,
        within milliseconds: Int32 = deadline
    ) throws -> TestSocket {
        let made = try namespace.run {
            TestSocket(try .connecting(kind, to: InternetAddress(bytes: address, port: port)))
        }
        guard kind == .stream else { return made }
        try made.wait(POLLOUT, milliseconds)
        if !made.socket.isConnected {
            var reason: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(made.socket.descriptor.number, SOL_SOCKET, SO_ERROR, &reason, &length)
            throw SystemError(step: "connect", number: reason == 0 ? ECONNREFUSED : reason)
        }
        return made
    }

    /// The port that it is bound to.
    public var port: UInt16 { socket.localAddress?.port ?? 0 }

    /// The next connection of a listening socket.
    public func accept() throws -> TestSocket {
        try wait(POLLIN)
        guard let connection = try socket.accept() else { throw SystemError(step: "accept", number: EAGAIN) }
        return TestSocket(connection)
    }

    /// Whether somebody has connected already; waits for nobody.
    public var hasConnection: Bool { (try? wait(POLLIN, 0)) != nil }

    /// The address of the other side, as this side sees it.
    public var peer: [UInt8] {
        var storage = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(socket.descriptor.number, $0, &length)
            }
        }
        guard result == 0, storage.sin_family == sa_family_t(AF_INET) else { return [] }
        return withUnsafeBytes(of: storage.sin_addr) { Array($0) }
    }

    /// Sends everything.
    public func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            try wait(POLLOUT)
            let count = rest.withUnsafeBytes {
                Glibc.send(socket.descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EAGAIN { continue }
            guard count >= 0 else { throw SystemError(step: "send", number: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends text.
    public func send(_ text: String) throws { try send(text.utf8) }

    /// Says that nothing more will come.
    public func finishSending() { socket.finishSending() }

    /// Has the connection break, not end, when nothing refers to it any more.
    public func reset() { socket.resetWhenClosed() }

    /// Ends the connection in both directions: the other side cannot send any more.
    public func shut() { _ = shutdown(socket.descriptor.number, Int32(SHUT_RDWR)) }

    /// What comes next, at most `limit` bytes; nothing at the end.
    public func receive(limit: Int = 65_536) throws -> [UInt8] {
        try wait(POLLIN)
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(socket.descriptor.number, &buffer, limit, 0)
        guard count >= 0 else { throw SystemError(step: "receive", number: errno) }
        return Array(buffer[..<count])
    }

    /// What comes next, as text.
    public func receiveText() throws -> String { String(decoding: try receive(), as: UTF8.self) }

    /// Everything until the end.
    public func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try receive()
            if part.isEmpty { return all }
            all += part
        }
    }

    /// The next datagram and where it came from.
    public func receiveDatagram() throws -> (bytes: [UInt8], route: DatagramRoute) {
        try wait(POLLIN)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
        defer { buffer.deallocate() }
        guard let (count, route) = try socket.receive(into: buffer) else {
            throw SystemError(step: "receive", number: EAGAIN)
        }
        return (Array(buffer[..<count]), route)
    }

    /// Answers a datagram.
    public func answer(_ text: String, to route: DatagramRoute) throws {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: text.utf8)
        try socket.send(bytes, back: route)
    }

    private func wait(_ events: Int32, _ milliseconds: Int32 = deadline) throws {
        var entry = pollfd(fd: socket.descriptor.number, events: Int16(events), revents: 0)
        let count = try attempt("poll") { poll(&entry, 1, milliseconds) }
        if count == 0 { throw SystemError(step: "wait", number: ETIMEDOUT) }
    }
}
