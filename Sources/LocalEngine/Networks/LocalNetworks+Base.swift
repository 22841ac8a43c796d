// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

extension LocalNetworks {
    /// What every container of the network shares.
    struct Base: Hashable, Sendable {
        let subnet: Subnet
        /// In bytes.
        let mtu: UInt32
    }

    /// The bridge and the rules as they stand, made where they are missing.
    ///
    /// On the way of every `run` this asks two questions: is the bridge there, and has anybody on this machine touched
    /// any nftables rule since the rules were last seen to stand? That is 40 µs; only another answer costs more.
    func standingBase() throws -> Base {
        do {
            if let base = try notedBase() { return base }
            return try establish()
        } catch let error as SystemError {
            throw EngineError(
                .system, .network(Self.networkName), "failed to set up network bridge: \(error)", cause: error)
        }
    }

    /// The subnet that this root's bridge has, or had before the machine was restarted.
    func subnet() throws -> Subnet? {
        try database.setting(Self.subnetSetting).flatMap { Subnet(parsing: $0) }
    }

    /// Writes down that the rules still stand, after this engine made one change itself.
    ///
    /// Each change of anybody's raises the generation by one: where it was raised by more, the note stays as it is, no
    /// longer holds, and the next run looks at everything.
    func noteOwnChange() {
        // Without the note the next run looks again: slower, and right.
        guard let content = note.read(), let generation = try? NetlinkSocket(.netfilter).firewallGeneration(),
            generation == content.generation &+ 1
        else { return }
        // Without the note the next run looks again: slower, and right.
        try? note.write(BaseNote.Content(generation: generation, subnet: content.subnet))
    }

    /// The base by its note; `nil` where the note does not hold any more.
    func notedBase() throws -> Base? {
        guard let content = note.read(),
            try NetlinkSocket(.netfilter).firewallGeneration() == content.generation,
            let found = try NetlinkSocket(.route).interface(named: bridge), found.isUp
        else { return nil }
        return Base(subnet: content.subnet, mtu: found.mtu)
    }

    private var note: BaseNote { BaseNote(path: paths.runRoot + "/network") }
    private static let subnetSetting = "network.subnet"

    /// Two roots must not choose the same subnet at the same moment, nor two runs make one bridge: one at a time.
    private func establish() throws -> Base {
        try whileMachineIsLocked { try notedBase() ?? establishAlone() }
    }

    private func establishAlone() throws -> Base {
        let route = try NetlinkSocket(.route)
        let base = try standingBridge(route)
        allowForwarding()
        let netfilter = try NetlinkSocket(.netfilter)
        // Read before the rules are looked at: a change that comes between makes the note one that does not hold.
        var generation = try netfilter.firewallGeneration()
        if try !netfilter.hasFirewallTable(bridge) {
            try database.withNetworkHeld { _, ports in try firewall.install(base.subnet, ports) }
            generation &+= 1
        }
        if try netfilter.dropsByDefault(chain: "FORWARD", ofTable: "filter") == true,
            try ForwardPolicy(bridge: bridge).admit()
        {
            generation &+= 1
        }
        // Without the note the next run looks again: slower, and right.
        try? note.write(BaseNote.Content(generation: generation, subnet: base.subnet))
        return base
    }

    /// The bridge, with its address and up.
    private func standingBridge(_ route: borrowing NetlinkSocket) throws -> Base {
        if let found = try route.interface(named: bridge), let subnet = try subnet(),
            try route.addresses().contains(where: { $0.interface == found.index && $0.address == subnet.gateway.bytes })
        {
            var batch = NetlinkBatch()
            if !found.isUp { batch.raise(index: found.index, name: bridge) }
            if found.alias != paths.root { describe(found.index, in: &batch) }
            if !batch.isEmpty { try route.perform(batch) }
            return Base(subnet: subnet, mtu: found.mtu)
        }
        return try makeBridge(route)
    }

    private func makeBridge(_ route: borrowing NetlinkSocket) throws -> Base {
        if let half = try route.interface(named: bridge) {
            var batch = NetlinkBatch()
            batch.deleteLink(index: half.index, name: bridge)
            try route.perform(batch)
        }
        let routes = try route.routes()
        let subnet = try chooseSubnet(routes)
        let mtu = try outsideMTU(route, routes)
        var batch = NetlinkBatch()
        batch.createBridge(bridge, hardwareAddress: subnet.gateway.hardwareAddress, mtu: mtu)
        try route.perform(batch)
        guard let index = route.index(of: bridge) else { throw SystemError(step: "look for \(bridge)", number: ENODEV) }
        batch = NetlinkBatch()
        batch.addAddress(subnet.gateway.bytes, prefixLength: subnet.prefixLength, index: index)
        batch.raise(index: index, name: bridge)
        describe(index, in: &batch)
        try route.perform(batch)
        return Base(subnet: subnet, mtu: mtu)
    }

