// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A route of the kernel's tables: where packets for some addresses go.
public struct NetworkRoute: Hashable, Sendable {
    /// 4 or 16 bytes in network order; all zero for a default route.
    public let destination: [UInt8]
    /// Bits of the destination that count; 0 for a default route.
    public let prefixLength: UInt8
    /// The number of the interface that packets leave by; 0 where there is none.
    public let interface: UInt32
    /// The kernel's number of the table: 254 is the main one.
    public let table: UInt32
}

/// An address that an interface has.
public struct InterfaceAddress: Hashable, Sendable {
    /// 4 or 16 bytes in network order.
    public let address: [UInt8]
    /// Bits of the network's prefix.
    public let prefixLength: UInt8
    /// The interface's number.
    public let interface: UInt32
}

extension NetlinkBatch {
    /// Gives an interface an address of 4 or 16 bytes, and the route to its network.
    public mutating func addAddress(_ address: [UInt8], prefixLength: UInt8, index: UInt32) {
        var header = ifaddrmsg()
        header.ifa_family = Self.family(of: address)
        header.ifa_prefixlen = prefixLength
        header.ifa_index = index
        // Duplicate address detection would hold an IPv6 address back for a second.
        header.ifa_flags = address.count == 16 ? UInt8(IFA_F_NODAD) : 0
        add("add address", type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL, header: header) { batch in
            batch.attribute(IFA_LOCAL, bytes: address)
            batch.attribute(IFA_ADDRESS, bytes: address)
            if address.count == 4, prefixLength < 31 {
                batch.attribute(IFA_BROADCAST, bytes: Self.broadcast(address, prefixLength))
            }
        }
    }

    /// Sends everything that no other route fits to `gateway`, an address of 4 or 16 bytes.
    public mutating func addDefaultRoute(gateway: [UInt8], index: UInt32) {
        var header = rtmsg()
        header.rtm_family = Self.family(of: gateway)
        header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        header.rtm_protocol = UInt8(RTPROT_BOOT)
        header.rtm_scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
        header.rtm_type = UInt8(RTN_UNICAST)
        add("add default route", type: RTM_NEWROUTE, flags: NLM_F_CREATE | NLM_F_EXCL, header: header) { batch in
            batch.attribute(Int(RTA_GATEWAY.rawValue), bytes: gateway)
            batch.attribute(Int(RTA_OIF.rawValue), index)
        }
    }

    private static func family(of address: [UInt8]) -> UInt8 { UInt8(address.count == 4 ? AF_INET : AF_INET6) }

    private static func broadcast(_ address: [UInt8], _ prefixLength: UInt8) -> [UInt8] {
        address.enumerated().map { position, byte in
            let kept = min(8, max(0, Int(prefixLength) - position * 8))
            return byte | UInt8(truncatingIfNeeded: 0xff >> kept)
        }
    }
}

extension NetlinkSocket {
    /// Every IPv4 route of every table.
    public func routes() throws(SystemError) -> [NetworkRoute] {
        var header = rtmsg()
        header.rtm_family = UInt8(AF_INET)
        var batch = NetlinkBatch()
        batch.add("list routes", type: RTM_GETROUTE, flags: NLM_F_ROOT | NLM_F_MATCH, header: header)
        return try dump(batch).compactMap(NetworkRoute.init)
    }

    /// Every IPv4 address of every interface.
    public func addresses() throws(SystemError) -> [InterfaceAddress] {
        var header = ifaddrmsg()
        header.ifa_family = UInt8(AF_INET)
        var batch = NetlinkBatch()
        batch.add("list addresses", type: RTM_GETADDR, flags: NLM_F_ROOT | NLM_F_MATCH, header: header)
        return try dump(batch).compactMap(InterfaceAddress.init)
    }
}

extension NetworkRoute {
    init?(_ reply: NetlinkReply) {
        guard Int(reply.type) == RTM_NEWROUTE, let header = reply.header(as: rtmsg.self) else { return nil }
        let attributes = reply.attributes(after: MemoryLayout<rtmsg>.size)
        destination =
            attributes.bytes(Int(RTA_DST.rawValue)).map { Array($0) }
            ?? [UInt8](repeating: 0, count: Int32(header.rtm_family) == AF_INET ? 4 : 16)
        prefixLength = header.rtm_dst_len
        interface = attributes.integer(Int(RTA_OIF.rawValue)) ?? 0
        table = attributes.integer(Int(RTA_TABLE.rawValue)) ?? UInt32(header.rtm_table)
    }
}

extension InterfaceAddress {
    init?(_ reply: NetlinkReply) {
        guard Int(reply.type) == RTM_NEWADDR, let header = reply.header(as: ifaddrmsg.self) else { return nil }
        let attributes = reply.attributes(after: MemoryLayout<ifaddrmsg>.size)
        guard let bytes = attributes.bytes(IFA_LOCAL) ?? attributes.bytes(IFA_ADDRESS) else { return nil }
        address = Array(bytes)
        prefixLength = header.ifa_prefixlen
        interface = header.ifa_index
    }
}
