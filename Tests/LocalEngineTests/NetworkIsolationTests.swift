// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// A container with CAP_NET_RAW, which Docker's default set has, writes any packet it likes on its cable. The host's
/// loopback must not hear it.
struct NetworkIsolationTests {
    @Test(arguments: ["0", "1"])
    func `a raw packet for the host's loopback does not arrive, whatever the host's settings`(
        setting: String
    ) async throws {
        let machine = try NetworkMachine()
        // Some orchestrators switch it on for every interface.
        try machine.set("net/ipv4/conf/all/route_localnet", setting)
        try await machine.withNetworks { root in
            let container = try root.start()
            try send("forbidden", from: container, to: NetworkMachine.loopback, machine) { secret, open in
                // What was sent first would have come first.
                let first = try open.receiveText()
                #expect(first == "allowed")
                #expect(!secret.hasConnection)
            }
        }
    }

    @Test func `the same packet arrives where the host lets it: the test can tell`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start()
            try machine.nft("flush chain inet \(root.networks.bridge) guard")
            try machine.set("net/ipv4/conf/all/route_localnet", "1")
            try send("forbidden", from: container, to: NetworkMachine.loopback, machine) { secret, _ in
                let first = try secret.receiveText()
                #expect(first == "forbidden")
            }
        }
    }

    @Test func `what listens on the host's loopback is not reached by way of any other address`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { root in
            let container = try root.start()
            let secret = try TestSocket.listening(in: machine.host, on: NetworkMachine.loopback)
            for address in [NetworkMachine.hostAddress, [172, 17, 0, 1]] {
                #expect {
                    try TestSocket.connected(from: container.namespace, to: address, port: secret.port)
                } throws: {
                    ($0 as? SystemError)?.number == ECONNREFUSED
                }
            }
            #expect(!secret.hasConnection)
        }
    }

    /// Sends a datagram in a frame of the container's own making to a socket bound to the host's loopback only, and
    /// after it one to the bridge's address, which is allowed.
    private func send(
        _ text: String, from container: NetworkedContainer, to address: [UInt8], _ machine: NetworkMachine,
        _ check: (_ secret: TestSocket, _ open: TestSocket) throws -> Void
    ) throws {
        let secret = try TestSocket.listening(.datagram, in: machine.host, on: NetworkMachine.loopback)
        let open = try TestSocket.listening(.datagram, in: machine.host, on: [172, 17, 0, 1])
        let (secretPort, openPort) = (secret.port, open.port)
        try container.namespace.run {
            let raw = try RawCable("eth0")
            let source = RawCable.End(hardware: [2, 0x42, 172, 17, 0, 2], address: container.address, port: 4000)
            let bridge: [UInt8] = [2, 0x42, 172, 17, 0, 1]
            try raw.send(text, from: source, to: .init(hardware: bridge, address: address, port: secretPort))
            try raw.send(
                "allowed", from: source, to: .init(hardware: bridge, address: [172, 17, 0, 1], port: openPort))
        }
        try check(secret, open)
    }
}

/// A packet socket of packet(7): what is sent goes onto the cable as it is.
private struct RawCable: ~Copyable {
    struct End: Sendable {
        let hardware: [UInt8]
        let address: [UInt8]
        let port: UInt16
    }

    private let descriptor: Descriptor
    private let interface: UInt32

    init(_ name: String) throws {
        let index = try NetlinkSocket(.route).index(of: name) ?? 0
        let kind = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
        let number = try attempt("socket packet") { socket(17, kind, 0) }
        interface = index
        descriptor = Descriptor(number: number)
    }

    func send(_ text: String, from source: End, to target: End) throws {
        let payload = Array(text.utf8)
        var packet = Self.header(length: 28 + payload.count, source, target)
        packet += Self.word(source.port) + Self.word(target.port) + Self.word(UInt16(8 + payload.count)) + [0, 0]
        let frame = target.hardware + source.hardware + [8, 0] + packet + payload
        // sockaddr_ll: family, protocol, interface, type, packet type, length of the address, the address.
        var place: [UInt8] = [17, 0, 8, 0]
        place += withUnsafeBytes(of: interface) { Array($0) } + [0, 0, 0, 6] + target.hardware + [0, 0]
        let number = descriptor.number
        try attempt("send a frame") {
            place.withUnsafeBytes { place in
                guard let base = place.baseAddress else { return -1 }
                return sendto(
                    number, frame, frame.count, 0, base.assumingMemoryBound(to: sockaddr.self), socklen_t(place.count))
            }
        }
    }

    /// RFC 791 §3.1, with its checksum; UDP's may be zero over IPv4.
    private static func header(length: Int, _ source: End, _ target: End) -> [UInt8] {
        var bytes: [UInt8] =
            [0x45, 0] + word(UInt16(length)) + [0, 1, 0, 0, 64, 17, 0, 0] + source.address + target.address
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        bytes.replaceSubrange(10..<12, with: word(~UInt16(sum)))
        return bytes
    }

    private static func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
}
