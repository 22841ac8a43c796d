// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Finished steps of builds, and what their COPY and ADD read. Kept by `LocalBuilds`.
func createBuildTables(_ database: Database) throws {
    try database.execute(
        sql: """
            CREATE TABLE buildStep (
                key TEXT PRIMARY KEY NOT NULL,
                layer INTEGER NOT NULL REFERENCES layer (id),
                instruction TEXT NOT NULL,
                created INTEGER NOT NULL,
                used INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX buildStepByLayer ON buildStep (layer);
            CREATE TABLE buildInput (
                place TEXT PRIMARY KEY NOT NULL,
                inputs BLOB NOT NULL,
                used INTEGER NOT NULL
            ) WITHOUT ROWID;
            """)
}
