// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// A UDP socket of the host whose datagrams go to the container, and the answers back.
///
/// UDP has no connections, so each client gets a socket of its own towards the container, by which its answers are told
/// from others'; it is forgotten after a while without a datagram.
final class DatagramDoor {
    /// One client.
    private final class Flow {
        let socket: InternetSocket
        let route: DatagramRoute
        var lastUse: Int

        init(_ socket: consuming InternetSocket, route: DatagramRoute, lastUse: Int) {
            self.socket = socket
            self.route = route
            self.lastUse = lastUse
        }
    }

    /// Takes what comes to the host.
    let socket: InternetSocket
    private let target: InternetAddress
    private var flows: [UInt64: Flow] = [:]
    private var numbers: [DatagramRoute: UInt64] = [:]
    private var lastFlow: UInt64 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    /// Docker's proxy has the same.
    private static let idleSeconds = 90
    private static let mostFlows = 1024
    private static let datagramsAtOnce = 64

    /// Takes over a bound socket.
    init(_ socket: consuming InternetSocket, target: InternetAddress) {
        self.socket = socket
        self.target = target
    }

    deinit { buffer.deallocate() }

    /// Whether there is no client to be forgotten.
    var isIdle: Bool { flows.isEmpty }

    /// Passes on what has come; a client's first datagram makes its flow, which `watch` is told of.
    func receive(watch: (borrowing Descriptor, UInt64) throws(SystemError) -> Void) {
        for _ in 0..<Self.datagramsAtOnce {
            do throws(SystemError) {
                guard let (count, route) = try socket.receive(into: buffer) else { return }
                let flow = try flow(for: route, watch: watch)
                try flow.socket.send(part(count))
            } catch {
                // A datagram may be lost: nobody listens in the container yet, or no descriptor is left.
                continue
            }
        }
    }

    /// Passes the container's answers back to the client of a flow.
    func answer(flow number: UInt64) {
        guard let flow = flows[number] else { return }
        for _ in 0..<Self.datagramsAtOnce {
            do throws(SystemError) {
                guard let (count, _) = try flow.socket.receive(into: buffer) else { return }
                flow.lastUse = Self.now
                try socket.send(part(count), back: flow.route)
            } catch {
                // ECONNREFUSED: nobody listens in the container; another datagram may find somebody.
                continue
            }
        }
    }

    /// Forgets clients that were silent for long.
    func dropIdleFlows() {
        let now = Self.now
        for (number, flow) in flows where now - flow.lastUse >= Self.idleSeconds { drop(number, flow) }
    }

    private func part(_ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    }

    private func flow(
        for route: DatagramRoute, watch: (borrowing Descriptor, UInt64) throws(SystemError) -> Void
    ) throws(SystemError) -> Flow {
        if let number = numbers[route], let flow = flows[number] {
            flow.lastUse = Self.now
            return flow
        }
        if flows.count >= Self.mostFlows, let oldest = flows.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            drop(oldest.key, oldest.value)
        }
        let flow = Flow(try .connecting(.datagram, to: target), route: route, lastUse: Self.now)
        lastFlow += 1
        try watch(flow.socket.descriptor, lastFlow)
        flows[lastFlow] = flow
        numbers[route] = lastFlow
        return flow
    }

    private func drop(_ number: UInt64, _ flow: Flow) {
        flows[number] = nil
        numbers[flow.route] = nil
    }

    /// Seconds of a clock that nobody sets.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
