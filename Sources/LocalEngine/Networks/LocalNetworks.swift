// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

/// The engine's network: one bridge, and what of it each container has.
///
/// Bridge, nftables table and subnet are named after and belong to one root, so that several engines live on one
/// machine. They are made at the first container that needs them, and stay; a container without published ports
/// changes no rules.
struct LocalNetworks: Sendable {
    let paths: EnginePaths
    let database: EngineDatabase

    /// The bridge's name, and the table's.
    var bridge: String { Self.bridge(of: paths) }
    var firewall: Firewall { Firewall(name: bridge) }

    static func bridge(of paths: EnginePaths) -> String { "dsh-" + paths.fingerprint }

    /// The bridge's name in records and for people.
    static let networkName = "bridge"

    /// Takes what a container about to start needs: its address and the sockets of its ports, both its own from now on
    /// until `release`. Whatever it had before is taken back first.
    ///
    /// - Parameters:
    ///   - container: its id.
    ///   - name: its name, for the sentences that refuse a port.
    /// - Throws: `EngineError` with `.conflict` when a port is taken, before anything has been changed; `.system` when
    ///   the kernel refuses the bridge or the rules; `.unsupported` when every address is in use.
    func prepare(
        _ container: ContainerID, name: String, choice: NetworkChoice, ports: [PortMapping]
    ) throws -> PreparedNetwork {
        switch choice {
        case .none: return PreparedNetwork(withoutBridge: .none, ports: ports)
        case .host: return PreparedNetwork(withoutBridge: .host, ports: ports)
        case .standard: break
        }
        let base = try standingBase()
        let sockets = try open(ports, for: container, name: name)
        let interface = Self.newInterfaceName()
        let leased = try database.lease(
            container.text, network: Self.networkName, interface: interface, from: base.subnet.pool,
            ports: sockets.map { $0.record(for: container) }
        ) { try apply($0, base.subnet) }
        guard let address = leased else {
            throw EngineError(
                .unsupported, .network(Self.networkName),
                "no available IPv4 addresses on this network's address pools: \(Self.networkName) (\(base.subnet))")
        }
        if !sockets.isEmpty { noteOwnChange() }
        var end = LaunchDescription.NetworkEnd()
        end.bridge = bridge
        end.hostInterface = interface
        end.hardwareAddress = address.hardwareAddress
        end.addresses = [
            LaunchDescription.NetworkAddress(bytes: address.bytes, prefix: base.subnet.prefixLength)
        ]
        end.gateways = [base.subnet.gateway.bytes]
        end.mtu = base.mtu
        return PreparedNetwork(end: end, address: address, sockets: sockets)
    }

    /// Takes back what a container had; doing it again does nothing. Its interfaces go with its network namespace.
    ///
    /// - Throws: `EngineError` when the records or the rules cannot be changed; then nothing is.
    func release(_ container: ContainerID) throws {
        let subnet = try subnet()
        guard let (lease, ports) = try database.endLease(container.text, apply: { try apply($0, subnet) }),
            !ports.isEmpty
        else { return }
        noteOwnChange()
        if ports.contains(where: { $0.transport == .udp }) { forgetFlows(of: lease.address) }
    }

    /// Where a container is just now; nowhere when it does not run or has no network of the engine's.
    func attachments(of container: ContainerID) throws -> [NetworkAttachment] {
        guard let lease = try database.leases(of: container.text).first, let subnet = try subnet() else { return [] }
        return [
            NetworkAttachment(
                network: lease.network, address: IPAddress(bytes: lease.address.bytes),
                prefixLength: Int(subnet.prefixLength), gateway: IPAddress(bytes: subnet.gateway.bytes),
                hardwareAddress: Self.text(ofHardwareAddress: lease.address.hardwareAddress))
        ]
    }

