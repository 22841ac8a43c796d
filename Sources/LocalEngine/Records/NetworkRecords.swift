// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB

/// A container's place on a network: kept from before its interface is made until its end is settled.
struct NetworkLease: Hashable, Sendable {
    /// The container's 64 digits.
    var container: String
    /// The network's name.
    var network: String
    var address: IPv4Address
    /// The host's end of its pair of interfaces.
    var interface: String
}

/// A published port: an address and port of the host, and the address and port that packets go on to.
struct PortRecord: Hashable, Sendable {
    var container: String
    var transport: Transport
    var hostAddress: IPAddress
    var hostPort: PortNumber
    var containerAddress: IPv4Address
    var containerPort: PortNumber
}

extension EngineDatabase {
    /// Ports that come and go, inside the transaction that writes them down.
    struct PortChange {
        var removed: [PortRecord] = []
        var added: [PortRecord] = []
        /// Every port that there is after the change.
        let everything: () throws -> [PortRecord]
    }

    /// Gives a container the lowest free address of `pool` and writes down its ports.
    ///
    /// Whoever comes here holds the ports' sockets. So other rows for these ports belong to containers that are dead
    /// and not yet settled, and are removed; so is what this container had before.
    /// - Parameter apply: changes the firewall; nobody else on this root changes it meanwhile, and what it throws
    ///   undoes everything. Called only when ports come or go.
    /// - Returns: the address; `nil` when the pool is exhausted.
    func lease(
        _ container: String, network: String, interface: String, from pool: ClosedRange<IPv4Address>,
        ports: [PortRecord], apply: (PortChange) throws -> Void
    ) throws -> IPv4Address? {
        try write(.process) { database in
            var change = PortChange { try Self.ports(of: nil, database) }
            change.removed = try Self.remove(container, database)
            guard let address = try Self.lowestFree(network, pool, database) else { return nil }
            try database.execute(
                sql: "INSERT INTO address (container, network, address, interface) VALUES (?, ?, ?, ?)",
                arguments: [container, network, address.number, interface])
            for var port in ports {
                port.containerAddress = address
                change.removed += try Self.removeStale(port, database)
                try database.execute(
                    sql: """
                        INSERT INTO publishedPort (container, transport, hostAddress, hostPort, containerPort)
                        VALUES (?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        container, port.transport.rawValue, port.hostAddress.text, Int(port.hostPort.number),
                        Int(port.containerPort.number),
                    ])
                change.added.append(port)
            }
            if !change.removed.isEmpty || !change.added.isEmpty { try apply(change) }
            return address
        }
    }

    /// Takes back what a container had; nothing when it has nothing.
    ///
    /// - Parameter apply: as for `lease`; called only when there were ports.
    /// - Returns: its address and the ports it had.
    @discardableResult
    func endLease(_ container: String, apply: (PortChange) throws -> Void) throws -> (NetworkLease, [PortRecord])? {
        guard try leases(of: container).first != nil else { return nil }
        return try write(.process) { database in
            guard let lease = try Self.leases(of: container, database).first else { return nil }
            var change = PortChange { try Self.ports(of: nil, database) }
            change.removed = try Self.remove(container, database)
            if !change.removed.isEmpty { try apply(change) }
            return (lease, change.removed)
        }
    }

    /// Every container's place, or one's.
    func leases(of container: String? = nil) throws -> [NetworkLease] {
        try read { try Self.leases(of: container, $0) }
    }

    /// Every published port, or one container's, in the order of ports.
    func publishedPorts(of container: String? = nil) throws -> [PortRecord] {
        try read { try Self.ports(of: container, $0) }
    }

    /// The name of a container; `nil` where this root has none of that id.
    func containerName(of id: String) throws -> String? {
        try read { try String.fetchOne($0, sql: "SELECT name FROM container WHERE id = ?", arguments: [id]) }
    }

    /// Runs `body` while nobody on this root changes addresses, ports or the firewall.
    func withNetworkHeld<Value>(_ body: ([NetworkLease], [PortRecord]) throws -> Value) throws -> Value {
        try write(.process) { try body(Self.leases(of: nil, $0), Self.ports(of: nil, $0)) }
    }

    private static func leases(of container: String?, _ database: Database) throws -> [NetworkLease] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT container, network, address, interface FROM address WHERE ?1 IS NULL OR container = ?1",
            arguments: [container])
        return rows.map {
            NetworkLease(
                container: $0["container"], network: $0["network"], address: IPv4Address($0["address"]),
                interface: $0["interface"])
        }
    }

    private static func ports(of container: String?, _ database: Database) throws -> [PortRecord] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT publishedPort.*, address FROM publishedPort JOIN address USING (container)
                WHERE ?1 IS NULL OR container = ?1 ORDER BY hostPort, transport, length(hostAddress) DESC
                """, arguments: [container])
        return rows.compactMap(PortRecord.init)
    }

    /// Removes a container's rows and returns its ports.
    private static func remove(_ container: String, _ database: Database) throws -> [PortRecord] {
        let ports = try ports(of: container, database)
        try database.execute(sql: "DELETE FROM publishedPort WHERE container = ?", arguments: [container])
        try database.execute(sql: "DELETE FROM address WHERE container = ?", arguments: [container])
        return ports
    }

    /// Removes rows that cannot be true once somebody else holds the port's socket.
    private static func removeStale(_ port: PortRecord, _ database: Database) throws -> [PortRecord] {
        try colliding(port.hostPort, port.transport, port.hostAddress, database).compactMap { row in
            try database.execute(
                sql: "DELETE FROM publishedPort WHERE transport = ? AND hostAddress = ? AND hostPort = ?",
                arguments: [row["transport"], row["hostAddress"], row["hostPort"]])
            return PortRecord(row)
        }
    }

    /// Rows that the kernel would not let exist beside a socket there.
    private static func colliding(
        _ port: PortNumber, _ transport: Transport, _ address: IPAddress, _ database: Database
    ) throws -> [Row] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT publishedPort.*, address FROM publishedPort LEFT JOIN address USING (container)
                WHERE transport = ? AND hostPort = ?
                """, arguments: [transport.rawValue, Int(port.number)])
        return rows.filter { row in
            guard let other = PortRecord(row)?.hostAddress, other.isIPv6 == address.isIPv6 else { return false }
            return other == address || other.isUnspecified || address.isUnspecified
        }
    }

    private static func lowestFree(
        _ network: String, _ pool: ClosedRange<IPv4Address>, _ database: Database
    ) throws -> IPv4Address? {
        let found = try UInt32.fetchOne(
            database,
            sql: """
                SELECT min(free) FROM (
                    SELECT ?2 AS free WHERE NOT EXISTS (SELECT 1 FROM address WHERE network = ?1 AND address = ?2)
                    UNION ALL
                    SELECT address + 1 FROM address AS used WHERE network = ?1 AND address BETWEEN ?2 AND ?3 - 1
                        AND NOT EXISTS (SELECT 1 FROM address WHERE network = ?1 AND address = used.address + 1)
                )
                """, arguments: [network, pool.lowerBound.number, pool.upperBound.number])
        return found.map(IPv4Address.init)
    }
}

extension PortRecord {
    /// `nil` for a row that dsh did not write.
    fileprivate init?(_ row: Row) {
        guard let transport = Transport(rawValue: row["transport"]),
            // A row that does not parse is one that dsh did not write.
            let hostAddress = try? IPAddress(parsing: row["hostAddress"] as String),
            let hostPort = PortNumber(row["hostPort"] as UInt16),
            let containerPort = PortNumber(row["containerPort"] as UInt16)
        else { return nil }
        self.init(
            container: row["container"], transport: transport, hostAddress: hostAddress, hostPort: hostPort,
            containerAddress: IPv4Address(row["address"] as UInt32? ?? 0), containerPort: containerPort)
    }
}
