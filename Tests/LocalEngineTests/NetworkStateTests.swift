// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// What the engine keeps and changes: addresses, rules, interfaces, and who has a port.
struct NetworkStateTests {
    @Test func `two roots on one machine have bridges and subnets of their own`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { first in
            try await machine.withNetworks { second in
                let (mine, theirs) = (
                    try first.start(publishing: ["8080:80"]), try second.start(publishing: ["8081:80"])
                )
                #expect(mine.address == [172, 17, 0, 2])
                #expect(theirs.address == [172, 17, 16, 2])
                let (mineListens, theirsListens) = (try mine.listening(), try theirs.listening())
                let outer = try TestSocket.connected(from: machine.outside, to: NetworkMachine.hostAddress, port: 8081)
                _ = try theirsListens.accept()
                // By a published port one engine's container reaches another's; by address it does not.
                let across = try TestSocket.connected(from: mine.namespace, to: NetworkMachine.hostAddress, port: 8081)
                _ = try theirsListens.accept()
                #expect {
                    try TestSocket.connected(from: mine.namespace, to: theirs.address, port: 80, within: 300)
                } throws: {
                    ($0 as? SystemError)?.number == ETIMEDOUT
                }
                let (networks, port) = (second.networks, mineListens.port)
                try machine.host.run { try networks.removeAll() }
                let still = try TestSocket.connected(from: machine.outside, to: NetworkMachine.hostAddress, port: 8080)
                _ = try mineListens.accept()
                #expect(port == 80)
                withExtendedLifetime((outer, across, still)) {}
            }
        }
    }

    @Test func `a container without ports changes no rule`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let first = try root.start()
            let before = try machine.host.run { try NetlinkSocket(.netfilter).firewallGeneration() }
            let second = try root.start(name: "second")
            try root.release(second.id)
            try root.release(first.id)
            #expect(try machine.host.run { try NetlinkSocket(.netfilter).firewallGeneration() } == before)
        }
    }

    @Test func `the end of a container takes its address, ports and rules`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80", "5353:53/udp", "203.0.113.1:8443:443"])
            #expect(
                try root.elements() == [
                    "6 . 8080 : 172.17.0.2 . 80", "17 . 5353 : 172.17.0.2 . 53",
                    "203.0.113.1 . 6 . 8443 : 172.17.0.2 . 443",
                ])
            #expect(try root.networks.attachments(of: container.id).first?.hardwareAddress == "02:42:ac:11:00:02")
            #expect(try root.networks.publishedPorts()[container.id.text]?.count == 5)
            for _ in 0..<2 { try root.release(container.id) }
            #expect(try root.elements().isEmpty)
            #expect(try root.networks.attachments(of: container.id).isEmpty)
            #expect(try root.networks.publishedPorts().isEmpty)
            #expect(try root.start(name: "next").address == container.address)
        }
    }

    @Test func `a port without a number gets one, the same for IPv4 and IPv6`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["80", "90-92:90-92", "127.0.0.1::81/udp"])
            let published = container.prepared.published.map(\.mapping)
            let chosen = published.filter { $0.containerPort.number == 80 }
            #expect(chosen.map { $0.address?.text } == ["0.0.0.0", "::"])
            #expect(Set(chosen.map(\.hostPort)).count == 1 && (chosen.first?.hostPort?.number ?? 0) > 1023)
            #expect(published.filter { (90...92).contains($0.containerPort.number) }.map(\.hostPort?.number).count == 6)
            #expect(published.last?.address?.text == "127.0.0.1" && published.last?.hostPort != nil)
        }
    }

    @Test func `a port that is taken is refused before anything changes`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let before = try root.elements()
            let wanted = try #require(try PortMapping.parse("127.0.0.1:8080:81").first)
            #expect {
                try root.start(name: "second", publishing: ["9090:90", "127.0.0.1:8080:81"])
            } throws: { error in
                guard let error = error as? EngineError else { return false }
                return error.code == .conflict && error.subject == .port(wanted, free: PortNumber(8081))
                    && error.message.contains("driver failed programming external connectivity on endpoint second (")
                    && error.message.contains(
                        "failed to bind host port for 127.0.0.1:8080: address already in use (by ")
            }
            #expect(try root.elements() == before)
            #expect(try root.networks.database.leases().count == 1)
            withExtendedLifetime(container) {}
        }
    }

    @Test func `of a range for one port of the container the first free one is taken`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let holder = try TestSocket.listening(in: machine.host, on: NetworkMachine.loopback, port: 8001)
            let first = try root.start(publishing: ["8000-8002:80"])
            let second = try root.start(name: "second", publishing: ["8000-8002:80", "7000:70"])
            #expect(first.hostPort(80) == 8000 && second.hostPort(80) == 8002 && second.hostPort(70) == 7000)
            #expect {
                try root.start(name: "third", publishing: ["8000-8002:80"])
            } throws: { error in
                guard let error = error as? EngineError, case .port(let mapping, let free) = error.subject else {
                    return false
                }
                return error.code == .conflict && mapping.hostPorts == "8000-8002" && free == PortNumber(8003)
                    && error.message.contains("all ports are allocated (8000-8002 on 0.0.0.0)")
            }
            try root.release(first.id)
            withExtendedLifetime(holder) {}
        }
    }

    @Test(
        arguments: [
            (["80:80"], 8080), (["443:443/udp"], 8443), (["3000:80", "3001:81"], 3002), (["[::1]:3000:80"], 3001),
            (["65535:80"], nil),
        ] as [([String], UInt16?)])
    func `a free port is named instead of one that is taken`(asked: [String], free: UInt16?) async throws {
        let machine = try NetworkMachine()
        try machine.host.run {
            let mappings = try asked.flatMap { try PortMapping.parse($0[...]) }
            let found = HostPort.free(insteadOf: try #require(mappings.first), besides: mappings)
            #expect(found == free.flatMap { PortNumber($0) })
        }
    }

    @Test func `a port that another program has is refused by its name`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let holder = try TestSocket.listening(in: machine.host, on: NetworkMachine.loopback)
            let port = holder.port
            #expect { try root.start(publishing: ["\(port):80"]) } throws: { error in
                guard let error = error as? EngineError else { return false }
                return error.code == .conflict
                    && error.message.contains("failed to bind host port for 0.0.0.0:\(port): address already in use ")
                    && error.message.hasSuffix("(by dshPackageTests.xctest, process \(getpid()))")
            }
        }
    }

    @Test(arguments: [
        (["8080:80", "8080:81"], "Bind for 0.0.0.0:8080 failed: port is already allocated"),
        (["198.51.100.9:80:80"], "failed to bind host port for 198.51.100.9:80: cannot assign requested address"),
    ])
    func `a port that cannot be had says why`(ports: [String], words: String) async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            #expect { try root.start(publishing: ports) } throws: {
                ($0 as? EngineError)?.message.contains(words) == true
            }
            let leases = try root.networks.database.leases()
            #expect(leases.isEmpty)
        }
    }

    @Test func `tcp and udp have ports of their own`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["53:53/tcp", "53:53/udp"])
            #expect(try root.elements().count == 2)
            withExtendedLifetime(container) {}
        }
    }

    @Test func `a port whose container was killed and not settled is free`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let killed = ContainerID.random()
            do { _ = try root.start(killed, publishing: ["8080:80"]) }
            let next = try root.start(name: "next", publishing: ["8080:80"])
            #expect(try root.elements() == ["6 . 8080 : 172.17.0.3 . 80"])
            // What comes late takes only its own.
            try root.release(killed)
            #expect(try root.elements() == ["6 . 8080 : 172.17.0.3 . 80"])
            withExtendedLifetime(next) {}
        }
    }

    @Test func `other networks choose a subnet that no route leads to`() async throws {
        let machine = try NetworkMachine()
        let neighbour = try NetworkNamespace()
        try machine.host.join(
            neighbour, name: "vpn0", near: [172, 17, 4, 1], far: [172, 17, 4, 2], prefixLength: 22)
        try await machine.withNetworks { root in
            let container = try root.start()
            #expect(container.address == [172, 17, 16, 2])
        }
    }

    @Test func `every address is given once, and then no more`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let database = root.networks.database
            let pool = IPv4Address(10)...IPv4Address(12)
            func lease(_ name: String) throws -> UInt32? {
                try database.lease(name, network: "n", interface: "v", from: pool, ports: []) { _ in }?.number
            }
            #expect(try ["a", "b", "c", "d"].map(lease) == [10, 11, 12, nil])
            _ = try database.endLease("b") { _ in }
            #expect(try lease("e") == 11)
        }
    }

    @Test func `rules that somebody flushed are put back by the next container`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            try machine.nft("flush ruleset")
            let next = try root.start(name: "next")
            #expect(try root.elements() == ["6 . 8080 : 172.17.0.2 . 80"])
            let server = try TestSocket.listening(in: machine.outside)
            let client = try TestSocket.connected(
                from: next.namespace, to: NetworkMachine.outsideAddress, port: server.port)
            _ = try server.accept()
            withExtendedLifetime((container, client)) {}
        }
    }

    @Test func `an end puts the rules right where somebody flushed them meanwhile`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let first = try root.start(publishing: ["8080:80"])
            let second = try root.start(name: "second", publishing: ["9090:90"])
            try machine.nft("flush ruleset")
            try root.release(first.id)
            #expect(try root.elements() == ["6 . 9090 : 172.17.0.3 . 90"])
            withExtendedLifetime(second) {}
        }
    }

    @Test func `check finds what a crash left, mends it, and finds nothing more`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let dead = ContainerID.random()
            do { _ = try root.start(dead, name: "dead", publishing: ["8080:80"]) }
            let live = try root.start(name: "live", publishing: ["9090:90"])
            let leak = try NetworkNamespace()
            let (bridge, networks) = (root.networks.bridge, root.networks)
            try machine.host.run {
                let route = try NetlinkSocket(.route)
                var batch = NetlinkBatch()
                batch.create(
                    VethPair(
                        hostName: "vethleaked", peerName: "eth0", peerHardwareAddress: [],
                        bridge: route.index(of: bridge) ?? 0), peerNamespace: leak.descriptor.number)
                try route.perform(batch)
            }
            try machine.nft("add element inet \(bridge) everywhere { tcp . 7070 : 172.17.0.9 . 70 }")
            let kinds: [CheckFinding.Kind] = [.leakedAddress, .leakedInterface, .leakedRule]
            let found = try root.check(mend: false, inUse: [live.id])
            #expect(found.map(\.kind) == kinds && found.allSatisfy { !$0.isMended })
            let mended = try root.check(mend: true, inUse: [live.id])
            #expect(mended.first?.kind == .leakedAddress && mended.allSatisfy(\.isMended))
            #expect(try root.check(mend: false, inUse: [live.id]).isEmpty)
            #expect(try root.elements() == ["6 . 9090 : 172.17.0.3 . 90"])
            #expect(try root.interface("vethleaked") == nil)
            #expect(try machine.host.run { try networks.attachments(of: live.id).count } == 1)
        }
    }

    @Test func `a root that goes away leaves nothing on the machine`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let networks = root.networks
            for _ in 0..<2 { try machine.host.run { try networks.removeAll() } }
            #expect(try root.interface(networks.bridge) == nil)
            #expect(try machine.nft("list ruleset").isEmpty)
            withExtendedLifetime(container) {}
        }
    }

    @Test(arguments: ["none", "host"])
    func `without a network of its own a container publishes nothing, and is told so`(choice: String) async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let networks = root.networks
            let prepared = try machine.host.run {
                try networks.prepare(
                    .random(), name: "web", choice: NetworkChoice(parsing: choice),
                    ports: PortMapping.parse("127.0.0.1:3000:80"))
            }
            #expect(prepared.ports.isEmpty && prepared.address == nil && prepared.descriptors.isEmpty)
            #expect(prepared.adjustments.map(\.asked) == ["127.0.0.1:3000:80/tcp"])
            #expect(try root.interface(networks.bridge) == nil)
        }
    }
}
