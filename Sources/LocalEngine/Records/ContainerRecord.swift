// SPDX-License-Identifier: Apache-2.0

import Engine
import FoundationEssentials
import GRDB
import MonitorProtocol

/// A container's row.
struct ContainerRecord: Hashable, Sendable {
    let id: ContainerID
    var name: String
    let created: Int64
    /// `running` says only that it was started: whether it still runs is known to its monitor's lock.
    var status: ContainerState.Status
    /// Whether all that its last end requires has been done.
    var isSettled: Bool
    let definition: ContainerDefinition
    var state: StoredState
}

/// What changes in a container's life and must outlive the machine's restart.
struct StoredState: Hashable, Sendable {
    var exitCode: Int32 = 0
    var wasOutOfMemory = false
    var error = ""
    /// Nanoseconds since 1970; 0 is never.
    var startedAt: Int64 = 0
    var finishedAt: Int64 = 0
    /// The machine's boot id when it was last started.
    var bootID = ""
    var adjustments: [Engine.Adjustment] = []
    var restartCount: Int32 = 0
    /// Whether its program ever began: what has not stays `created`.
    var hasStarted = false
    /// Whether its end is the first half of a restart: then it does not remove itself.
    var isRestarting = false
}

extension ContainerRecord {
    private static let columns = "id, name, created, status, settled, definition, state"

    private init(_ row: Row) throws {
        id = try ContainerID(parsing: row[0] as String)
        name = row[1]
        created = row[2]
        status = ContainerState.Status(rawValue: row[3]) ?? .dead
        isSettled = row[4]
        definition = try ContainerDefinition(decoding: [UInt8](row[5] as Data))
        state = try StoredState(decoding: [UInt8](row[6] as Data))
    }

    private static func fetch(
        _ database: Database, _ condition: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [ContainerRecord] {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM container \(condition)")
        var records: [ContainerRecord] = []
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() { records.append(try ContainerRecord(row)) }
        return records
    }

    /// The one that a person means: a whole id, a name, or the beginning of an id.
    ///
    /// - Throws: `.notFound`; `.invalid` when several ids begin so.
    static func find(_ database: Database, _ name: ContainerName) throws -> ContainerRecord {
        let text = name.text
        if let exact = try fetch(database, "WHERE id = ? OR name = ? ORDER BY id = ? DESC", [text, text, text]).first {
            return exact
        }
        // `g` follows every hexadecimal digit, so this range of the primary key holds just what begins so.
        let isPrefix = !text.isEmpty && text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }
        let found = isPrefix ? try fetch(database, "WHERE id >= ? AND id < ? LIMIT 2", [text, text + "g"]) : []
        guard found.count < 2 else { throw EngineError.ambiguousContainer(name) }
        guard let only = found.first else { throw EngineError.noSuchContainer(name) }
        return only
    }

    static func find(_ database: Database, id: ContainerID) throws -> ContainerRecord? {
        try fetch(database, "WHERE id = ?", [id.text]).first
    }

    /// Newest first.
    static func all(_ database: Database) throws -> [ContainerRecord] {
        try fetch(database, "ORDER BY created DESC, id")
    }

    /// Those that were started and whose end has not been dealt with: they run, or somebody has to settle them.
    static func unsettled(_ database: Database) throws -> [ContainerRecord] {
        try fetch(database, "WHERE settled = 0 ORDER BY created DESC, id")
    }

    /// Adds the row.
    ///
    /// - Throws: `.notFound` when the image is gone, since it was looked up before this transaction, and `rmi` may have
    ///   come between; `.conflict` when another container has the name. Both in Docker's words.
    func insert(_ database: Database) throws {
        guard try ImageRecord.isPresent(definition.imageID, database) else {
            throw EngineError.noSuchImage(named: definition.request.image)
        }
        if let holder = try Self.holder(database, ofName: name) { throw EngineError.nameInUse(name, by: holder) }
        try database.cachedStatement(
            sql: """
                INSERT INTO container (id, name, image, imageName, created, status, settled, definition, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.text, name, definition.imageID, definition.request.image.text, created, status.rawValue, isSettled,
            Data(definition.encoded), Data(state.encoded),
        ])
    }

    /// Writes name, status and state; the definition never changes.
    func update(_ database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE container SET name = ?, status = ?, settled = ?, state = ? WHERE id = ?"
        )
        .execute(arguments: [name, status.rawValue, isSettled, Data(state.encoded), id.text])
    }

    static func delete(_ database: Database, id: ContainerID) throws {
        try database.cachedStatement(sql: "DELETE FROM container WHERE id = ?").execute(arguments: [id.text])
    }

    /// The id of the container that has a name.
    static func holder(_ database: Database, ofName name: String) throws -> String? {
        try String.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM container WHERE name = ?"), arguments: [name])
    }
}

extension EngineError {
    static func nameInUse(_ name: String, by holder: String) -> Self {
        Self(
            .conflict, .container(name),
            "Conflict. The container name \"/\(name)\" is already in use by container \"\(holder)\". "
                + "You have to remove (or rename) that container to be able to reuse that name.")
    }
}
