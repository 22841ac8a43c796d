// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Local stream sockets, which also carry descriptors.
///
/// A socket address holds 107 bytes only, so that sockets are named relative to their directory, through the kernel's
/// name for an open one: `/proc/self/fd/N/NAME`.
public enum UnixSocket {
    /// Listens at `name` in `directory`; the socket's file has mode 0600. What was there before is replaced.
    ///
    /// For single-threaded processes: the file's mode comes from umask(2), which a whole process shares.
    public static func listen(_ name: String, in directory: String) throws(SystemError) -> Descriptor {
        let parent = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
        let socket = Descriptor(number: try attempt("socket") { clinux_unix_socket() })
        unlinkat(parent.number, name, 0)
        let mask = umask(0o177)
        defer { umask(mask) }
        try attempt("bind \(directory)/\(name)") {
            clinux_unix_bind(socket.number, "/proc/self/fd/\(parent.number)/\(name)")
        }
        try attempt("listen \(directory)/\(name)") { Glibc.listen(socket.number, 64) }
        try socket.setNonBlocking()
        return socket
    }

    /// Connects to the socket `name` in `directory`.
    ///
    /// - Throws: ENOENT where there is none, ECONNREFUSED where nobody listens any more.
    public static func connect(_ name: String, in directory: String) throws(SystemError) -> Descriptor {
        let parent = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
        let socket = Descriptor(number: try attempt("socket") { clinux_unix_socket() })
        try attempt("connect \(directory)/\(name)") {
            clinux_unix_connect(socket.number, "/proc/self/fd/\(parent.number)/\(name)")
        }
        return socket
    }

    /// Takes the next connection, which does not block; `nil` when none waits.
    public static func accept(_ listener: borrowing Descriptor) throws(SystemError) -> Descriptor? {
        let number = listener.number
        do throws(SystemError) {
            return Descriptor(
                number: try attempt("accept") {
                    clinux_accept4(number, nil, nil, CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
                })
        } catch {
            // accept(2): a connection that failed meanwhile is as good as none.
            if error.number == EAGAIN || error.number == ECONNABORTED { return nil }
            throw error
        }
    }
}

/// Two sockets that are connected to each other.
public struct SocketPair: ~Copyable, Sendable {
    /// One end.
    public let one: Descriptor
    /// The other end.
    public let other: Descriptor

    /// A connected pair; with `keepingBoundaries` each send is one receive.
    public init(keepingBoundaries: Bool = false) throws(SystemError) {
        var numbers: (CInt, CInt) = (-1, -1)
        try attempt("socketpair") { clinux_socket_pair(keepingBoundaries ? 1 : 0, &numbers.0, &numbers.1) }
        one = Descriptor(number: numbers.0)
        other = Descriptor(number: numbers.1)
    }

    /// Keeps `one` and closes the other: what one of two processes does.
    public consuming func keepOne() -> Descriptor { one }

    /// Keeps `other` and closes the one: what the other of two processes does.
    public consuming func keepOther() -> Descriptor { other }
}

extension Descriptor {
    /// Sends to a socket without SIGPIPE, a descriptor alongside where one is given.
    ///
    /// - Returns: how many bytes went; fewer than given only where the socket does not block.
    @discardableResult
    public func send(_ bytes: [UInt8], passing passed: CInt? = nil) throws(SystemError) -> Int {
        try attempt("send") {
            bytes.withUnsafeBytes { clinux_send(number, $0.baseAddress, $0.count, passed ?? -1) }
        }
    }

    /// Receives from a socket; no bytes are the end. `passed` is the descriptor that came along, the caller's to own.
    public func receive(upTo count: Int) throws(SystemError) -> (bytes: [UInt8], passed: CInt?) {
        var passed: CInt = -1
        var bytes = [UInt8](repeating: 0, count: count)
        let received = try attempt("receive") {
            bytes.withUnsafeMutableBytes { clinux_receive(number, $0.baseAddress, count, &passed) }
        }
        bytes.removeLast(count - received)
        return (bytes, passed < 0 ? nil : passed)
    }

    /// Sends two parts, one after the other, as far as there is room just now.
    ///
    /// - Returns: how many bytes went; zero when there is no room.
    public func sendNow(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> Int {
        do throws(SystemError) {
            return try attempt("send") {
                clinux_send_now(number, first.baseAddress, first.count, second.baseAddress, second.count)
            }
        } catch {
            if error.number == EAGAIN { return 0 }
            throw error
        }
    }

    /// Whether `number` is an open socket.
    public static func isSocket(_ number: CInt) -> Bool { clinux_is_socket(number) == 1 }
}
