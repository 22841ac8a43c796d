// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import OCI

extension LayerRecord {
    /// Which other images have each layer of an image, by the layer's place from 0: their names, or the short ids of those
    /// that have none.
    static func sharers(ofImage id: ImageID, _ database: Database) throws -> [Int: [String]] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT DISTINCT own.position, other.image FROM imageLayer own
                JOIN imageLayer other ON other.layer = own.layer AND other.image <> own.image
                JOIN image ON image.id = other.image AND image.isHidden = 0
                WHERE own.image = ? ORDER BY own.position, image.loaded, other.image
                """,
            arguments: [id.text])
        var names: [String: [String]] = [:]
        var sharers: [Int: [String]] = [:]
        for row in rows {
            let image = try ImageID(parsing: row[1] as String)
            if names[image.text] == nil {
                let tags = try ImageTag.of(image, database).map(\.reference.familiar)
                names[image.text] = tags.isEmpty ? [image.short] : tags
            }
            sharers[row[0], default: []] += names[image.text] ?? []
        }
        return sharers
    }
}
