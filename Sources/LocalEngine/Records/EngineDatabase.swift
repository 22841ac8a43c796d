// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import Glibc
import Linux

/// The one file of records, `dsh.sqlite`: SQLite in WAL mode, shared by every dsh process on this root.
///
/// Each noun's records and queries are extensions in files of their own beside this one.
final class EngineDatabase: Sendable {
    /// What a commit must outlive.
    enum Durability: String, Sendable {
        /// A power cut: images, tags, volumes, networks, and containers that stay.
        case machine = "FULL"
        /// The process: changes of state, and containers that remove themselves.
        case process = "NORMAL"
    }

    private let queue: DatabaseQueue
    /// Whether this very process made the file.
    let isNew: Bool

    init(paths: EnginePaths) throws {
        do {
            try Self.makeDirectories(paths)
            isNew = access(paths.database, F_OK) != 0
            if isNew { Self.makeFile(paths.database) }
            var configuration = Configuration()
            // Another process's transaction is short; whoever waits longer than this has met a hung machine.
            configuration.busyMode = .timeout(30)
            // The file itself says that it is in WAL mode (`migrate`). GRDB's setting would say it again at each start, and
            // look at the log's size by way of Foundation, which reads /etc/passwd and /etc/group for it.
            queue = try DatabaseQueue(path: paths.database, configuration: configuration)
            try migrate()
        } catch let error as EngineError {
            throw error
        } catch let error as DatabaseError {
            throw error.reported(of: paths.database)
        } catch {
            throw EngineError(.system, .engine, "cannot open \(paths.database): \(error)", cause: error)
        }
    }

    /// Reads, in one snapshot.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do { return try queue.read(body) } catch let error as DatabaseError { throw error.reported(of: queue.path) }
    }

    /// Writes, in one transaction that no other process's write interleaves with.
    func write<Value>(_ durability: Durability, _ body: (Database) throws -> Value) throws -> Value {
        do {
            return try queue.writeWithoutTransaction { database in
                try database.execute(
                    sql: "PRAGMA synchronous = \(durability.rawValue); PRAGMA wal_autocheckpoint = \(Self.longestLog)")
                var result: Value?
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
                return result
            }
        } catch let error as DatabaseError {
            throw error.reported(of: queue.path)
        }
    }

    /// A small fact about the whole root, such as the boot id that was last seen.
    func setting(_ key: String) throws -> String? {
        try read { try String.fetchOne($0, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key]) }
    }

    /// Sets or, with `nil`, forgets a small fact.
    func set(_ key: String, to value: String?) throws {
        try write(.machine) { database in
            if let value {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", arguments: [key, value])
            } else {
                try database.execute(sql: "DELETE FROM setting WHERE key = ?", arguments: [key])
            }
        }
    }

    /// Steps that each bring the tables one version further, oldest first. A landed step never changes.
    private static let migrations: [@Sendable (Database) throws -> Void] = [
        { database in
            try database.execute(
                sql: "CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID")
            try createImageTables(database)
            try createContainerTables(database)
            try createNetworkTables(database)
        },
        createBuildTables,
        createFailedStepTable,
    ]

    /// Pages of the write-ahead log above which a commit moves them into the file.
    ///
    /// The first of the processes that open the file reads the whole log (sqlite.org/wal.html, "Recovery"), and each dsh is
    /// the first: with SQLite's 1,000 pages that is up to 4 MB read and summed, 2 ms of every start.
    private static let longestLog = 160

    /// `user_version` is in the file's header: where it is up to date this costs one read.
    private func migrate() throws {
        let latest = Self.migrations.count
        func version(_ database: Database) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0 }
        let found = try read(version)
        guard found <= latest else {
            throw EngineError(
                .unsupported, .engine,
                "\(queue.path) was written by a newer dsh (format \(found), this one knows \(latest))")
        }
        guard found < latest else { return }
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        try write(.machine) { database in
            for step in Self.migrations[try version(database)...] { try step(database) }
            try database.execute(sql: "PRAGMA user_version = \(latest)")
        }
    }

    /// SQLite would make it readable to all, and its neighbours get the bits that it has. The root may be a directory that
    /// was there before, with any bits.
    private static func makeFile(_ path: String) {
        // What fails here fails again when SQLite opens it, with its reason.
        _ = try? Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
    }

    /// Only root may look: layers hold set-uid programs, and the database holds environment variables.
    private static func makeDirectories(_ paths: EnginePaths) throws {
        for path in [paths.root, paths.runRoot] where access(path, F_OK) != 0 {
            var partial = ""
            for part in path.split(separator: "/") {
                partial += "/" + part
                guard mkdir(partial, partial == path ? 0o700 : 0o755) == 0 || errno == EEXIST else {
                    throw EngineError(.system, .path(path), "mkdir \(partial): \(String(cString: strerror(errno)))")
                }
            }
        }
        for path in [paths.blobs, paths.layers, paths.root + "/containers"] where access(path, F_OK) != 0 {
            var partial = paths.root
            for part in path.dropFirst(paths.root.count).split(separator: "/") {
                partial += "/" + part
                guard mkdir(partial, 0o700) == 0 || errno == EEXIST else {
                    throw EngineError(.system, .path(path), "mkdir \(partial): \(String(cString: strerror(errno)))")
                }
            }
        }
    }
}
