// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// Other firewalls on the machine: Docker's, whose chains iptables keeps in the table `ip filter`.
struct NetworkForwardPolicyTests {
    private static let docker = """
        table ip filter {
            chain DOCKER-USER { counter return; }
            chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER-USER; }
        }
        """
    private static let plain = """
        table ip filter {
            chain FORWARD { type filter hook forward priority filter; policy drop; }
        }
        """

    @Test(arguments: [(docker, "DOCKER-USER"), (plain, "FORWARD")], [true, false])
    func `containers get through a firewall that drops what passes`(
        firewall: (rules: String, chain: String), comesFirst: Bool
    ) async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            if !comesFirst { try root.release(root.start(name: "early").id) }
            try machine.nft(firewall.rules)
            let container = try root.start(publishing: ["8080:80"])
            let (inside, server) = (try container.listening(), try TestSocket.listening(in: machine.outside))
            let out = try TestSocket.connected(
                from: container.namespace, to: NetworkMachine.outsideAddress, port: server.port)
            _ = try server.accept()
            let back = try TestSocket.connected(from: machine.outside, to: NetworkMachine.hostAddress, port: 8080)
            _ = try inside.accept()
            #expect(try rules(of: root, in: firewall.chain, machine) == 2)

            try root.release(root.start(name: "next").id)
            #expect(try rules(of: root, in: firewall.chain, machine) == 2)
            let networks = root.networks
            try machine.host.run { try networks.removeAll() }
            #expect(try rules(of: root, in: firewall.chain, machine) == 0)
            withExtendedLifetime((out, back)) {}
        }
    }

    @Test func `iptables reads the rules as its own`() async throws {
        let program = "/usr/sbin/iptables-nft"
        guard access(program, X_OK) == 0 else { return }
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            try machine.nft(Self.docker)
            let container = try root.start()
            let bridge = root.networks.bridge
            let text = try machine.host.output(of: program, "-S", "DOCKER-USER")
            #expect(text.contains("-A DOCKER-USER -i \(bridge) -j ACCEPT"))
            #expect(text.contains("-A DOCKER-USER -o \(bridge) -j ACCEPT"))
            withExtendedLifetime(container) {}
        }
    }

    private func rules(of root: NetworkRoot, in chain: String, _ machine: NetworkMachine) throws -> Int {
        try machine.nft("list chain ip filter \(chain)").split(separator: "\n")
            .filter { $0.contains(root.networks.bridge) }.count
    }
}
