// SPDX-License-Identifier: Apache-2.0

import Archive
import Glibc
import Linux

/// One request of HTTP/1.1 and its answer.
struct WebConnection: ~Copyable {
    /// Why there is no whole answer.
    struct Broken: Error {
        let reason: String
    }

    /// The first lines of an answer.
    struct Head {
        let status: Int
        private let fields: [String: String]

        init(_ lines: [String]) throws(Broken) {
            let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
            guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
                throw Broken(reason: "the answer is not HTTP")
            }
            self.status = status
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
            }
            self.fields = fields
        }

        /// The value of a field, by its name in lower case.
        subscript(name: String) -> String? { fields[name] }
    }

    private let socket: InternetSocket
    private let interrupt: Interrupt
    /// What has come and was not looked at.
    private var buffer: [UInt8] = []
    private var start = 0
    private static let largestHead = 64 << 10
    /// How long a server may be silent, in milliseconds.
    private static let patience = 60_000

    /// Connects and asks.
    init(to address: WebAddress, _ interrupt: Interrupt) throws {
        let made = try Self.connected(to: address, interrupt)
        try Self.ask(address.request, on: made.descriptor.number)
        socket = made
        self.interrupt = interrupt
    }

    private static func ask(_ text: String, on number: CInt) throws(Broken) {
        let request = Array(text.utf8)
        // So little that an empty socket takes it whole.
        let sent = request.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent == request.count else { throw Broken(reason: "the server closed the connection") }
    }

    private static func connected(to address: WebAddress, _ interrupt: Interrupt) throws -> InternetSocket {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(address.node, address.port, &hints, &found)
        guard failure == 0 else {
            throw Broken(reason: "\(address.node): \(String(cString: gai_strerror(failure)))")
        }
        defer { freeaddrinfo(found) }
        var reason = "no address"
        var next = found
        while let entry = next?.pointee {
            next = entry.ai_next
            let kind = entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let number = Glibc.socket(entry.ai_family, kind, entry.ai_protocol)
            guard number >= 0 else { continue }
            let made = InternetSocket(Descriptor(number: number))
            if connect(number, entry.ai_addr, entry.ai_addrlen) == 0 { return made }
            if errno == EINPROGRESS {
                try wait(number, Int16(POLLOUT), interrupt)
                var error: CInt = 0
                var length = socklen_t(MemoryLayout<CInt>.size)
                getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length)
                if error == 0 { return made }
                errno = error
            }
            reason = String(cString: strerror(errno))
        }
        throw Broken(reason: "connect to \(address.host):\(address.port): \(reason)")
    }

    private static func wait(_ number: CInt, _ events: Int16, _ interrupt: Interrupt) throws {
        // Looked at often enough that nobody who presses Ctrl-C waits.
        let step = 50
        for _ in 0..<(patience / step) {
            if interrupt.isRaised { throw CancellationError() }
            var polled = pollfd(fd: number, events: events, revents: 0)
            let count = poll(&polled, 1, Int32(step))
            if count > 0 { return }
            if count < 0, errno != EINTR { throw SystemError(step: "poll", number: errno) }
        }
        throw Broken(reason: "the server is silent")
    }

    // MARK: The answer

    /// Takes more in; false at the end.
    private mutating func fill() throws -> Bool {
        try Self.wait(socket.descriptor.number, Int16(POLLIN), interrupt)
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        let number = socket.descriptor.number
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = try attempt("read the answer") { CInt(recv(number, &piece, piece.count, 0)) }
        buffer += piece[..<Int(count)]
        return count > 0
    }

    private mutating func line() throws -> String {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let bytes = buffer[start..<end]
                start = end + 1
                return String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
            }
            guard buffer.count - start < Self.largestHead else { throw Broken(reason: "the answer is not HTTP") }
            guard try fill() else { throw Broken(reason: "the server closed the connection") }
        }
    }

    /// The head of the answer; those of 1xx before it are passed over.
    mutating func head() throws -> Head {
        while true {
            var lines: [String] = []
            var size = 0
            while true {
                let line = try line()
                size += line.utf8.count
                guard size < Self.largestHead else { throw Broken(reason: "the answer is not HTTP") }
                if line.isEmpty { break }
                lines.append(line)
            }
            let head = try Head(lines)
            if head.status >= 200 { return head }
        }
    }

    /// Hands the body on, piece by piece, to its end.
    mutating func body(of head: Head, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        if head["transfer-encoding"]?.lowercased() == "chunked" {
            while true {
                let size = try line().prefix { $0 != ";" }
                guard let count = Int(size.filter { $0 != " " }, radix: 16), count >= 0 else {
                    throw Broken(reason: "a chunk has no size")
                }
                if count == 0 { return }
                try pass(count, of: count, take)
                _ = try line()
            }
        }
        guard let length = head["content-length"] else {
            repeat { try passBuffered(Int.max, take) } while try fill()
            return
        }
        guard let count = Int(length), count >= 0 else { throw Broken(reason: "invalid Content-Length \(length)") }
        try pass(count, of: count, take)
    }

    private mutating func pass(
        _ count: Int, of total: Int, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = count
        while true {
            rest -= try passBuffered(rest, take)
            if rest == 0 { return }
            guard try fill() else {
                throw Broken(reason: "the connection ended after \(total - rest) of \(total) bytes")
            }
        }
    }

    @discardableResult private mutating func passBuffered(
        _ most: Int, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let count = min(most, buffer.count - start)
        let from = start
        try buffer.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0[from..<from + count])) }
        start += count
        return count
    }
}
