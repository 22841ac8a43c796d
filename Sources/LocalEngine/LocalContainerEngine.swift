// SPDX-License-Identifier: Apache-2.0

public import Engine

/// The engine of this machine: no daemon, state on disk, a supervisor for each container.
public final class LocalContainerEngine: ContainerEngine {
    /// Containers.
    public let containers: any ContainerOperations
    /// Images.
    public let images: any ImageOperations
    /// Images from Dockerfiles.
    public let builds: any BuildOperations
    /// Looking around in images and containers.
    public let debugging: any DebugOperations
    /// The engine itself.
    public let system: any SystemOperations

    /// The versions of this program and of what it stands on; asking opens nothing.
    public static var version: EngineVersion { .current }

    /// Opens the engine's state, and makes it where there is none yet: directories, the database, the starter images. The
    /// first opening after the machine's restart also takes away what the restart left behind.
    ///
    /// - Throws: `EngineError` with `.system` when the directories cannot be made or the database cannot be read.
    public init(paths: EnginePaths = EnginePaths()) throws {
        let core = try EngineCore(paths: paths)
        let images = LocalImages(core: core)
        try images.addStartersOnce()
        let networks = LocalNetworks(paths: core.paths, database: core.database)
        let containers = LocalContainers(core: core, images: images, networks: networks)
        let system = LocalSystem(core: core, containers: containers, images: images)
        try system.sweepAfterRestart()
        self.containers = containers
        self.images = images
        self.system = system
        builds = LocalBuilds(images: images, containers: containers)
        debugging = LocalDebugging(images: images, containers: containers)
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
