// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension LaunchDescription.NetworkEnd {
    /// Connects a container's network namespace to its bridge: the pair of interfaces, and inside the loopback
    /// interface, addresses and routes. When this returns, packets pass.
    ///
    /// To be called by a single-threaded process in the host's network namespace: it goes into the other one and comes
    /// back.
    /// - Parameter namespace: an open descriptor of the container's network namespace.
    /// - Throws: the message that failed, with errno; ENODEV when the bridge is not there.
    func connect(toNamespace namespace: borrowing Descriptor) throws(SystemError) {
        let outside = try NetlinkSocket(.route)
        guard let bridge = outside.index(of: bridge) else {
            throw SystemError(step: "look for bridge \(bridge)", number: ENODEV)
        }
        var batch = NetlinkBatch()
        batch.create(
            VethPair(
                hostName: hostInterface, peerName: containerInterface, peerHardwareAddress: hardwareAddress,
                bridge: bridge, mtu: mtu),
            peerNamespace: namespace.number)
        try outside.perform(batch)
        try Namespaces.whileInNetwork(namespace) { () throws(SystemError) in try configure() }
        try waitUntilForwarding(outside)
    }

    private func configure() throws(SystemError) {
        let inside = try NetlinkSocket(.route)
        guard let index = inside.index(of: containerInterface) else {
            throw SystemError(step: "look for \(containerInterface)", number: ENODEV)
        }
        var batch = NetlinkBatch()
        batch.raiseLoopback()
        let hasIPv6 = addresses.contains { $0.bytes.count == 16 }
        batch.raise(index: index, name: containerInterface, hasLinkLocalAddress: hasIPv6)
        for address in addresses {
            batch.addAddress(address.bytes, prefixLength: address.prefix, index: index)
        }
        for gateway in gateways { batch.addDefaultRoute(gateway: gateway, index: index) }
        try inside.perform(batch)
    }

    /// The kernel notes a carrier at once and acts on it a little later: a first packet that came between would be
    /// lost, and its sender would wait a second before the next.
    private func waitUntilForwarding(_ outside: borrowing NetlinkSocket) throws(SystemError) {
        // Since Linux 6.8 the question itself makes the kernel act, so that the first answer is the last.
        for _ in 0..<Self.patience {
            guard let port = try outside.interface(named: hostInterface), !port.isForwarding else { return }
            usleep(Self.pause)
        }
    }

    private static let patience = 500
    private static let pause: UInt32 = 200
}

extension LaunchDescription.Network {
    /// Raises the loopback interface of a namespace that has nothing else. To be called in that namespace.
    static func raiseLoopback() throws(SystemError) {
        var batch = NetlinkBatch()
        batch.raiseLoopback()
        try NetlinkSocket(.route).perform(batch)
    }
}
