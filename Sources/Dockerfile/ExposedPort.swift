// SPDX-License-Identifier: Apache-2.0

/// A port that EXPOSE names.
public struct ExposedPort: Hashable, Sendable, CustomStringConvertible {
    /// 0 to 65535.
    public let number: UInt16
    /// `tcp`, `udp` or `sctp`.
    public let transport: String

    /// `80/tcp`, as the configuration of an image has it.
    public var description: String { "\(number)/\(transport)" }

    /// Reads an expanded word of EXPOSE: `80`, `80/udp`, `8000-8010`.
    ///
    /// An address and a port of the host before it are read and mean nothing.
    public static func parse(_ word: Word) throws(DockerfileError) -> [ExposedPort] {
        let parts = Parts(word.text)
        func failure(_ message: String) -> DockerfileError {
            DockerfileError("invalid port: \(word.text.quoted): \(message)", word.span)
        }
        guard !parts.port.isEmpty else { throw failure("no port specified: \(word.text)<empty>") }
        let transport = parts.transport.isEmpty ? "tcp" : parts.transport.lowercased()
        guard ["tcp", "udp", "sctp"].contains(transport) else { throw failure("invalid proto: \(transport)") }
        guard let range = range(parts.port) else { throw failure("invalid containerPort: \(parts.port)") }
        if !parts.hostPort.isEmpty {
            guard let host = Self.range(parts.hostPort) else { throw failure("invalid hostPort: \(parts.hostPort)") }
            guard range.count == host.count || range.count == 1 else {
                throw failure(
                    "invalid ranges specified for container and host Ports: \(parts.port) and \(parts.hostPort)")
            }
        }
        return range.map { ExposedPort(number: $0, transport: transport) }
    }

    private static func range(_ text: String) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, ends.allSatisfy({ $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }),
            let first = ends.first.flatMap({ UInt16($0) }), let last = ends.last.flatMap({ UInt16($0) }), first <= last
        else { return nil }
        return first...last
    }

    /// The parts of `[address:]hostPort:port/transport`.
    struct Parts {
        let address: String
        let hostPort: String
        let port: String
        let transport: String

        init(_ text: String) {
            let pieces = text.split(separator: ":", omittingEmptySubsequences: false)
            let (port, transport) = (pieces.last ?? "").cut(atFirst: "/")
            self.port = String(port)
            self.transport = String(transport ?? "")
            hostPort = pieces.count > 1 ? String(pieces[pieces.count - 2]) : ""
            address = pieces.dropLast(2).joined(separator: ":")
        }
    }
}
