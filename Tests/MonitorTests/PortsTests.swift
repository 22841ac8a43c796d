// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import MonitorProtocol
import Synchronization
import TestSupport
import Testing

@testable import Monitor

/// A host, a container behind a bridge, and a forwarder in between, as the monitor has it.
final class ForwardedContainer: Sendable {
    let host: NetworkNamespace
    let container: NetworkNamespace
    private let thread: ForwarderThread

    static let hostAddress: [UInt8] = [10, 9, 0, 1]
    static let containerAddress: [UInt8] = [10, 9, 0, 2]
    static let loopback: [UInt8] = [127, 0, 0, 1]
    static let loopback6: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]

    init(_ transport: LaunchDescription.PublishedPort.Transport = .tcp, on address: [UInt8] = [0, 0, 0, 0]) throws {
        host = try NetworkNamespace()
        container = try NetworkNamespace()
        var end = LaunchDescription.NetworkEnd()
        end.bridge = "br0"
        end.hostInterface = "veth0"
        end.hardwareAddress = [2, 0x42, 10, 9, 0, 2]
        end.addresses = [LaunchDescription.NetworkAddress(bytes: Self.containerAddress, prefix: 24)]
        end.gateways = [Self.hostAddress]
        let (ready, inside) = (end, container)
        let number = try host.run {
            let route = try NetlinkSocket(.route)
            var batch = NetlinkBatch()
            batch.createBridge("br0", hardwareAddress: [2, 0x42, 10, 9, 0, 1], mtu: 1500)
            try route.perform(batch)
            batch = NetlinkBatch()
            let index = route.index(of: "br0") ?? 0
            batch.addAddress(Self.hostAddress, prefixLength: 24, index: index)
            batch.raise(index: index, name: "br0")
            try route.perform(batch)
            try ready.connect(toNamespace: inside.descriptor)
            let kind: InternetSocket.Kind = transport == .tcp ? .stream : .datagram
            return try InternetSocket.bound(kind, to: InternetAddress(bytes: address, port: 8080)).descriptor
                .duplicate().release()
        }
        var port = LaunchDescription.PublishedPort()
        port.hostAddress = address
        port.hostPort = 8080
        port.containerAddress = Self.containerAddress
        port.containerPort = 80
        port.transport = transport
        thread = try ForwarderThread(port, descriptor: number, in: host)
    }

    /// How many connections are being forwarded.
    var connections: Int { thread.connections }

    /// Waits until there are so many: they end a moment after the client has seen their end.
    func settles(at count: Int) -> Bool {
        for _ in 0..<500 {
            if connections == count { return true }
            usleep(10_000)
        }
        return false
    }

    func greeter() throws -> TestSocket { try .listening(in: container, port: 80) }
}

/// The loop of a monitor that has nothing but one port.
private final class ForwarderThread: Sendable {
    private let counter = Counter()
    private let stop: Pipe
    private let thread: BackgroundThread

    var connections: Int { counter.count.load(ordering: .acquiring) }

    init(_ port: LaunchDescription.PublishedPort, descriptor: Int32, in host: NetworkNamespace) throws {
        signal(SIGPIPE, SIG_IGN)  // as the monitor does
        let pipe = try Pipe()
        let (stopping, counter) = (pipe.reading.number, counter)
        stop = pipe
        thread = BackgroundThread {
            // A failure shows as connections that nobody answers.
            try? host.run {
                let forwarder = try PortForwarder([port], firstDescriptor: descriptor)
                while true {
                    var entries = [
                        pollfd(fd: forwarder.descriptor, events: Int16(POLLIN), revents: 0),
                        pollfd(fd: stopping, events: Int16(POLLIN), revents: 0),
                    ]
                    poll(&entries, 2, -1)
                    if entries[1].revents != 0 { return }
                    forwarder.advance()
                    counter.count.store(forwarder.connections, ordering: .releasing)
                }
            }
        }
    }

    deinit {
        // One byte always fits into an empty pipe.
        try? stop.writing.writeAll([0])
        thread.join()
    }

    private final class Counter: Sendable {
        let count = Atomic(0)
    }
}

struct PortsTests {
    @Test(
        arguments: [
            ([0, 0, 0, 0], ForwardedContainer.loopback),
            ([127, 0, 0, 1], ForwardedContainer.loopback),
            ([UInt8](repeating: 0, count: 16), ForwardedContainer.loopback6),
            (ForwardedContainer.loopback6, ForwardedContainer.loopback6),
        ] as [([UInt8], [UInt8])])
    func `a connection to the host's loopback arrives in the container`(bound: [UInt8], used: [UInt8]) throws {
        let subject = try ForwardedContainer(on: bound)
        let greeter = try subject.greeter()
        let client = try TestSocket.connected(from: subject.host, to: used, port: 8080)
        let server = try greeter.accept()
        try server.send("hello")
        #expect(try client.receiveText() == "hello")
        #expect(server.peer == ForwardedContainer.hostAddress)
    }

