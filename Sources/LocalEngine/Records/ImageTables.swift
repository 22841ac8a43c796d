// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Images, their names and their layers. Kept by `LocalImages`.
func createImageTables(_ database: Database) throws {
    try database.execute(
        sql: """
            CREATE TABLE layer (
                id INTEGER PRIMARY KEY,
                directory TEXT NOT NULL UNIQUE,
                diffID TEXT NOT NULL,
                chainID TEXT,
                size INTEGER NOT NULL,
                stored INTEGER NOT NULL,
                archiveLength INTEGER NOT NULL,
                recipe TEXT NOT NULL,
                unsyncedBoot TEXT
            );
            CREATE INDEX layerByDiffID ON layer (diffID);
            CREATE TABLE image (
                id TEXT PRIMARY KEY NOT NULL,
                manifest TEXT,
                created INTEGER,
                size INTEGER NOT NULL,
                loaded INTEGER NOT NULL,
                isHidden INTEGER NOT NULL,
                configuration BLOB NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE imageLayer (
                image TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
                position INTEGER NOT NULL,
                layer INTEGER NOT NULL REFERENCES layer (id),
                PRIMARY KEY (image, position)
            ) WITHOUT ROWID;
            CREATE INDEX imageLayerByLayer ON imageLayer (layer);
            CREATE TABLE tag (
                name TEXT PRIMARY KEY NOT NULL,
                image TEXT NOT NULL REFERENCES image (id),
                tagged INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX tagByImage ON tag (image);
            """)
}
