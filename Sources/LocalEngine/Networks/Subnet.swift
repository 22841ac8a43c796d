// SPDX-License-Identifier: Apache-2.0

import Engine

/// An IPv4 address as a number: addresses of a network are counted.
struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// In the order of the machine: 10.0.0.1 is 0x0a000001.
    let number: UInt32

    init(_ number: UInt32) { self.number = number }

    /// Four bytes in network order; `nil` for any other number of them.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        number = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// In network order.
    var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    /// Docker's: `02:42` and the address, so that an address that is given again brings no stale neighbour with it.
    var hardwareAddress: [UInt8] { [0x02, 0x42] + bytes }

    var description: String { bytes.map { "\($0)" }.joined(separator: ".") }
}

/// A range of IPv4 addresses that share their first bits.
struct Subnet: Hashable, Sendable, CustomStringConvertible {
    /// The first address, all zero after the prefix.
    let base: IPv4Address
    /// 0 to 32.
    let prefixLength: UInt8

    /// The subnet around an address.
    init(_ address: IPv4Address, prefixLength: UInt8) {
        self.prefixLength = min(prefixLength, 32)
        base = IPv4Address(address.number & Self.mask(self.prefixLength))
    }

    /// Reads `172.17.0.0/20`; `nil` for anything else.
    init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let bytes = try? IPAddress(parsing: parts[0]).bytes,  // nil says so
            let address = IPv4Address(bytes: bytes), let prefixLength = UInt8(parts[1]), prefixLength <= 32
        else { return nil }
        self.init(address, prefixLength: prefixLength)
    }

    /// The address that the bridge has, and where containers send what is not for the network.
    var gateway: IPv4Address { IPv4Address(base.number + 1) }

    /// What containers can have: all but the network's own, the gateway and the broadcast address.
    var pool: ClosedRange<IPv4Address> { IPv4Address(base.number + 2)...IPv4Address(last.number - 1) }

    /// Whether an address is in both.
    func overlaps(_ other: Subnet) -> Bool { base <= other.last && other.base <= last }

    var description: String { "\(base)/\(prefixLength)" }

    private var last: IPv4Address { IPv4Address(base.number | ~Self.mask(prefixLength)) }

    private static func mask(_ prefixLength: UInt8) -> UInt32 {
        prefixLength == 0 ? 0 : ~UInt32(0) << (32 - UInt32(prefixLength))
    }

    /// Where bridges look for room, in this order: Docker's ranges in pieces of 4,096 addresses, more than a bridge has
    /// ports, so that there are many.
    static let candidates: [Subnet] =
        (17...31).flatMap { second in pieces(of: Subnet(IPv4Address(172 << 24 | second << 16), prefixLength: 16)) }
        + pieces(of: Subnet(IPv4Address(192 << 24 | 168 << 16), prefixLength: 16))

    private static func pieces(of range: Subnet) -> [Subnet] {
        (0..<16).map { Subnet(IPv4Address(range.base.number | $0 << 12), prefixLength: 20) }
    }
}