    @Test func `a client that has said all still gets its answer, and then the end`() throws {
        let subject = try ForwardedContainer()
        let greeter = try subject.greeter()
        let client = try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080)
        let server = try greeter.accept()
        try client.send("question")
        client.finishSending()
        #expect(try server.receiveAll() == Array("question".utf8))
        try server.send("answer")
        server.finishSending()
        #expect(try client.receiveAll() == Array("answer".utf8))
        #expect(subject.settles(at: 0))
    }

    @Test func `many megabytes arrive whole at a reader that is slower than the writer`() throws {
        let subject = try ForwardedContainer()
        let greeter = try subject.greeter()
        let client = try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080)
        let server = try greeter.accept()
        let block = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let rounds = 48
        let sender = BackgroundThread {
            // What could not be sent is missed below.
            for _ in 0..<rounds { try? server.send(block) }
            server.finishSending()
        }
        defer { sender.join() }
        var received = 0
        var isRight = true
        while true {
            let part = try client.receive(limit: 50_000)
            if part.isEmpty { break }
            var rest = part[...]
            var place = received % block.count
            while !rest.isEmpty {
                let count = min(rest.count, block.count - place)
                isRight = isRight && rest.prefix(count) == block[place..<place + count]
                rest = rest.dropFirst(count)
                place = 0
            }
            received += part.count
        }
        #expect(received == rounds * block.count)
        #expect(isRight)
    }

    @Test func `a silent reader holds up nobody else`() throws {
        let subject = try ForwardedContainer()
        let greeter = try subject.greeter()
        let silent = try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080)
        let flood = try greeter.accept()
        let flooding = BackgroundThread {
            // Ends with the connection.
            while (try? flood.send([UInt8](repeating: 1, count: 100_000))) != nil {}
        }
        defer { flooding.join() }
        for _ in 0..<50 {
            let client = try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080)
            let server = try greeter.accept()
            try client.send("ping")
            #expect(try server.receiveText() == "ping")
        }
        silent.shut()
    }

    @Test func `a container that refuses breaks the client's connection`() throws {
        let subject = try ForwardedContainer()
        // It may be broken before the client has noticed that it was there.
        #expect {
            try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080).receive()
        } throws: {
            ($0 as? SystemError)?.number == ECONNRESET
        }
        #expect(subject.settles(at: 0))
    }

    @Test func `a connection that breaks on one side breaks on the other`() throws {
        let subject = try ForwardedContainer()
        let greeter = try subject.greeter()
        let client = try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080)
        try breakConnection(of: greeter)
        #expect { try client.receive() } throws: { ($0 as? SystemError)?.number == ECONNRESET }
        #expect(subject.settles(at: 0))
    }

    private func breakConnection(of greeter: TestSocket) throws { try greeter.accept().reset() }

    @Test func `hundreds of connections come and go and leave no descriptor behind`() throws {
        let subject = try ForwardedContainer()
        let greeter = try subject.greeter()
        func wave() throws {
            let pairs = try (0..<200).map { _ in
                let client = try TestSocket.connected(from: subject.host, to: ForwardedContainer.loopback, port: 8080)
                return (client, try greeter.accept())
            }
            for (number, pair) in pairs.enumerated() {
                try pair.0.send("number \(number)")
                #expect(try pair.1.receiveText() == "number \(number)")
            }
        }
        try wave()
        #expect(subject.settles(at: 0))
        try wave()
        #expect(subject.settles(at: 0))
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], ForwardedContainer.loopback),
            ([UInt8](repeating: 0, count: 16), ForwardedContainer.loopback6),
        ] as [([UInt8], [UInt8])])
    func `datagrams of several clients are told apart`(bound: [UInt8], used: [UInt8]) throws {
        let subject = try ForwardedContainer(.udp, on: bound)
        let server = try TestSocket.listening(.datagram, in: subject.container, port: 80)
        let clients = try (0..<3).map { _ in
            try TestSocket.connected(.datagram, from: subject.host, to: used, port: 8080)
        }
        for round in 0..<2 {
            for (number, client) in clients.enumerated() { try client.send("client \(number) round \(round)") }
            for _ in clients {
                let (bytes, route) = try server.receiveDatagram()
                try server.answer(String(decoding: bytes, as: UTF8.self) + "!", to: route)
            }
            for (number, client) in clients.enumerated() {
                #expect(try client.receiveText() == "client \(number) round \(round)!")
            }
        }
    }

    @Test func `an answer leaves from the address that the datagram came to`() throws {
        let subject = try ForwardedContainer(.udp)
        let server = try TestSocket.listening(.datagram, in: subject.container, port: 80)
        // A connected UDP socket takes answers from the address that it sent to only.
        let client = try TestSocket.connected(.datagram, from: subject.host, to: [127, 0, 0, 9], port: 8080)
        try client.send("who")
        let (_, route) = try server.receiveDatagram()
        try server.answer("me", to: route)
        #expect(try client.receiveText() == "me")
    }

    @Test func `a datagram that nobody takes does not keep the next ones from their way`() throws {
        let subject = try ForwardedContainer(.udp)
        let client = try TestSocket.connected(
            .datagram, from: subject.host, to: ForwardedContainer.loopback, port: 8080)
        try client.send("lost")
        let server = try TestSocket.listening(.datagram, in: subject.container, port: 80)
        // The refusal of an earlier one is told when a later one is sent, which is lost with it.
        for _ in 0..<3 { try client.send("found") }
        var received = try server.receiveDatagram().bytes
        if received == Array("lost".utf8) { received = try server.receiveDatagram().bytes }
        #expect(received == Array("found".utf8))
    }
}
