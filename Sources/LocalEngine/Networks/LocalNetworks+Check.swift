// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

extension LocalNetworks {
    /// Looks for what a crash can leave: addresses of containers that do not run, interfaces that no container has,
    /// rules for ports that nobody has, and a host that has lost the rules that it should have.
    ///
    /// - Parameters:
    ///   - mend: takes it away, or puts it right.
    ///   - isInUse: whether a container runs or is being started. It is asked before anything is touched.
    func check(mend: Bool, isInUse: (String) throws -> Bool) throws -> [CheckFinding] {
        var findings: [CheckFinding] = []
        let subnet = try subnet()
        for lease in try database.leases() where try !isInUse(lease.container) {
            if mend { try database.endLease(lease.container) { try apply($0, subnet) } }
            findings.append(
                CheckFinding(
                    kind: .leakedAddress, subject: "\(lease.address) of \(lease.container)", isMended: mend))
        }
        do {
            findings += try checkInterfaces(mend: mend)
            findings += try checkRules(mend: mend)
            findings += try checkOtherRoots(mend: mend)
        } catch let error as SystemError {
            throw EngineError(.system, .network(Self.networkName), "failed to check networks: \(error)", cause: error)
        }
        if mend { forgetNote() }
        return findings
    }

    /// Removes everything that this root has on the machine: rules, bridge, and with it every container's connection.
    /// For a root that goes away.
    func removeAll() throws {
        do {
            forgetNote()
            try removeRules(of: bridge)
            let route = try NetlinkSocket(.route)
            guard let found = try route.interface(named: bridge) else { return }
            for port in try route.interfaces() where port.master == found.index { try delete(port, route) }
            try delete(found, route)
        } catch let error as SystemError {
            throw EngineError(.system, .network(Self.networkName), "failed to remove networks: \(error)", cause: error)
        }
    }

    private func removeRules(of bridge: String) throws {
        let netfilter = try NetlinkSocket(.netfilter)
        if try netfilter.hasFirewallTable(bridge) { try Firewall(name: bridge).remove() }
        if try netfilter.dropsByDefault(chain: "FORWARD", ofTable: "filter") != nil {
            try ForwardPolicy(bridge: bridge).withdraw()
        }
    }

    /// Bridges, and the rules that go with them, of roots that somebody removed by hand: their own `system check` never
    /// comes. One that still has a container connected is left alone.
    private func checkOtherRoots(mend: Bool) throws -> [CheckFinding] {
        let route = try NetlinkSocket(.route)
        let interfaces = try route.interfaces()
        let connected = Set(interfaces.map(\.master))
        var findings: [CheckFinding] = []
        for other in interfaces where other.kind == "bridge" && !connected.contains(other.index) {
            // The name proves that the text on it is ours.
            guard other.alias.hasPrefix("/"), other.name == LocalNetworks.bridge(of: EnginePaths(root: other.alias)),
                access(other.alias, F_OK) != 0, errno == ENOENT
            else { continue }
            if mend {
                try removeRules(of: other.name)
                try delete(other, route)
            }
            findings.append(
                CheckFinding(kind: .leakedInterface, subject: "\(other.name) of \(other.alias)", isMended: mend))
        }
        return findings
    }

    private func checkInterfaces(mend: Bool) throws -> [CheckFinding] {
        let route = try NetlinkSocket(.route)
        guard let found = try route.interface(named: bridge) else { return [] }
        let interfaces = try route.interfaces()
        // Read after the interfaces: one that is made meanwhile is in the records before it exists.
        let known = Set(try database.leases().map(\.interface))
        var findings: [CheckFinding] = []
        for port in interfaces where port.master == found.index && !known.contains(port.name) {
            if mend { try delete(port, route) }
            findings.append(CheckFinding(kind: .leakedInterface, subject: port.name, isMended: mend))
        }
        return findings
    }

    private func delete(_ interface: NetworkInterface, _ route: borrowing NetlinkSocket) throws {
        var batch = NetlinkBatch()
        batch.deleteLink(index: interface.index, name: interface.name)
        do {
            try route.perform(batch)
        } catch {
            // It went with its container's namespace meanwhile.
            if error.number != ENODEV { throw error }
        }
    }

    private func checkRules(mend: Bool) throws -> [CheckFinding] {
        guard try NetlinkSocket(.netfilter).hasFirewallTable(bridge) else { return [] }
        return try database.withNetworkHeld { _, ports in
            let wanted = Set(ports.compactMap(Firewall.element))
            let found = try firewall.elements()
            let wrong = found.symmetricDifference(wanted).sorted()
            if mend, !wrong.isEmpty { try firewall.replace(with: ports) }
            return wrong.map { CheckFinding(kind: .leakedRule, subject: $0, isMended: mend) }
        }
    }
}
