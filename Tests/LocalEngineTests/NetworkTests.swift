// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// Packets between a container, its host and the world outside, on machines of the tests' own.
struct NetworkTests {
    @Test func `a container reaches the world outside, which sees the host`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start()
            #expect(container.address == [172, 17, 0, 2])
            let server = try TestSocket.listening(in: machine.outside)
            let client = try TestSocket.connected(
                from: container.namespace, to: NetworkMachine.outsideAddress, port: server.port)
            #expect(try server.accept().peer == NetworkMachine.hostAddress)
            withExtendedLifetime(client) {}
        }
    }

    @Test func `the world outside reaches a published port, and the container sees who it is`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let server = try container.listening()
            let client = try TestSocket.connected(
                from: machine.outside, to: NetworkMachine.hostAddress, port: 8080)
            let connection = try server.accept()
            try connection.send("hello")
            #expect(try client.receiveText() == "hello")
            #expect(connection.peer == NetworkMachine.outsideAddress)
        }
    }

    @Test(arguments: [
        NetworkMachine.hostAddress, NetworkMachine.loopback, [127, 0, 0, 5], NetworkMachine.loopback6, [172, 17, 0, 1],
    ])
    func `the host reaches a published port by each of its addresses`(address: [UInt8]) async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let server = try container.listening()
            let client = try TestSocket.connected(from: machine.host, to: address, port: 8080)
            try server.accept().send("hello")
            #expect(try client.receiveText() == "hello")
        }
    }

    @Test(arguments: [NetworkMachine.hostAddress, [172, 17, 0, 1]], ["another", "itself"])
    func `a container reaches the published port of another, and its own`(
        address: [UInt8], whose: String
    ) async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let other = try root.start(name: "other")
            let server = try container.listening()
            let from = whose == "another" ? other : container
            let client = try TestSocket.connected(from: from.namespace, to: address, port: 8080)
            try server.accept().send("hello")
            #expect(try client.receiveText() == "hello")
        }
    }

    @Test func `containers of one bridge reach each other by address, published or not`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let (first, second) = (try root.start(), try root.start(name: "second"))
            let server = try first.listening(7777)
            let client = try TestSocket.connected(from: second.namespace, to: first.address, port: 7777)
            #expect(try server.accept().peer == second.address)
            withExtendedLifetime(client) {}
        }
    }

    @Test func `datagrams reach a published port from outside and from the host's loopback`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["5353:53/udp"])
            let server = try container.listening(53, .datagram)
            for (from, to) in [
                (machine.outside, NetworkMachine.hostAddress), (machine.host, NetworkMachine.hostAddress),
                (machine.host, NetworkMachine.loopback), (machine.host, NetworkMachine.loopback6),
            ] {
                let client = try TestSocket.connected(.datagram, from: from, to: to, port: 5353)
                try client.send("who")
                try server.answer("me", to: server.receiveDatagram().route)
                #expect(try client.receiveText() == "me")
            }
        }
    }

    @Test func `a port published on one address is not there on another`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["127.0.0.1:8080:80", "203.0.113.1:8081:81"])
            let (local, global) = (try container.listening(80), try container.listening(81))
            let inner = try TestSocket.connected(from: machine.host, to: NetworkMachine.loopback, port: 8080)
            _ = try local.accept()
            let outer = try TestSocket.connected(from: machine.outside, to: NetworkMachine.hostAddress, port: 8081)
            _ = try global.accept()
            for (from, address, port) in [
                (machine.outside, NetworkMachine.hostAddress, 8080), (machine.host, NetworkMachine.hostAddress, 8080),
                (machine.host, NetworkMachine.loopback, 8081), (machine.host, NetworkMachine.loopback6, 8080),
            ] as [(NetworkNamespace, [UInt8], UInt16)] {
                #expect { try TestSocket.connected(from: from, to: address, port: port) } throws: {
                    ($0 as? SystemError)?.number == ECONNREFUSED
                }
            }
            withExtendedLifetime((inner, outer)) {}
        }
    }

    @Test func `the world outside cannot go round by way of the container's address`() async throws {
        let machine = try NetworkMachine()
        try machine.routeFromOutside()
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let published = try container.listening(80)
            let hidden = try container.listening(7777)
            #expect {
                try TestSocket.connected(from: machine.outside, to: container.address, port: 7777, within: 300)
            } throws: {
                ($0 as? SystemError)?.number == ETIMEDOUT
            }
            // The same packets are let through when the host has sent them on itself.
            let client = try TestSocket.connected(from: machine.outside, to: NetworkMachine.hostAddress, port: 8080)
            _ = try published.accept()
            #expect(!hidden.hasConnection)
            withExtendedLifetime(client) {}
        }
    }

    @Test(arguments: ["0", "1"])
    func `it is all the same whether bridged packets pass through iptables or not`(setting: String) async throws {
        let machine = try NetworkMachine()
        guard access("/proc/sys/net/bridge/bridge-nf-call-iptables", F_OK) == 0 else { return }
        try machine.set("net/bridge/bridge-nf-call-iptables", setting)
        try await machine.withNetworks { root in
            let container = try root.start(publishing: ["8080:80"])
            let other = try root.start(name: "other")
            let server = try container.listening()
            for (from, to, port) in [
                (machine.outside, NetworkMachine.hostAddress, 8080),
                (other.namespace, NetworkMachine.hostAddress, 8080),
                (container.namespace, NetworkMachine.hostAddress, 8080), (other.namespace, container.address, 80),
            ] as [(NetworkNamespace, [UInt8], UInt16)] {
                let client = try TestSocket.connected(from: from, to: to, port: port)
                _ = try server.accept()
                withExtendedLifetime(client) {}
            }
        }
    }

    @Test func `packets are as large as the way out carries`() async throws {
        let machine = try NetworkMachine(mtu: 1400)
        try await machine.withNetworks { root in
            let container = try root.start()
            let inside = try container.namespace.run { try NetlinkSocket(.route).interface(named: "eth0") }
            #expect(inside?.mtu == 1400)
            #expect(inside?.hardwareAddress == [0x02, 0x42, 172, 17, 0, 2])
        }
    }

    @Test func `a flow of datagrams follows its port to the next container`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let keeper = try root.start(name: "keeper")
            let client: TestSocket
            do {
                let first = try root.start(name: "first", publishing: ["5353:53/udp"])
                let server = try first.listening(53, .datagram)
                client = try .connected(.datagram, from: machine.outside, to: NetworkMachine.hostAddress, port: 5353)
                try client.send("one")
                #expect(try server.receiveDatagram().bytes == Array("one".utf8))
                try root.release(first.id)
            }
            // Takes the first one's address, so that the next has another.
            let other = try root.start(name: "other")
            let second = try root.start(name: "second", publishing: ["5353:53/udp"])
            let server = try second.listening(53, .datagram)
            try client.send("two")
            #expect(try server.receiveDatagram().bytes == Array("two".utf8))
            withExtendedLifetime((keeper, other)) {}
        }
    }
}
