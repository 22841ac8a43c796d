// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Networks, addresses and published ports. Kept by `Networks`.
func createNetworkTables(_ database: Database) throws {
    try database.execute(
        sql: """
            CREATE TABLE address (
                container TEXT PRIMARY KEY NOT NULL,
                network TEXT NOT NULL,
                address INTEGER NOT NULL,
                interface TEXT NOT NULL,
                UNIQUE (network, address)
            ) WITHOUT ROWID;
            CREATE TABLE publishedPort (
                container TEXT NOT NULL,
                transport TEXT NOT NULL,
                hostAddress TEXT NOT NULL,
                hostPort INTEGER NOT NULL,
                containerPort INTEGER NOT NULL,
                PRIMARY KEY (transport, hostAddress, hostPort)
            ) WITHOUT ROWID;
            CREATE INDEX publishedPortByContainer ON publishedPort (container);
            """)
}