    /// The ports of every running container that has some, by its id.
    func publishedPorts() throws -> [String: [PublishedPort]] {
        Dictionary(grouping: try database.publishedPorts(), by: \.container).mapValues { records in
            records.map {
                PublishedPort(
                    PortMapping(
                        address: $0.hostAddress, hostPort: $0.hostPort, containerPort: $0.containerPort,
                        transport: $0.transport))
            }
        }
    }

    /// Changes the rules as the records change; where they do not agree, the records are right.
    func apply(_ change: EngineDatabase.PortChange, _ subnet: Subnet?) throws {
        do {
            try firewall.change(removing: change.removed, adding: change.added)
        } catch {
            let everything = try change.everything()
            do {
                try firewall.replace(with: everything)
            } catch {
                // The table itself is gone: somebody flushed every rule of the machine.
                guard let subnet else { throw error }
                try firewall.install(subnet, everything)
            }
        }
    }

    private func forgetFlows(of address: IPv4Address) {
        // A flow that stays loses its client's datagrams for two minutes at most: no reason to fail an end.
        guard let netfilter = try? NetlinkSocket(.netfilter) else { return }
        // As for a socket that cannot be had.
        try? netfilter.forgetDatagramFlows(of: address.bytes)
    }

    /// A name that no interface had before: the one that goes with a container's end may still be there when it starts
    /// again.
    private static func newInterfaceName() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return "veth" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func text(ofHardwareAddress bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

extension LocalNetworks {
    private func open(_ ports: [PortMapping], for container: ContainerID, name: String) throws -> [HostPort] {
        guard !ports.isEmpty else { return [] }
        do throws(PortRefusal) {
            return try HostPort.open(ports)
        } catch {
            let isTaken = error.number == EADDRINUSE && error.port != nil
            let free = isTaken ? HostPort.free(insteadOf: error.mapping, besides: ports) : nil
            throw conflict(error, container, name, .port(error.mapping, free: free))
        }
    }

    /// Docker's sentence, and who has the port.
    private func conflict(
        _ refusal: PortRefusal, _ container: ContainerID, _ name: String, _ subject: EngineError.Subject
    ) -> EngineError {
        let place = (refusal.address.isIPv6 ? "[\(refusal.address)]" : "\(refusal.address)")
        let port = refusal.port.map { "\($0)" } ?? "0"
        func failure(_ code: EngineError.Code, _ reason: String) -> EngineError {
            EngineError(
                code, subject,
                "failed to set up container networking: driver failed programming external connectivity on endpoint "
                    + "\(name) (\(container)): \(reason)",
                cause: SystemError(step: "bind \(place):\(port)/\(refusal.transport.rawValue)", number: refusal.number))
        }
        let bind = "failed to bind host port for \(place):\(port)"
        guard refusal.number == EADDRINUSE, let number = refusal.port else {
            let isMissing = refusal.number == EADDRNOTAVAIL
            return failure(
                isMissing ? .invalid : .system,
                "\(bind): "
                    + (isMissing ? "cannot assign requested address" : "\(String(cString: strerror(refusal.number)))"))
        }
        if refusal.mapping.lastHostPort != nil {
            return failure(.conflict, "all ports are allocated (\(refusal.mapping.hostPorts) on \(place))")
        }
        let allocated = "Bind for \(place):\(port) failed: port is already allocated"
        if refusal.isOwn { return failure(.conflict, allocated + " (asked for twice)") }
        let holder = PortHolder.find(number, refusal.transport, at: refusal.address)
        if let owner = holder?.container {
            // Another engine's containers have no names here.
            let name = (try? database.containerName(of: owner.text)) ?? owner.short
            return failure(.conflict, allocated + " (by container \(name))")
        }
        let by = holder.map { " (by \($0.command), process \($0.process))" } ?? ""
        return failure(.conflict, "\(bind): address already in use" + by)
    }
}

extension HostPort {
    fileprivate func record(for container: ContainerID) -> PortRecord {
        PortRecord(
            container: container.text, transport: transport, hostAddress: address, hostPort: port,
            containerAddress: IPv4Address(0), containerPort: containerPort)
    }
}
