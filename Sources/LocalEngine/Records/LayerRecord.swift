// SPDX-License-Identifier: Apache-2.0

import GRDB
import OCI

/// A layer's row: an unpacked directory and what it takes to make its archive again.
struct LayerRecord: Hashable, Sendable {
    /// Its name under `layers/`: 64 digits of the diffID, or of the chain id.
    var directory: String
    var diffID: Digest
    /// Set where the directory serves only on top of certain others, whose directories' metadata it shows (FACTS:
    /// a layer's archive may leave out parent directories).
    var chainID: Digest?
    /// Bytes of its regular files.
    var size: Int64
    /// Bytes of disk, its recipe's included.
    var stored: Int64
    /// Bytes of its archive, uncompressed.
    var archiveLength: Int64
    /// The blob that says how its archive is made again.
    var recipe: Digest
    /// The boot in which it was unpacked, as long as it is not known to have reached the disk.
    var unsyncedBoot: String?
}

extension LayerRecord {
    private static let columns = """
        layer.directory, layer.diffID, layer.chainID, layer.size, layer.stored, layer.archiveLength, layer.recipe,
        layer.unsyncedBoot
        """

    private init(_ row: Row) throws {
        directory = row[0]
        diffID = try Digest(parsing: row[1] as String)
        chainID = try (row[2] as String?).map { try Digest(parsing: $0) }
        size = row[3]
        stored = row[4]
        archiveLength = row[5]
        recipe = try Digest(parsing: row[6] as String)
        unsyncedBoot = row[7]
    }

    private static func fetch(
        _ database: Database, _ rest: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [LayerRecord] {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM layer \(rest)")
        var records: [LayerRecord] = []
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() { records.append(try LayerRecord(row)) }
        return records
    }

    /// An image's layers, lowest first.
    static func of(image: String, _ database: Database) throws -> [LayerRecord] {
        try fetch(
            database, "JOIN imageLayer ON imageLayer.layer = layer.id WHERE imageLayer.image = ? ORDER BY position",
            [image])
    }

    /// The layer that a finished step of a build made.
    static func of(buildStep key: String, _ database: Database) throws -> LayerRecord? {
        try fetch(database, "JOIN buildStep ON buildStep.layer = layer.id WHERE buildStep.key = ?", [key]).first
    }

    /// All that were unpacked from one archive: one that serves everywhere comes first.
    static func of(diffID: Digest, _ database: Database) throws -> [LayerRecord] {
        try fetch(database, "WHERE diffID = ? ORDER BY chainID IS NOT NULL, id", [diffID.description])
    }

    static func all(_ database: Database) throws -> [LayerRecord] { try fetch(database, "ORDER BY id") }

    static func number(ofDirectory directory: String, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT id FROM layer WHERE directory = ?", arguments: [directory])
    }

    /// Adds the row and returns its number.
    func insert(_ database: Database) throws -> Int64 {
        try database.execute(
            sql: """
                INSERT INTO layer (directory, diffID, chainID, size, stored, archiveLength, recipe, unsyncedBoot)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                directory, diffID.description, chainID?.description, size, stored, archiveLength, recipe.description,
                unsyncedBoot,
            ])
        return database.lastInsertedRowID
    }

    /// Takes the rows of all layers that neither an image nor a step of a build has any more, and returns them.
    static func removeUnused(_ database: Database) throws -> [LayerRecord] {
        let isUnused = "id NOT IN (SELECT layer FROM imageLayer) AND id NOT IN (SELECT layer FROM buildStep)"
        let unused = try fetch(database, "WHERE \(isUnused) ORDER BY id DESC")
        try database.execute(sql: "DELETE FROM layer WHERE \(isUnused)")
        return unused
    }

    /// Notes that layers are whole on disk.
    static func markSynced(_ directories: [String], _ database: Database) throws {
        for directory in directories {
            try database.execute(
                sql: "UPDATE layer SET unsyncedBoot = NULL WHERE directory = ?", arguments: [directory])
        }
    }

    /// How many layers point to a recipe.
    static func count(ofRecipe recipe: Digest, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM layer WHERE recipe = ?", arguments: [recipe.description]) ?? 0
    }
}
