// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import OCI

/// A name on an image.
struct ImageTag: Hashable, Sendable {
    /// Whole and with its tag: `docker.io/library/node:latest`.
    let reference: Reference
    let image: ImageID
    /// Nanoseconds since 1970.
    let tagged: Int64
}

extension ImageTag {
    private init(_ row: Row) throws {
        reference = try Reference(parsing: row[0] as String)
        image = try ImageID(parsing: row[1] as String)
        tagged = row[2]
    }

    /// In the order of their names.
    static func all(_ database: Database) throws -> [ImageTag] {
        try Row.fetchAll(database, sql: "SELECT name, image, tagged FROM tag ORDER BY name").map { try ImageTag($0) }
    }

    /// Those on one image, in the order of their names.
    static func of(_ image: ImageID, _ database: Database) throws -> [ImageTag] {
        try Row.fetchAll(
            database, sql: "SELECT name, image, tagged FROM tag WHERE image = ? ORDER BY name", arguments: [image.text]
        ).map { try ImageTag($0) }
    }

    /// Puts the name on its image, wherever it was before.
    func put(_ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO tag (name, image, tagged) VALUES (?, ?, ?)",
            arguments: [reference.canonical, image.text, tagged])
    }

    static func remove(_ reference: Reference, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM tag WHERE name = ?", arguments: [reference.canonical])
    }
}
