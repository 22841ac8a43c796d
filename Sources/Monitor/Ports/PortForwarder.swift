// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// Forwards what reaches the host's sockets of published ports into the container.
///
/// Packets from outside do not come here: the firewall sends them to the container. What does is 127.0.0.1, which the
/// firewall could serve only by opening the host's loopback to containers, and IPv6, which the container does not have.
///
/// The monitor's loop watches `descriptor`, and calls `advance` when it is readable: one descriptor, however many
/// connections there are. The process has to ignore SIGPIPE, which splice(2) has no flag against.
final class PortForwarder {
    /// What a ready descriptor belongs to. On epoll's side one number: the kind above, which one below.
    private enum Place {
        case streams(Int)
        case datagrams(Int)
        case relay(UInt64)
        case flow(door: Int, UInt64)
        case clock

        private static let numberBits: UInt64 = 40

        var token: UInt64 {
            switch self {
            case .streams(let door): 1 << 60 | UInt64(door)
            case .datagrams(let door): 2 << 60 | UInt64(door)
            case .relay(let number): 3 << 60 | number
            case .flow(let door, let number): 4 << 60 | UInt64(door) << Self.numberBits | number
            case .clock: 5 << 60
            }
        }

        init?(token: UInt64) {
            let rest = token & (1 << 60 - 1)
            switch token >> 60 {
            case 1: self = .streams(Int(rest))
            case 2: self = .datagrams(Int(rest))
            case 3: self = .relay(rest)
            case 4: self = .flow(door: Int(rest >> Self.numberBits), rest & (1 << Self.numberBits - 1))
            case 5: self = .clock
            default: return nil
            }
        }
    }

    /// A listening socket and where its connections go.
    private final class StreamDoor {
        let socket: InternetSocket
        let target: InternetAddress
        init(_ socket: consuming InternetSocket, target: InternetAddress) {
            self.socket = socket
            self.target = target
        }
    }

    private let epoll: Epoll
    private let clock: AlarmClock
    private var streams: [StreamDoor] = []
    private var datagrams: [DatagramDoor] = []
    private var relays: [UInt64: StreamRelay] = [:]
    private var lastRelay: UInt64 = 0
    private var pipes = PipePool()
    private var isClockSet = false
    /// Set while no descriptor is left for another connection.
    private var isPaused = false
    private var mayOpenMore = false

    private static let edges: Epoll.Events = [.readable, .writable, .once]
    private static let acceptsAtOnce = 32
    private static let clockPeriod = 15

    /// Takes over the sockets that the monitor was born with, `MonitorPlaces.firstPortDescriptor` and those after it,
    /// and has execve(2) close them from now on.
    init(
        _ ports: [LaunchDescription.PublishedPort], firstDescriptor: Int32 = MonitorPlaces.firstPortDescriptor
    ) throws(SystemError) {
        epoll = try Epoll()
        clock = try AlarmClock()
        try epoll.add(clock.descriptor, .readable, token: Place.clock.token)
        for (position, port) in ports.enumerated() {
            let number = firstDescriptor + Int32(position)
            guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
                throw SystemError(step: "take over port \(port.hostPort)", number: errno)
            }
            let socket = InternetSocket(Descriptor(number: number))
            let target = InternetAddress(bytes: port.containerAddress, port: port.containerPort)
            switch port.transport {
            case .tcp:
                let door = StreamDoor(socket, target: target)
                try epoll.add(door.socket.descriptor, .readable, token: Place.streams(streams.count).token)
                streams.append(door)
            case .udp:
                let door = DatagramDoor(socket, target: target)
                try epoll.add(door.socket.descriptor, .readable, token: Place.datagrams(datagrams.count).token)
                datagrams.append(door)
            }
        }
    }

    /// Readable whenever there is something to do.
    var descriptor: Int32 { epoll.descriptor.number }

    /// How many connections are forwarded just now.
    var connections: Int { relays.count }

    /// Does what can be done without waiting. What goes wrong with one connection ends that one only.
    func advance() {
        // A failure here would be this program's own; the loop comes back when there is something.
        guard let ready = try? epoll.ready(limit: 64) else { return }
        for (token, _) in ready {
            switch Place(token: token) {
            case .streams(let door): welcome(at: streams[door])
            case .datagrams(let door): receive(at: door)
            case .relay(let number): advance(relay: number)
            case .flow(let door, let number): datagrams[door].answer(flow: number)
            case .clock: tick()
            case nil: break
            }
        }
    }

    private func welcome(at door: StreamDoor) {
        if !mayOpenMore {
            mayOpenMore = true
            Self.allowMoreDescriptors()
        }
        for _ in 0..<Self.acceptsAtOnce {
            do throws(SystemError) {
                guard let client = try door.socket.accept() else { return }
                begin(client, to: door.target)
            } catch {
                return pause()
            }
        }
    }

    private func begin(_ client: consuming InternetSocket, to target: InternetAddress) {
        do throws(SystemError) {
            let server = try InternetSocket.connecting(.stream, to: target)
            lastRelay += 1
            let relay = StreamRelay(client: client, server: server)
            let token = Place.relay(lastRelay).token
            try epoll.add(relay.client.descriptor, Self.edges, token: token)
            try epoll.add(relay.server.descriptor, Self.edges, token: token)
            relays[lastRelay] = relay
        } catch {
            // The client sees its connection end, as it would if the container refused it; the log is the program's.
        }
    }

    private func advance(relay number: UInt64) {
        guard let relay = relays[number] else { return }
        switch relay.advance(with: &pipes) {
        case .waits: break
        case .hasMore:
            // Changing it makes epoll tell once more, after the others that are ready.
            let token = Place.relay(number).token
            do throws(SystemError) {
                try epoll.change(relay.client.descriptor, Self.edges, token: token)
                try epoll.change(relay.server.descriptor, Self.edges, token: token)
            } catch {
                relays[number] = nil
            }
        case .over:
            relays[number] = nil
            if isPaused { resume() }
        }
    }

    private func receive(at door: Int) {
        datagrams[door].receive { flow, number throws(SystemError) in
            try epoll.add(flow, .readable, token: Place.flow(door: door, number).token)
        }
        setClock()
    }

    private func tick() {
        clock.acknowledge()
        isClockSet = false
        for door in datagrams { door.dropIdleFlows() }
        if isPaused { resume() }
        setClock()
    }

    private func setClock() {
        guard !isClockSet, isPaused || datagrams.contains(where: { !$0.isIdle }) else { return }
        clock.set(seconds: isPaused ? 1 : Self.clockPeriod)
        isClockSet = true
    }

    /// Leaves new connections in the kernel's queue until a descriptor is free again.
    private func pause() {
        isPaused = true
        watchStreams([])
        isClockSet = false
        setClock()
    }

    private func resume() {
        isPaused = false
        watchStreams(.readable)
    }

    private func watchStreams(_ events: Epoll.Events) {
        for (position, door) in streams.enumerated() {
            // It can only fail for a descriptor that is not watched, and these are from the first moment.
            try? epoll.change(door.socket.descriptor, events, token: Place.streams(position).token)
        }
    }

    /// A connection takes two descriptors: uses the whole of what the machine allows. The container's own limit was set
    /// when it started.
    private static func allowMoreDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
