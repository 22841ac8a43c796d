// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Containers. Kept by `LocalContainers`.
func createContainerTables(_ database: Database) throws {
    try database.execute(
        sql: """
            CREATE TABLE container (
                id TEXT PRIMARY KEY NOT NULL,
                name TEXT NOT NULL UNIQUE,
                image TEXT NOT NULL,
                imageName TEXT NOT NULL,
                created INTEGER NOT NULL,
                status TEXT NOT NULL,
                settled INTEGER NOT NULL,
                definition BLOB NOT NULL,
                state BLOB NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX containerByImage ON container (image);
            CREATE INDEX containerByCreation ON container (created);
            """)
}
