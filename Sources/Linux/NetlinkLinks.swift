// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A network interface as the kernel describes it.
public struct NetworkInterface: Hashable, Sendable {
    /// The number by which messages name it.
    public let index: UInt32
    /// At most 15 bytes.
    public let name: String
    /// Whether it is set to carry packets (`IFF_UP`).
    public let isUp: Bool
    /// In bytes.
    public let mtu: UInt32
    /// `bridge`, `veth` …; empty for a device.
    public let kind: String
    /// The number of the bridge that it is a port of; 0 for none.
    public let master: UInt32
    /// Six bytes for Ethernet.
    public let hardwareAddress: [UInt8]
    /// For a bridge's port, where spanning tree has brought it: 3 is forwarding.
    public let portState: UInt8?
    /// A text that people and programs may give it, at most 255 bytes; empty for none.
    public let alias: String

    /// Whether what arrives at this port goes on: bridge(8).
    public var isForwarding: Bool { portState == 3 }
}

/// A pair of interfaces, each the other's far end: one a port of a bridge, the other in another network namespace.
public struct VethPair: Hashable, Sendable {
    /// The end that stays, at most 15 bytes.
    public var hostName: String
    /// The other end's name in its namespace.
    public var peerName: String
    /// The other end's hardware address, six bytes; empty lets the kernel choose.
    public var peerHardwareAddress: [UInt8]
    /// The number of the bridge.
    public var bridge: UInt32
    /// In bytes; 0 leaves the kernel's.
    public var mtu: UInt32
    /// Whether the bridge may send back through a port what came in by it: a container that reaches its own published
    /// port needs that.
    public var isHairpin: Bool

    /// Puts a pair together.
    public init(
        hostName: String, peerName: String, peerHardwareAddress: [UInt8], bridge: UInt32, mtu: UInt32 = 0,
        isHairpin: Bool = true
    ) {
        self.hostName = hostName
        self.peerName = peerName
        self.peerHardwareAddress = peerHardwareAddress
        self.bridge = bridge
        self.mtu = mtu
        self.isHairpin = isHairpin
    }
}

extension NetlinkBatch {
    /// Makes a pair whose other end appears at once in the namespace of that descriptor, down; this end is up and a
    /// port of its bridge.
    public mutating func create(_ pair: VethPair, peerNamespace: Int32) {
        add(
            "create veth \(pair.hostName)", type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, header: ifinfomsg()
        ) { batch in
            batch.attribute(IFLA_IFNAME, pair.hostName)
            if pair.mtu > 0 { batch.attribute(IFLA_MTU, pair.mtu) }
            batch.withOneQueue()
            batch.attribute(IFLA_MASTER, pair.bridge)
            batch.vethDetails(
                peer: pair.peerName, hardwareAddress: pair.peerHardwareAddress, namespace: peerNamespace, mtu: pair.mtu)
        }
        // A change, not a creation: only there does the kernel read a port's settings.
        add("raise \(pair.hostName)", type: RTM_NEWLINK, header: Self.raised(index: 0)) { batch in
            batch.attribute(IFLA_IFNAME, pair.hostName)
            batch.withoutLinkLocalAddress()
            batch.nested(IFLA_LINKINFO) { batch in
                batch.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
                batch.nested(IFLA_INFO_SLAVE_DATA) { $0.attribute(IFLA_BRPORT_MODE, UInt8(pair.isHairpin ? 1 : 0)) }
            }
        }
    }

    /// Makes a pair of which neither end is a bridge's port, both down; the other end appears in the namespace of that
    /// descriptor.
    public mutating func createPair(_ name: String, peer: String, peerNamespace: Int32, mtu: UInt32 = 0) {
        add("create veth \(name)", type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, header: ifinfomsg()) { batch in
            batch.attribute(IFLA_IFNAME, name)
            if mtu > 0 { batch.attribute(IFLA_MTU, mtu) }
            batch.vethDetails(peer: peer, hardwareAddress: [], namespace: peerNamespace, mtu: mtu)
        }
    }

