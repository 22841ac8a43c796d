// SPDX-License-Identifier: Apache-2.0

/// A TCP or UDP port, 1 to 65535.
public struct PortNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 1 to 65535.
    public let number: UInt16

    /// Reads decimal digits, 1 to 65535.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt16(text),
            number > 0
        else { throw Malformed(text, "a port is 1 to 65535") }
        self.number = number
    }

    /// `nil` for 0.
    public init?(_ number: UInt16) {
        guard number > 0 else { return nil }
        self.number = number
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    public var description: String { "\(number)" }
}

/// What a port carries.
public enum Transport: String, Hashable, Sendable, CaseIterable {
    case tcp
    case udp

    /// Reads `tcp` or `udp`, in any case.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        guard let value = Self(rawValue: text.lowercased()) else {
            throw Malformed(text, "invalid proto: tcp and udp can be published")
        }
        self = value
    }
}

/// A port of the host that is forwarded to a port of the container.
public struct PortMapping: Hashable, Sendable {
    /// `nil` listens on every address of the host.
    public let address: IPAddress?
    /// `nil` lets the engine choose a free port when the container starts.
    public let hostPort: PortNumber?
    /// The end of a range that begins with `hostPort`, of which the engine takes the first free port when the container
    /// starts; `nil` for one port.
    public let lastHostPort: PortNumber?
    /// The port that the container's program listens on.
    public let containerPort: PortNumber
    /// TCP or UDP.
    public let transport: Transport

    /// Puts a mapping together from parts that are right by themselves; a `lastHostPort` that is not above `hostPort`
    /// makes no range.
    public init(
        address: IPAddress? = nil, hostPort: PortNumber?, lastHostPort: PortNumber? = nil, containerPort: PortNumber,
        transport: Transport = .tcp
    ) {
        self.address = address
        self.hostPort = hostPort
        self.lastHostPort = lastHostPort.flatMap { last in hostPort.flatMap { $0 < last ? last : nil } }
        self.containerPort = containerPort
        self.transport = transport
    }
}

extension PortMapping {
    /// Reads one `--publish` value, `[[address:]hostPort:]containerPort[/transport]`, where both ports may be ranges of
    /// the same length (`8000-8002:80-82`), and the host's may be one of which the first free port is taken
    /// (`8000-8010:80`); an IPv6 address stands in brackets.
    ///
    /// - SeeAlso: docker-run(1), `--publish`.
    public static func parse(_ text: Substring) throws(Malformed) -> [PortMapping] {
        let (ports, transportText) = text.cut(atFirst: "/")
        let (outside, inside) = ports.cut(beforeLast: ":")
        let (addressText, hostText) = outside?.cut(beforeLast: ":") ?? (nil, "")
        let address = try addressText.map { text throws(Malformed) in try IPAddress(parsing: text) }
        let transport = try Transport(parsing: transportText ?? "tcp")
        guard !inside.isEmpty else { throw Malformed(text, "No port specified: \(text)<empty>") }
        let container = try range(inside)
        if hostText.isEmpty {
            return try container.map { number throws(Malformed) in
                PortMapping(
                    address: address, hostPort: nil, containerPort: try PortNumber(parsing: "\(number)"),
                    transport: transport)
            }
        }
        let host = try range(hostText)
        if container.count == 1, host.count > 1, let inner = PortNumber(container.lowerBound) {
            return [
                PortMapping(
                    address: address, hostPort: PortNumber(host.lowerBound), lastHostPort: PortNumber(host.upperBound),
                    containerPort: inner, transport: transport)
            ]
        }
        guard host.count == container.count else {
            throw Malformed(
                text, "the two ranges differ in length (invalid ranges specified for container and host Ports)")
        }
        var mappings: [PortMapping] = []
        for (outer, inner) in zip(host, container) {
            mappings.append(
                PortMapping(
                    address: address, hostPort: try PortNumber(parsing: "\(outer)"),
                    containerPort: try PortNumber(parsing: "\(inner)"), transport: transport))
        }
        return mappings
    }

    /// As `--publish` takes it: `127.0.0.1:3000:80/tcp`; `tcp` is said only where `withTransport` asks for it.
    public func text(withTransport: Bool = true) -> String {
        let place = address.map { ($0.isIPv6 ? "[\($0)]" : "\($0)") + ":" } ?? ""
        let outside = hostPorts.isEmpty && place.isEmpty ? "" : hostPorts + ":"
        return "\(place)\(outside)\(containerPort)"
            + (withTransport || transport != .tcp ? "/\(transport.rawValue)" : "")
    }

    /// `3000`, or `8000-8010` for a range; empty where the engine chooses.
    public var hostPorts: String {
        guard let hostPort else { return "" }
        return lastHostPort.map { "\(hostPort)-\($0)" } ?? "\(hostPort)"
    }

    private static func range(_ text: Substring) throws(Malformed) -> ClosedRange<UInt16> {
        let (lower, upper) = text.cut(atFirst: "-")
        let first = try PortNumber(parsing: lower)
        let last = try PortNumber(parsing: upper ?? lower)
        guard first <= last else { throw Malformed(text, "a range goes from the lower port to the higher") }
        return first.number...last.number
    }
}
