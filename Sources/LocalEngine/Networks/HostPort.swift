// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// A bound socket of the host: it keeps the port from everybody else for as long as it lives.
final class HostPort: Sendable {
    /// Where it is bound.
    let address: IPAddress
    /// As chosen, by the request or by the kernel.
    let port: PortNumber
    let containerPort: PortNumber
    let transport: Transport
    private let socket: InternetSocket

    /// The descriptor, which stays this value's.
    var descriptor: Int32 { socket.descriptor.number }

    private init(
        _ socket: consuming InternetSocket, address: IPAddress, port: PortNumber, containerPort: PortNumber,
        transport: Transport
    ) {
        self.socket = socket
        self.address = address
        self.port = port
        self.containerPort = containerPort
        self.transport = transport
    }
}

/// A port that could not be had.
struct PortRefusal: Error {
    /// What was asked for.
    let mapping: PortMapping
    let address: IPAddress
    let port: PortNumber?
    let transport: Transport
    /// errno.
    let number: Int32
    /// Whether this very request has asked for the port before.
    let isOwn: Bool
}

extension HostPort {
    /// Binds every port of a request, for an address that is not given on all of IPv4 and, where the kernel has it,
    /// all of IPv6, with one number for both.
    ///
    /// - Throws: the first port that cannot be had; then none is kept.
    static func open(_ mappings: [PortMapping]) throws(PortRefusal) -> [HostPort] {
        var open: [HostPort] = []
        for mapping in mappings {
            do throws(PortRefusal) {
                open += try sockets(for: mapping)
            } catch {
                let isOwn = open.contains { $0.port == error.port && $0.transport == error.transport }
                throw PortRefusal(
                    mapping: mapping, address: error.address, port: error.port, transport: error.transport,
                    number: error.number, isOwn: isOwn)
            }
        }
        return open
    }

    private static func sockets(for mapping: PortMapping) throws(PortRefusal) -> [HostPort] {
        guard let first = mapping.hostPort else { return try chosen(for: mapping) }
        guard let last = mapping.lastHostPort else { return try bound(mapping, first) }
        for number in first.number..<last.number {
            do throws(PortRefusal) {
                return try bound(mapping, PortNumber(number))
            } catch {
                if error.number != EADDRINUSE { throw error }
            }
        }
        return try bound(mapping, last)
    }

    /// The port of the host that a person could take instead of one that is taken: the next that is free just now, past
    /// 8000 for one below 1024. `nil` where none of the next hundred is.
    static func free(insteadOf mapping: PortMapping, besides others: [PortMapping]) -> PortNumber? {
        guard let asked = mapping.lastHostPort ?? mapping.hostPort else { return nil }
        let first = Int(asked.number) < 1024 ? Int(asked.number) + 8000 : Int(asked.number) + 1
        let taken = others.filter { $0.transport == mapping.transport }.flatMap { other in
            other.hostPort.map { [$0.number...(other.lastHostPort ?? $0).number] } ?? []
        }
        for number in first..<first + 100 {
            guard let number = UInt16(exactly: number), !taken.contains(where: { $0.contains(number) }),
                let port = PortNumber(number)
            else { continue }
            // Any refusal means that it is not free.
            if (try? bound(mapping, port)) != nil { return port }
        }
        return nil
    }

    /// How often another number is tried when IPv6 does not have the one that IPv4 chose.
    private static let choices = 16

    private static func chosen(for mapping: PortMapping) throws(PortRefusal) -> [HostPort] {
        for _ in 1..<choices {
            do throws(PortRefusal) {
                return try bound(mapping, nil)
            } catch {
                if error.number != EADDRINUSE || error.port == nil { throw error }
            }
        }
        return try bound(mapping, nil)
    }

    private static func bound(_ mapping: PortMapping, _ port: PortNumber?) throws(PortRefusal) -> [HostPort] {
        if let address = mapping.address { return [try bind(mapping, address, port)] }
        let first = try bind(mapping, .everyIPv4, port)
        do throws(PortRefusal) {
            return [first, try bind(mapping, .everyIPv6, first.port)]
        } catch {
            // A machine without IPv6 publishes on IPv4 alone, as Docker does.
            if error.number == EAFNOSUPPORT || error.number == EADDRNOTAVAIL { return [first] }
            throw error
        }
    }

    private static func bind(
        _ mapping: PortMapping, _ address: IPAddress, _ port: PortNumber?
    ) throws(PortRefusal) -> HostPort {
        do throws(SystemError) {
            let socket = try InternetSocket.bound(
                mapping.transport == .tcp ? .stream : .datagram,
                to: InternetAddress(bytes: address.bytes, port: port?.number ?? 0))
            guard let number = port ?? socket.localAddress.flatMap({ PortNumber($0.port) }) else {
                throw SystemError(step: "getsockname", number: EINVAL)
            }
            return HostPort(
                socket, address: address, port: number, containerPort: mapping.containerPort,
                transport: mapping.transport)
        } catch {
            throw PortRefusal(
                mapping: mapping, address: address, port: port, transport: mapping.transport, number: error.number,
                isOwn: false)
        }
    }
}
