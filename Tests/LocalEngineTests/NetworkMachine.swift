// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import MonitorProtocol
import Synchronization
import TestSupport

@testable import LocalEngine
@testable import Monitor

/// A machine of a test's own: a host whose one cable leads to the world outside. Everything on it, rules and bridges
/// too, goes with its namespaces.
final class NetworkMachine: Sendable {
    let host: NetworkNamespace
    let outside: NetworkNamespace

    static let hostAddress: [UInt8] = [203, 0, 113, 1]
    static let outsideAddress: [UInt8] = [203, 0, 113, 2]
    static let loopback: [UInt8] = [127, 0, 0, 1]
    static let loopback6: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]

    init(mtu: UInt32 = 1500) throws {
        host = try NetworkNamespace()
        outside = try NetworkNamespace()
        try host.join(outside, name: "out0", near: Self.hostAddress, far: Self.outsideAddress, mtu: mtu)
        try host.run {
            let route = try NetlinkSocket(.route)
            var batch = NetlinkBatch()
            batch.addDefaultRoute(gateway: Self.outsideAddress, index: route.index(of: "out0") ?? 0)
            try route.perform(batch)
        }
    }

    /// Has the world outside send what is for these addresses to the host.
    func routeFromOutside() throws {
        try outside.run {
            let route = try NetlinkSocket(.route)
            var batch = NetlinkBatch()
            batch.addDefaultRoute(gateway: Self.hostAddress, index: route.index(of: "out0") ?? 0)
            try route.perform(batch)
        }
    }

    /// A root's network on this machine, in a directory that is removed afterwards.
    @discardableResult
    func withNetworks<Value>(_ body: (NetworkRoot) async throws -> Value) async throws -> Value {
        try await TemporaryEngineRoots.scoped { roots in
            let paths = EnginePaths(root: roots.root, runRoot: roots.run)
            let root = try NetworkRoot(LocalNetworks(paths: paths, database: EngineDatabase(paths: paths)), on: host)
            return try await body(root)
        }
    }

    /// Runs rules through libnftables on the host.
    @discardableResult
    func nft(_ text: String) throws -> String { try host.run { try Nftables.run(text) } }

    /// Writes below /proc/sys of the host.
    func set(_ name: String, _ value: String) throws {
        try host.run { try Descriptor(opening: "/proc/sys/\(name)", O_WRONLY).writeAll(value.utf8) }
    }
}

/// A root's network, as the engine and its monitors use it.
final class NetworkRoot: Sendable {
    let networks: LocalNetworks
    let host: NetworkNamespace

    init(_ networks: LocalNetworks, on host: NetworkNamespace) {
        self.networks = networks
        self.host = host
    }

    /// Prepares a container's network and connects a namespace to it, as a monitor would.
    func start(
        _ id: ContainerID = .random(), name: String = "web", publishing ports: [String] = []
    ) throws -> NetworkedContainer {
        let mappings = try ports.flatMap { try PortMapping.parse($0[...]) }
        let (networks, host) = (networks, host)
        let prepared = try host.run {
            try networks.prepare(id, name: name, choice: .standard, ports: mappings)
        }
        let namespace = try NetworkNamespace()
        guard case .end(let end) = prepared.network, let address = prepared.address else {
            throw SystemError(step: "prepare a connection", number: ENOTCONN)
        }
        try host.run { try end.connect(toNamespace: namespace.descriptor) }
        return try NetworkedContainer(id, prepared, namespace, address.bytes, root: self)
    }

    /// What `release` does, on the host.
    func release(_ id: ContainerID) throws {
        let networks = networks
        try host.run { try networks.release(id) }
    }

    /// What `check` finds when nothing of these is in use.
    func check(mend: Bool, inUse: [ContainerID] = []) throws -> [CheckFinding] {
        let networks = networks
        let used = Set(inUse.map(\.text))
        return try host.run { try networks.check(mend: mend) { used.contains($0) } }
    }

    func elements() throws -> Set<String> {
        let networks = networks
        return try host.run { try networks.firewall.elements() }
    }

    func interface(_ name: String) throws -> NetworkInterface? {
        try host.run { try NetlinkSocket(.route).interface(named: name) }
    }
}

/// A namespace that is connected, with the forwarder that its monitor would have.
final class NetworkedContainer: Sendable {
    let id: ContainerID
    let prepared: PreparedNetwork
    let namespace: NetworkNamespace
    let address: [UInt8]
    private let forwarder: BackgroundThread
    private let stop: Pipe

    init(
        _ id: ContainerID, _ prepared: PreparedNetwork, _ namespace: NetworkNamespace, _ address: [UInt8],
        root: NetworkRoot
    ) throws {
        self.id = id
        self.prepared = prepared
        self.namespace = namespace
        self.address = address
        let pipe = try Pipe()
        let (stopping, host, ports) = (pipe.reading.number, root.host, prepared.ports)
        let descriptors = try Self.inARow(prepared.descriptors)
        stop = pipe
        signal(SIGPIPE, SIG_IGN)  // as the monitor does
        forwarder = BackgroundThread {
            // A failure shows as connections that nobody answers.
            try? host.run {
                let forwarder = try PortForwarder(ports, firstDescriptor: descriptors)
                while true {
                    var entries = [
                        pollfd(fd: forwarder.descriptor, events: Int16(POLLIN), revents: 0),
                        pollfd(fd: stopping, events: Int16(POLLIN), revents: 0),
                    ]
                    poll(&entries, 2, -1)
                    if entries[1].revents != 0 { return }
                    forwarder.advance()
                }
            }
        }
    }

    deinit {
        // One byte always fits into an empty pipe.
        try? stop.writing.writeAll([0])
        forwarder.join()
    }

    /// The host port that leads to a port of this container.
    func hostPort(_ containerPort: UInt16) -> UInt16 {
        prepared.published.first { $0.mapping.containerPort.number == containerPort }?.mapping.hostPort?.number ?? 0
    }

    /// A listening socket inside.
    func listening(_ port: UInt16 = 80, _ kind: InternetSocket.Kind = .stream) throws -> TestSocket {
        try .listening(kind, in: namespace, port: port)
    }

    /// Copies of the descriptors with numbers that follow each other, as a spawned monitor has them.
    private static func inARow(_ descriptors: [Int32]) throws -> Int32 {
        // High numbers, so that nothing else of this process takes one between.
        let first = places.withLock { place in
            defer { place += Int32(descriptors.count) }
            return place
        }
        for (offset, descriptor) in descriptors.enumerated() {
            try attempt("dup2") { dup2(descriptor, first + Int32(offset)) }
        }
        return first
    }

    private static let places = Mutex<Int32>(10_000)
}
