// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A socket of TCP or UDP that never makes its owner wait: ip(7), tcp(7), udp(7).
public struct InternetSocket: ~Copyable, Sendable {
    /// What it carries.
    public enum Kind: Sendable {
        /// TCP.
        case stream
        /// UDP.
        case datagram
    }

    /// The descriptor; execve(2) closes it.
    public let descriptor: Descriptor

    /// Takes over a descriptor that is a socket already.
    public init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Binds a socket, and has a TCP one listen at once, so that a port in use is found whoever uses it.
    ///
    /// An IPv6 socket takes IPv6 only: an IPv4 one can stand beside it on the same port.
    /// - Throws: `EADDRINUSE` when another socket has the port, `EADDRNOTAVAIL` when the host does not have the
    ///   address, `EAFNOSUPPORT` when the kernel has no IPv6.
    public static func bound(_ kind: Kind, to address: InternetAddress) throws(SystemError) -> InternetSocket {
        let opened = try open(kind, family: address.family)
        let number = opened.descriptor.number
        if address.family == AF_INET6 { try set(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        switch kind {
        case .stream:
            // Connections of an owner that is gone linger in TIME_WAIT for a minute; a listener is refused all the
            // same.
            try set(number, SOL_SOCKET, SO_REUSEADDR)
            // Both are handed on to every connection that is accepted.
            try set(number, SOL_SOCKET, SO_KEEPALIVE)
            try set(number, Int32(IPPROTO_TCP), TCP_NODELAY)
        case .datagram:
            // Says to which of the host's addresses a datagram came, so that the answer leaves from there.
            if address.family == AF_INET {
                try set(number, Int32(IPPROTO_IP), IP_PKTINFO)
            } else {
                try set(number, Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO)
            }
        }
        try attempt("bind") { address.withSocketAddress { bind(number, $0, $1) } }
        if kind == .stream { try attempt("listen") { listen(number, SOMAXCONN) } }
        return opened
    }

    /// Begins a connection; for TCP it may not be there yet when this returns: see `isConnected`.
    public static func connecting(_ kind: Kind, to address: InternetAddress) throws(SystemError) -> InternetSocket {
        let opened = try open(kind, family: address.family)
        let number = opened.descriptor.number
        if kind == .stream { try set(number, Int32(IPPROTO_TCP), TCP_NODELAY) }
        do throws(SystemError) {
            try attempt("connect") { address.withSocketAddress { connect(number, $0, $1) } }
        } catch {
            if error.number != EINPROGRESS { throw error }
        }
        return opened
    }

    private static func open(_ kind: Kind, family: Int32) throws(SystemError) -> InternetSocket {
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let number = try attempt("socket") { socket(family, Int32(type.rawValue) | flags, 0) }
        return InternetSocket(Descriptor(number: number))
    }

    /// A connection that waits at a listening socket; `nil` when there is none.
    public func accept() throws(SystemError) -> InternetSocket? {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        do throws(SystemError) {
            let number = try attempt("accept") { clinux_accept4(descriptor.number, nil, nil, flags) }
            return InternetSocket(Descriptor(number: number))
        } catch {
            // accept(2): the network's errors of a connection that is gone again are to be treated like EAGAIN.
            let passing = [EAGAIN, ECONNABORTED, EPERM, ENETDOWN, EPROTO, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH]
            if passing.contains(error.number) { return nil }
            throw error
        }
    }

    /// Whether a connection that was begun is there now.
    public var isConnected: Bool {
        var storage = sockaddr_storage()
        return withSocketAddress(&storage) { getpeername(descriptor.number, $0, $1) } == 0
    }

    /// Whether a connection that was begun did not come about; asking forgets it.
    public var hasFailed: Bool {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &number, &length) != 0 || number != 0
    }

    /// The address and port that it is bound to.
    public var localAddress: InternetAddress? {
        var storage = sockaddr_storage()
        guard withSocketAddress(&storage, { getsockname(descriptor.number, $0, $1) }) == 0 else { return nil }
        return InternetAddress(storage)
    }

    /// Makes closing it tell the other side at once that the connection is broken, not that it ended well.
    public func resetWhenClosed() {
        var value = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(
            descriptor.number, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// Says that nothing more will be sent.
    public func finishSending() { _ = shutdown(descriptor.number, Int32(SHUT_WR)) }

    private func withSocketAddress(
        _ storage: inout sockaddr_storage,
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> CInt {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
    }

    private static func set(_ number: CInt, _ level: Int32, _ option: Int32) throws(SystemError) {
        var value: Int32 = 1
        try attempt("setsockopt") { setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) }
    }
}
