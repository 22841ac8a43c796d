// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The two ends of a datagram that came in.
public struct DatagramRoute: Hashable, Sendable {
    /// Who sent it.
    public let sender: InternetAddress
    /// To which of the host's addresses it came, 4 or 16 bytes; empty where the kernel did not say.
    public let destination: [UInt8]
}

extension InternetSocket {
    /// Takes one datagram into `buffer`; `nil` when none waits.
    ///
    /// - Throws: among others `ECONNREFUSED` on a connected socket, once for each ICMP message that nobody listens.
    public func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (count: Int, route: DatagramRoute)? {
        var sender = sockaddr_storage()
        var control = ControlBuffer()
        do throws(SystemError) {
            let count = try Self.message(&sender, buffer, &control) { message throws(SystemError) in
                try attempt("recvmsg") { CInt(recvmsg(descriptor.number, &message, 0)) }
            }
            let from = InternetAddress(sender) ?? InternetAddress(bytes: [0, 0, 0, 0], port: 0)
            return (Int(count), DatagramRoute(sender: from, destination: control.destination))
        } catch {
            if error.number == EAGAIN { return nil }
            throw error
        }
    }

    /// Sends a datagram back the way that another came.
    public func send(_ bytes: UnsafeMutableRawBufferPointer, back route: DatagramRoute) throws(SystemError) {
        var receiver = sockaddr_storage()
        let length = route.sender.withSocketAddress { pointer, length in
            withUnsafeMutableBytes(of: &receiver) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
            }
            return length
        }
        var control = ControlBuffer(source: route.destination)
        _ = try Self.message(&receiver, bytes, &control) { message throws(SystemError) in
            message.msg_namelen = length
            if message.msg_controllen == 0 { message.msg_control = nil }
            return try attempt("sendmsg") { CInt(sendmsg(descriptor.number, &message, 0)) }
        }
    }

    /// Sends a datagram on a connected socket.
    public func send(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) {
        try attempt("send") { CInt(Glibc.send(descriptor.number, bytes.baseAddress, bytes.count, 0)) }
    }

    private static func message(
        _ address: inout sockaddr_storage, _ bytes: UnsafeMutableRawBufferPointer, _ control: inout ControlBuffer,
        _ call: (inout msghdr) throws(SystemError) -> CInt
    ) throws(SystemError) -> CInt {
        var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        var message = msghdr()
        message.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
        message.msg_iovlen = 1
        message.msg_controllen = control.length
        // Result, since the closures of these functions cannot carry a typed error through every compiler.
        let result: Result<CInt, SystemError> = withUnsafeMutablePointer(to: &address) { address in
            withUnsafeMutablePointer(to: &part) { part in
                withUnsafeMutableBytes(of: &control.bytes) { control in
                    message.msg_name = UnsafeMutableRawPointer(address)
                    message.msg_iov = part
                    message.msg_control = control.baseAddress
                    do throws(SystemError) { return .success(try call(&message)) } catch { return .failure(error) }
                }
            }
        }
        control.length = message.msg_controllen
        return try result.get()
    }
}

/// The ancillary data of one message: cmsg(3). One header of 16 bytes and an `in_pktinfo` or `in6_pktinfo`.
private struct ControlBuffer {
    var bytes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    var length = MemoryLayout<Self.Bytes>.size

    private typealias Bytes = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    private static let headerSize = MemoryLayout<cmsghdr>.size

    /// Room for what the kernel says.
    init() {}

    /// Has the kernel send from this address of the host; it chooses where that is empty.
    init(source: [UInt8]) {
        guard !source.isEmpty else {
            length = 0
            return
        }
        let isIPv6 = source.count == 16
        let payload = isIPv6 ? 20 : 12
        var header = cmsghdr()
        header.cmsg_len = Self.headerSize + payload
        header.cmsg_level = Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP)
        header.cmsg_type = isIPv6 ? IPV6_PKTINFO : IP_PKTINFO
        // ipv6(7) and ip(7): in_pktinfo is interface, own address, destination; in6_pktinfo is address, interface.
        let place = Self.headerSize + (isIPv6 ? 0 : 4)
        withUnsafeMutableBytes(of: &bytes) { raw in
            raw.storeBytes(of: header, as: cmsghdr.self)
            for (index, byte) in source.enumerated() { raw[place + index] = byte }
        }
        length = (Self.headerSize + payload + 7) & ~7
    }

    /// The address that a datagram came to.
    var destination: [UInt8] {
        withUnsafeBytes(of: bytes) { raw in
            let header = raw.load(as: cmsghdr.self)
            guard length >= Self.headerSize + 12 else { return [] }
            switch (header.cmsg_level, header.cmsg_type) {
            case (Int32(IPPROTO_IP), IP_PKTINFO):
                // ipi_spec_dst, an address of the host even where the datagram was a broadcast.
                return Array(raw[Self.headerSize + 4..<Self.headerSize + 8])
            case (Int32(IPPROTO_IPV6), IPV6_PKTINFO):
                return Array(raw[Self.headerSize..<Self.headerSize + 16])
            default: return []
            }
        }
    }
}
