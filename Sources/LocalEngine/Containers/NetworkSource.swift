// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

/// What containers ask of the networks.
protocol NetworkSource: Sendable {
    /// Gives a container its place: an address in the database, the bridge and its rules, the sockets and rules of its
    /// published ports.
    ///
    /// - Throws: `.conflict` when a port is in use; then nothing is kept.
    func prepare(_ id: ContainerID, _ request: ContainerRequest) throws -> NetworkPlan

    /// Takes back what `prepare` gave; doing it again does nothing.
    func release(_ id: ContainerID) throws

    /// Where a container is now.
    func attachment(_ id: ContainerID, _ choice: NetworkChoice) throws -> NetworkAttachment
}

/// What a start needs to know about a container's network. It holds the sockets of published ports while it lives.
struct NetworkPlan: Sendable {
    var network = LaunchDescription.Network.none
    var ports: [LaunchDescription.PublishedPort] = []
    /// Bound sockets in the order of `ports`; they stay the plan's.
    var descriptors: [Int32] = []
    /// `nil` without a network of its own.
    var address: IPAddress?
    /// The ports as they are, for `ps` and `inspect`.
    var published: [PublishedPort] = []
    var adjustments: [Engine.Adjustment] = []
}

/// Knows the two choices that need no bridge.
struct NoNetworks: NetworkSource {
    func prepare(_ id: ContainerID, _ request: ContainerRequest) throws -> NetworkPlan {
        var plan = NetworkPlan()
        if request.network == .host { plan.network = .host }
        return plan
    }

    func release(_ id: ContainerID) throws {}

    func attachment(_ id: ContainerID, _ choice: NetworkChoice) throws -> NetworkAttachment {
        NetworkAttachment(network: choice.name, address: nil, prefixLength: 0, gateway: nil, hardwareAddress: "")
    }
}