    /// Makes a bridge, down and without an address.
    public mutating func createBridge(_ name: String, hardwareAddress: [UInt8], mtu: UInt32) {
        add("create bridge \(name)", type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, header: ifinfomsg()) {
            batch in
            batch.attribute(IFLA_IFNAME, name)
            batch.attribute(IFLA_MTU, mtu)
            // A bridge without an address of its own takes the lowest of its ports', and changes it as they come and
            // go.
            batch.attribute(IFLA_ADDRESS, bytes: hardwareAddress)
            batch.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "bridge") }
        }
    }

    /// Sets an interface up; without an IPv6 address of its own making unless it is asked to have one.
    public mutating func raise(index: UInt32, name: String, hasLinkLocalAddress: Bool = false) {
        // In one message the interface would be up, and have its address, before the kernel read that it is to have none.
        if !hasLinkLocalAddress {
            add("configure \(name)", type: RTM_NEWLINK, header: Self.link(index: index)) {
                $0.withoutLinkLocalAddress()
            }
        }
        add("raise \(name)", type: RTM_NEWLINK, header: Self.raised(index: index))
    }

    /// Gives an interface a text of its own, at most 255 bytes. The kernel reads it only in a change, not in a creation.
    public mutating func describe(index: UInt32, name: String, as alias: String) {
        add("describe \(name)", type: RTM_NEWLINK, header: Self.link(index: index)) {
            $0.attribute(IFLA_IFALIAS, alias)
        }
    }

    /// Sets `lo` up, which is the first interface of every namespace.
    public mutating func raiseLoopback() {
        add("raise lo", type: RTM_NEWLINK, header: Self.raised(index: 1))
    }

    /// Removes an interface, and its far end with it.
    public mutating func deleteLink(index: UInt32, name: String) {
        add("delete \(name)", type: RTM_DELLINK, header: Self.link(index: index))
    }

    /// Puts an interface into another network namespace.
    public mutating func move(index: UInt32, name: String, toNamespace descriptor: Int32) {
        add("move \(name)", type: RTM_NEWLINK, header: Self.link(index: index)) {
            $0.attribute(IFLA_NET_NS_FD, descriptor)
        }
    }

    /// The kernel makes a queue for each processor otherwise, with files in sysfs, which take most of the time; between
    /// two ends in one machine they carry no more.
    private mutating func withOneQueue() {
        attribute(IFLA_NUM_TX_QUEUES, UInt32(1))
        attribute(IFLA_NUM_RX_QUEUES, UInt32(1))
    }

    private mutating func vethDetails(peer: String, hardwareAddress: [UInt8], namespace: Int32, mtu: UInt32) {
        nested(IFLA_LINKINFO) { batch in
            batch.attribute(IFLA_INFO_KIND, "veth")
            batch.nested(IFLA_INFO_DATA) { batch in
                batch.nested(VETH_INFO_PEER, header: ifinfomsg()) { batch in
                    batch.attribute(IFLA_IFNAME, peer)
                    if mtu > 0 { batch.attribute(IFLA_MTU, mtu) }
                    batch.withOneQueue()
                    if !hardwareAddress.isEmpty { batch.attribute(IFLA_ADDRESS, bytes: hardwareAddress) }
                    batch.attribute(IFLA_NET_NS_FD, namespace)
                }
            }
        }
    }

    private mutating func withoutLinkLocalAddress() {
        nested(IFLA_AF_SPEC) { batch in
            batch.nested(Int(AF_INET6)) {
                $0.attribute(IFLA_INET6_ADDR_GEN_MODE, UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue))
            }
        }
    }

    private static func link(index: UInt32) -> ifinfomsg {
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: index)
        return header
    }

    private static func raised(index: UInt32) -> ifinfomsg {
        var header = link(index: index)
        header.ifi_flags = UInt32(IFF_UP)
        header.ifi_change = UInt32(IFF_UP)
        return header
    }
}

extension NetlinkSocket {
    /// An interface by its name; `nil` where there is none.
    public func interface(named name: String) throws(SystemError) -> NetworkInterface? {
        var batch = NetlinkBatch()
        batch.add("look for \(name)", type: RTM_GETLINK, header: ifinfomsg()) { $0.attribute(IFLA_IFNAME, name) }
        do throws(SystemError) {
            return try exchange(batch).first.flatMap(NetworkInterface.init)
        } catch {
            if error.number == ENODEV { return nil }
            throw error
        }
    }

    /// Every interface of the namespace.
    public func interfaces() throws(SystemError) -> [NetworkInterface] {
        var batch = NetlinkBatch()
        batch.add("list interfaces", type: RTM_GETLINK, flags: NLM_F_ROOT | NLM_F_MATCH, header: ifinfomsg())
        return try dump(batch).compactMap(NetworkInterface.init)
    }
}

extension NetworkInterface {
    init?(_ reply: NetlinkReply) {
        guard Int(reply.type) == RTM_NEWLINK, let header = reply.header(as: ifinfomsg.self) else { return nil }
        let attributes = reply.attributes(after: MemoryLayout<ifinfomsg>.size)
        let details = attributes.nested(IFLA_LINKINFO)
        index = UInt32(bitPattern: header.ifi_index)
        name = attributes.text(IFLA_IFNAME) ?? ""
        isUp = header.ifi_flags & UInt32(IFF_UP) != 0
        mtu = attributes.integer(IFLA_MTU) ?? 0
        kind = details?.text(IFLA_INFO_KIND) ?? ""
        master = attributes.integer(IFLA_MASTER) ?? 0
        hardwareAddress = attributes.bytes(IFLA_ADDRESS).map { Array($0) } ?? []
        alias = attributes.text(IFLA_IFALIAS) ?? ""
        portState = details?.nested(IFLA_INFO_SLAVE_DATA)?.integer(IFLA_BRPORT_STATE)
    }
}
