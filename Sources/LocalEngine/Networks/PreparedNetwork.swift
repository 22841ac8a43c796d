// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

/// What a container that is about to start needs to know about its network.
///
/// It holds the sockets of the published ports: they are closed when the last copy of this value goes, so it is kept
/// until the monitor has been spawned with them.
struct PreparedNetwork: Sendable {
    /// For the launch description.
    var network = LaunchDescription.Network.none
    /// For the launch description: one value for each socket, in the order of `descriptors`.
    var ports: [LaunchDescription.PublishedPort] = []
    /// Where the container is; `nil` without a network of its own.
    var address: IPv4Address?
    /// The ports as they are, for `ps` and `inspect`.
    var published: [PublishedPort] = []
    /// What was asked for and is not given.
    var adjustments: [Engine.Adjustment] = []

    private var sockets: [HostPort] = []

    /// The sockets, to become `MonitorPlaces.firstPortDescriptor` and so on in the monitor. They stay this value's.
    var descriptors: [Int32] { sockets.map(\.descriptor) }

    /// No network of the engine's: nothing can be published.
    init(withoutBridge network: LaunchDescription.Network, ports: [PortMapping]) {
        self.network = network
        // Docker discards them too, and says so: with the host's network the program's ports are the host's anyway.
        adjustments = ports.map {
            Engine.Adjustment(kind: .other, name: "publish", asked: $0.text(), given: "")
        }
    }

    /// A place on the bridge.
    init(end: LaunchDescription.NetworkEnd, address: IPv4Address, sockets: [HostPort]) {
        network = .end(end)
        self.address = address
        self.sockets = sockets
        ports = sockets.map { socket in
            var port = LaunchDescription.PublishedPort()
            port.hostAddress = socket.address.bytes
            port.hostPort = socket.port.number
            port.containerAddress = address.bytes
            port.containerPort = socket.containerPort.number
            port.transport = socket.transport == .tcp ? .tcp : .udp
            return port
        }
        published = sockets.map {
            PublishedPort(
                PortMapping(
                    address: $0.address, hostPort: $0.port, containerPort: $0.containerPort, transport: $0.transport))
        }
    }
}
