// SPDX-License-Identifier: Apache-2.0

/// The engine of this machine: no daemon, state on disk, a supervisor for each container.
public final class LocalContainerEngine: Sendable {
    let core: EngineCore

    /// Opens the engine's state, and makes it where there is none yet: directories and the database.
    ///
    /// - Throws: `EngineError` with `.system` when the directories cannot be made or the database cannot be read.
    public init(paths: EnginePaths = EnginePaths()) throws {
        core = try EngineCore(paths: paths)
    }
}

/// What every part of the engine works with.
struct EngineCore: Sendable {
    let paths: EnginePaths
    let database: EngineDatabase
    let host: Host

    init(paths: EnginePaths) throws {
        self.paths = paths
        database = try EngineDatabase(paths: paths)
        host = Host.current
    }
}
