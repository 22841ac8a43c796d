// SPDX-License-Identifier: Apache-2.0
import Engine

/// Published and exposed ports as a list shows them: `0.0.0.0:3000->80/tcp, [::]:3000->80/tcp, 443/tcp`.
///
/// Neighbouring ports whose numbers are the same outside and inside become a range.
///
/// - SeeAlso: docker/cli, cli/command/formatter/container.go, `DisplayablePorts`.
struct PortsText {
    private struct Line {
        let address: String
        let outside: UInt16?
        let inside: UInt16
        let transport: String
    }

    private struct Group {
        let key: String
        var first: UInt16
        var last: UInt16
    }

    let text: String

    init(_ ports: [PublishedPort]) {
        let lines = ports.flatMap(Self.lines).sorted {
            ($0.inside, $0.address, $0.outside ?? 0, $0.transport) < (
                $1.inside, $1.address, $1.outside ?? 0, $1.transport
            )
        }
        var groups: [Group] = []
        var closed: [String] = []
        var mappings: [String] = []
        for line in lines {
            if let outside = line.outside, outside != line.inside {
                mappings.append("\(line.address):\(outside)->\(line.inside)/\(line.transport)")
                continue
            }
            let key = line.address + "/" + line.transport
            guard let place = groups.firstIndex(where: { $0.key == key }) else {
                groups.append(Group(key: key, first: line.inside, last: line.inside))
                continue
            }
            if line.inside != groups[place].last &+ 1 {
                closed.append(Self.text(of: groups[place]))
                groups[place].first = line.inside
            }
            groups[place].last = line.inside
        }
        text = (closed + groups.map(Self.text) + mappings).joined(separator: ", ")
    }

    private static func text(of group: Group) -> String {
        let parts = group.key.split(separator: "/", omittingEmptySubsequences: false)
        let range = group.first == group.last ? "\(group.first)" : "\(group.first)-\(group.last)"
        return (parts[0].isEmpty ? "" : "\(parts[0]):\(range)->") + range + "/" + parts[1]
    }

    /// A port that listens on every address does so for IPv4 and for IPv6.
    private static func lines(of port: PublishedPort) -> [Line] {
        let mapping = port.mapping
        func line(_ address: String) -> Line {
            Line(
                address: address, outside: mapping.hostPort?.number, inside: mapping.containerPort.number,
                transport: mapping.transport.rawValue)
        }
        guard mapping.hostPort != nil else { return [line("")] }
        guard let address = mapping.address else { return [line("0.0.0.0"), line("[::]")] }
        return [line(address.isIPv6 ? "[\(address)]" : address.text)]
    }
}