    /// Writes the root's path on the bridge, so that other roots' `system check` can tell when the root is gone.
    private func describe(_ index: UInt32, in batch: inout NetlinkBatch) {
        // A longer one does not fit; that root's bridge then stays until the machine's restart.
        if paths.root.utf8.count < 256 { batch.describe(index: index, name: bridge, as: paths.root) }
    }

    /// The subnet that was had before, or else the first that no route of this machine leads to.
    private func chooseSubnet(_ routes: [NetworkRoute]) throws -> Subnet {
        let taken = routes.compactMap { route in
            IPv4Address(bytes: route.destination).map { Subnet($0, prefixLength: route.prefixLength) }
        }.filter { $0.prefixLength > 0 }
        func isFree(_ subnet: Subnet) -> Bool { !taken.contains { $0.overlaps(subnet) } }
        if let former = try subnet(), isFree(former) { return former }
        guard let subnet = Subnet.candidates.first(where: isFree) else {
            throw EngineError(
                .unsupported, .network(Self.networkName),
                "could not find an available, non-overlapping IPv4 address pool among the defaults "
                    + "to assign to the network"
            )
        }
        try database.set(Self.subnetSetting, to: subnet.description)
        return subnet
    }

    /// What the way out of this machine carries in one packet, but no more than Docker's 1,500: a container whose
    /// packets are larger than the way out would depend on every firewall letting through the message that says so.
    private func outsideMTU(_ route: borrowing NetlinkSocket, _ routes: [NetworkRoute]) throws -> UInt32 {
        let usual: UInt32 = 1500
        guard let way = routes.first(where: { $0.prefixLength == 0 && $0.interface != 0 && $0.table == 254 }) else {
            return usual
        }
        let found = try route.interfaces().first { $0.index == way.interface }?.mtu ?? usual
        return min(usual, max(found, 576))
    }

    /// Makes the host pass on packets between interfaces, and leaves it so, as Docker does; `warnings` tells where it
    /// could not.
    private func allowForwarding() {
        // Who may not switch it on is told by `warnings`.
        guard !isForwarding, let file = try? Descriptor(opening: Self.forwardingSwitch, O_WRONLY) else { return }
        // As above.
        try? file.writeAll("1".utf8)
    }

    private var isForwarding: Bool {
        // Unreadable is as good as off: the warning is right in both cases.
        guard let bytes = try? Descriptor(opening: Self.forwardingSwitch, O_RDONLY).readToEnd() else { return false }
        return bytes.first == UInt8(ascii: "1")
    }

    private static let forwardingSwitch = "/proc/sys/net/ipv4/ip_forward"

    /// What of this machine keeps containers from other machines, in Docker's words where it has some.
    var warnings: [String] {
        var warnings: [String] = []
        if note.read() != nil, !isForwarding {
            warnings.append("IPv4 forwarding is disabled. Networking will not work.")
        }
        // The older iptables keeps its rules where nftables does not see them.
        if let tables = try? Descriptor(opening: "/proc/thread-self/net/ip_tables_names", O_RDONLY).readToEnd(),
            String(decoding: tables, as: UTF8.self).split(separator: "\n").contains("filter")
        {
            warnings.append(
                "iptables-legacy has rules; where they drop what is forwarded, containers reach nothing"
            )
        }
        return warnings
    }
}

/// The file that says when the rules were last seen to stand: `run-root/network`.
private struct BaseNote {
    struct Content {
        let generation: UInt32
        let subnet: Subnet
    }

    let path: String

    /// `nil` where there is none, or none that can be read.
    func read() -> Content? {
        // A note that cannot be read is none.
        guard let bytes = try? Descriptor(opening: path, O_RDONLY).readToEnd(limit: 256) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard words.count == 2, let generation = UInt32(words[0]), let subnet = Subnet(parsing: words[1]) else {
            return nil
        }
        return Content(generation: generation, subnet: subnet)
    }

    func write(_ content: Content) throws {
        let beside = "\(path).\(getpid())"
        try Descriptor(opening: beside, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            .writeAll("\(content.generation) \(content.subnet)".utf8)
        try attempt("rename \(beside)") { rename(beside, path) }
    }

    func remove() { unlink(path) }
}

extension LocalNetworks {
    /// Removes the note, so that the next run looks at everything.
    func forgetNote() { BaseNote(path: paths.runRoot + "/network").remove() }
}

/// Keeps every other engine of this machine from choosing a subnet meanwhile: flock(2) on a directory that is always
/// there, so that nothing is left behind.
private func whileMachineIsLocked<Value>(_ body: () throws -> Value) throws -> Value {
    let directory = try Descriptor(opening: "/run", O_RDONLY | O_DIRECTORY)
    let number = directory.number
    try attempt("lock /run") { flock(number, LOCK_EX) }
    defer { flock(number, LOCK_UN) }
    return try body()
}
