// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB
import OCI

/// A finished step of a build: its key says everything that its layer depends on.
struct BuildStepRecord: Hashable, Sendable {
    /// 64 digits.
    var key: String
    var layer: LayerRecord
    var instruction: String
    /// Nanoseconds since 1970.
    var created: Int64
    var used: Int64
    /// Whether an image has the layer too.
    var isShared: Bool
}

extension BuildStepRecord {
    /// A step that is done already.
    static func find(_ key: String, _ database: Database) throws -> FinishedStep? {
        guard let layer = try LayerRecord.of(buildStep: key, database),
            let created = try Int64.fetchOne(
                database, sql: "SELECT created FROM buildStep WHERE key = ?", arguments: [key])
        else { return nil }
        return FinishedStep(layer: layer, created: created)
    }

    /// Notes that a build has used these steps.
    static func markUsed(_ keys: [String], at now: Int64, _ database: Database) throws {
        for key in keys {
            try database.cachedStatement(sql: "UPDATE buildStep SET used = ? WHERE key = ?").execute(arguments: [
                now, key,
            ])
        }
    }

    /// Adds a step, or puts another layer in its place.
    static func put(
        key: String, layer: Int64, instruction: String, at now: Int64, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO buildStep (key, layer, instruction, created, used) VALUES (?, ?, ?, ?, ?)",
            arguments: [key, layer, instruction, now, now])
    }

    /// All steps, last used first.
    static func all(_ database: Database) throws -> [BuildStepRecord] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT key, instruction, buildStep.created, used, directory,
                    EXISTS (SELECT 1 FROM imageLayer WHERE imageLayer.layer = buildStep.layer)
                FROM buildStep JOIN layer ON layer.id = buildStep.layer ORDER BY used DESC, buildStep.created DESC, key
                """)
        let layers = Dictionary(
            try LayerRecord.all(database).map { ($0.directory, $0) }, uniquingKeysWith: { first, _ in first })
        return rows.compactMap { row in
            guard let layer = layers[row[4]] else { return nil }
            return BuildStepRecord(
                key: row[0], layer: layer, instruction: row[1], created: row[2], used: row[3], isShared: row[5])
        }
    }

    static func remove(_ keys: [String], _ database: Database) throws {
        for key in keys { try database.execute(sql: "DELETE FROM buildStep WHERE key = ?", arguments: [key]) }
    }
}

/// What a COPY of a former build read, as bytes that `CopiedFiles` understands.
enum BuildInputRecord {
    static func read(_ place: String, _ database: Database) throws -> [UInt8]? {
        try Data.fetchOne(database, sql: "SELECT inputs FROM buildInput WHERE place = ?", arguments: [place])
            .map { [UInt8]($0) }
    }

    static func put(_ place: String, _ inputs: [UInt8], at now: Int64, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO buildInput (place, inputs, used) VALUES (?, ?, ?)",
            arguments: [place, Data(inputs), now])
    }

    /// Forgets what has not been used since a moment.
    static func removeUnused(since moment: Int64, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM buildInput WHERE used < ?", arguments: [moment])
    }
}
