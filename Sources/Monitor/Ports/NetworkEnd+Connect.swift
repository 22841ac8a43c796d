// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension LaunchDescription.NetworkEnd {
    /// Makes the pair: one end a port of the bridge, up; the other in the container's namespace. To be called in the
    /// host's network namespace.
    ///
    /// - Parameter namespace: an open descriptor of the container's network namespace.
    /// - Throws: the message that failed, with errno; ENODEV when the bridge is not there.
    func connect(toNamespace namespace: borrowing Descriptor) throws(SystemError) {
        let socket = try NetlinkSocket(.route)
        guard let bridge = socket.index(of: bridge) else {
            throw SystemError(step: "look for bridge \(bridge)", number: ENODEV)
        }
        var batch = NetlinkBatch()
        batch.create(
            VethPair(
                hostName: hostInterface, peerName: containerInterface, peerHardwareAddress: hardwareAddress,
                bridge: bridge, mtu: mtu),
            peerNamespace: namespace.number)
        try socket.perform(batch)
    }

    /// Raises the loopback interface and the container's end, with its addresses and routes. To be called in the
    /// container's network namespace, after `connect`.
    ///
    /// - Throws: the message that failed, with errno.
    func configure() throws(SystemError) {
        let socket = try NetlinkSocket(.route)
        guard let index = socket.index(of: containerInterface) else {
            throw SystemError(step: "look for \(containerInterface)", number: ENODEV)
        }
        var batch = NetlinkBatch()
        batch.raiseLoopback()
        batch.raise(
            index: index, name: containerInterface, hasLinkLocalAddress: addresses.contains { $0.bytes.count == 16 })
        for address in addresses {
            batch.addAddress(address.bytes, prefixLength: address.prefix, index: index)
        }
        for gateway in gateways { batch.addDefaultRoute(gateway: gateway, index: index) }
        try socket.perform(batch)
    }
}

extension LaunchDescription.Network {
    /// Raises the loopback interface of a namespace that has nothing else. To be called in that namespace.
    static func raiseLoopback() throws(SystemError) {
        var batch = NetlinkBatch()
        batch.raiseLoopback()
        try NetlinkSocket(.route).perform(batch)
    }
}
