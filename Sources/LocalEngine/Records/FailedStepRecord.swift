// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import OCI

/// The step that the last build to fail ended with. What it stands on is an image that nobody sees, which keeps its layers.
struct FailedStepRecord: Hashable, Sendable {
    /// Which build it was of: 64 digits.
    var build: String
    var image: ImageID
    var step: BuildStep
    var place: String
    var reason: String
    var command: String?
    var script: String?
    /// Nanoseconds since 1970.
    var failed: Int64
}

/// Kept by `LocalBuilds`: one row at most.
func createFailedStepTable(_ database: Database) throws {
    try database.execute(
        sql: """
            CREATE TABLE failedStep (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                build TEXT NOT NULL,
                image TEXT NOT NULL,
                number INTEGER NOT NULL,
                total INTEGER NOT NULL,
                stage TEXT,
                instruction TEXT NOT NULL,
                place TEXT NOT NULL,
                reason TEXT NOT NULL,
                command TEXT,
                script TEXT,
                failed INTEGER NOT NULL
            );
            """)
}

extension FailedStepRecord {
    /// The one that is kept, as long as the image that it stands on is there.
    static func find(_ database: Database) throws -> FailedStepRecord? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT build, image, number, total, stage, instruction, place, reason, command, script,
                    failed
                FROM failedStep
                WHERE image IN (SELECT id FROM image)
                """)
        return try row.map { row in
            FailedStepRecord(
                build: row[0], image: try ImageID(parsing: row[1] as String),
                step: BuildStep(number: row[2], total: row[3], stage: row[4], instruction: row[5], id: 0),
                place: row[6], reason: row[7], command: row[8], script: row[9], failed: row[10])
        }
    }

    /// Takes the place of the one before.
    ///
    /// - Parameter layers: directories of the layers that it stands on, lowest first.
    /// - Returns: whether it is kept: not where a prune has taken one of the layers meanwhile.
    func put(_ base: ImageRecord, layers: [String], _ database: Database) throws -> Bool {
        try Self.remove(database)
        let numbers = try layers.compactMap { try LayerRecord.number(ofDirectory: $0, database) }
        guard numbers.count == layers.count else { return false }
        try base.insertHidden(numbers, database)
        try database.execute(
            sql: "INSERT INTO failedStep VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                build, image.text, step.number, step.total, step.stage, step.instruction, place, reason, command,
                script, failed,
            ])
        return true
    }

    /// Forgets the one that is kept, and what it stands on unless it is an image by itself.
    static func remove(_ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM image WHERE isHidden = 1 AND id IN (SELECT image FROM failedStep)
                    AND id NOT IN (SELECT image FROM container);
                DELETE FROM failedStep;
                """)
    }
}
