// SPDX-License-Identifier: Apache-2.0

import Engine
import FoundationEssentials
import GRDB
import OCI

/// An image's row.
struct ImageRecord: Hashable, Sendable {
    let id: ImageID
    /// The digest of the manifest that it came with, a blob of the store.
    var manifest: Digest?
    /// Nanoseconds since 1970, as its configuration says.
    var created: Int64?
    /// Bytes of its layers' regular files.
    var size: Int64
    /// When it came into the store, nanoseconds since 1970.
    var loaded: Int64
    /// Its configuration as it came, byte by byte: the id is its digest. It stands here, and not among the blobs, so that
    /// one reading of the database is enough to make a container.
    var configuration: [UInt8]
}

extension ImageRecord {
    private static let columns = "id, manifest, created, size, loaded, configuration"

    private init(_ row: Row) throws {
        id = try ImageID(parsing: row[0] as String)
        manifest = try (row[1] as String?).map { try Digest(parsing: $0) }
        created = row[2]
        size = row[3]
        loaded = row[4]
        configuration = [UInt8](row[5] as Data)
    }

    /// Images that were removed by force while a container needed their layers stay until it goes; nobody sees them.
    private static func fetch(
        _ database: Database, _ rest: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [ImageRecord] {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM image WHERE isHidden = 0 \(rest)")
        var records: [ImageRecord] = []
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() { records.append(try ImageRecord(row)) }
        return records
    }

    /// Newest first.
    static func all(_ database: Database) throws -> [ImageRecord] {
        try fetch(database, "ORDER BY created DESC, loaded DESC, id")
    }

    static func find(_ id: String, _ database: Database) throws -> ImageRecord? {
        try fetch(database, "AND id = ?", [id]).first
    }

    /// Whether an image is there for a new container: one that is hidden is not, but for what a failed step stands on.
    static func isPresent(_ id: String, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT 1 FROM image WHERE id = ? AND (isHidden = 0 OR id IN (SELECT image FROM failedStep))"),
            arguments: [id]) ?? false
    }

    /// What a failed step stands on, hidden or not.
    static func ofFailedStep(_ database: Database) throws -> ImageRecord? {
        try Row.fetchOne(
            database, sql: "SELECT \(columns) FROM image WHERE id IN (SELECT image FROM failedStep)"
        ).map { try ImageRecord($0) }
    }

    /// At most two whose ids begin with these digits.
    static func beginning(_ digits: String, _ database: Database) throws -> [ImageRecord] {
        // `g` follows every hexadecimal digit, so this range of the primary key holds just what begins so.
        try fetch(database, "AND id >= ? AND id < ? LIMIT 2", ["sha256:\(digits)", "sha256:\(digits)g"])
    }

    /// The image that has a name (canonical, with its tag).
    static func named(_ name: String, _ database: Database) throws -> ImageRecord? {
        try fetch(database, "AND id = (SELECT image FROM tag WHERE name = ?)", [name]).first
    }

    /// The image of a repository that came with this manifest.
    static func of(manifest: Digest, repository: String, _ database: Database) throws -> ImageRecord? {
        try fetch(
            database,
            "AND manifest = ? AND EXISTS (SELECT 1 FROM tag WHERE tag.image = image.id AND name GLOB ?)",
            [manifest.description, repository + ":*"]
        ).first
    }

    /// Adds the row, or brings back one that was hidden.
    func insert(_ layers: [Int64], _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO image (id, manifest, created, size, loaded, isHidden, configuration) VALUES (?, ?, ?, ?, ?, 0, ?)
                ON CONFLICT (id) DO UPDATE SET isHidden = 0, manifest = COALESCE(excluded.manifest, manifest)
                """,
            arguments: [id.text, manifest?.description, created, size, loaded, Data(configuration)])
        for (position, layer) in layers.enumerated() {
            try database.execute(
                sql: "INSERT OR IGNORE INTO imageLayer (image, position, layer) VALUES (?, ?, ?)",
                arguments: [id.text, position, layer])
        }
    }

    /// Adds the row out of sight, unless there is one already, seen or not.
    func insertHidden(_ layers: [Int64], _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO image (id, created, size, loaded, isHidden, configuration) VALUES (?, ?, ?, ?, 1, ?)
                """,
            arguments: [id.text, created, size, loaded, Data(configuration)])
        for (position, layer) in layers.enumerated() {
            try database.execute(
                sql: "INSERT OR IGNORE INTO imageLayer (image, position, layer) VALUES (?, ?, ?)",
                arguments: [id.text, position, layer])
        }
    }

    /// Takes the row away; with `hiding`, only out of sight.
    static func remove(_ id: ImageID, hiding: Bool, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM tag WHERE image = ?", arguments: [id.text])
        if hiding {
            try database.execute(sql: "UPDATE image SET isHidden = 1 WHERE id = ?", arguments: [id.text])
        } else {
            try database.execute(sql: "DELETE FROM image WHERE id = ?", arguments: [id.text])
        }
    }

    /// Takes away what was hidden for a container's sake that is gone now.
    ///
    /// - Returns: the manifests that these had.
    static func removeHidden(_ database: Database) throws -> [Digest] {
        let free = """
            isHidden = 1 AND id NOT IN (SELECT image FROM container) AND id NOT IN (SELECT image FROM failedStep)
            """
        let manifests = try String.fetchAll(
            database, sql: "SELECT manifest FROM image WHERE manifest IS NOT NULL AND \(free)")
        try database.execute(sql: "DELETE FROM image WHERE \(free)")
        return try manifests.map { try Digest(parsing: $0) }
    }

    /// Digests of all manifests that rows point to.
    static func manifests(_ database: Database) throws -> Set<Digest> {
        let texts = try String.fetchAll(database, sql: "SELECT manifest FROM image WHERE manifest IS NOT NULL")
        return Set(try texts.map { try Digest(parsing: $0) })
    }
}

/// A container that uses an image.
struct ImageUser: Hashable, Sendable {
    let id: String
    let name: String
    let isRunning: Bool
}

extension ImageUser {
    /// Those of one image, running ones first.
    static func of(_ image: ImageID, _ database: Database) throws -> [ImageUser] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT id, name, settled FROM container WHERE image = ? ORDER BY settled, created",
            arguments: [image.text])
        return rows.map { ImageUser(id: $0[0], name: $0[1], isRunning: !($0[2] as Bool)) }
    }

    /// How many containers use each image.
    static func counts(_ database: Database) throws -> [String: Int] {
        let rows = try Row.fetchAll(database, sql: "SELECT image, COUNT(*) FROM container GROUP BY image")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
    }
}
