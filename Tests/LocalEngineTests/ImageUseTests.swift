// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// Images that containers use, and those who remove one while another makes a container of it.
struct ImageUseTests {
    /// The store, with an image removed at the worst moment: after it was looked up, before the container is written down.
    private struct VanishingImages: ImageSource {
        let images: LocalImages
        let force: Bool

        func resolve(_ name: ImageName) throws -> ResolvedImage {
            let found = try images.resolve(name)
            try images.core.database.write(.process) { database in
                var removal = ImageRemovalTransaction(database: database)
                try removal.remove(try database.image(name), name, force: force)
            }
            return found
        }

        func id(of name: ImageName) throws -> ImageID? { try images.id(of: name) }
        func size(of id: ImageID) throws -> ByteCount { try images.size(of: id) }
    }

    private func request(_ image: ImageName, name: String? = nil) -> ContainerRequest {
        var request = ContainerRequest(image: image)
        request.command = ["sleep", "600"]
        request.name = name.map { ContainerName($0) }
        request.network = .none
        return request
    }

    @Test(arguments: ["starter", "docker.io/library/starter:latest"])
    func `an image that went between the look and the row makes no container`(name: ImageName) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let images = try roots.engine().images as? LocalImages
            let store = VanishingImages(images: try #require(images), force: false)
            let containers = LocalContainers(
                core: store.images.core, images: store,
                networks: LocalNetworks(paths: store.images.core.paths, database: store.images.core.database))
            let failure = await #expect(throws: EngineError.self) { try await containers.create(request(name)) }
            #expect(failure?.code == .notFound && failure?.message == "No such image: starter:latest")
            #expect(try await containers.list(ContainerQuery(all: true)).isEmpty)
            #expect(try await Program("/bin/ls", [roots.root + "/containers"]).succeed().isEmpty)
        }
    }

    @Test func `an image that was hidden meanwhile makes no container either`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            _ = try await engine.containers.create(request("starter", name: "keeps"))
            let images = try #require(engine.images as? LocalImages)
            let store = VanishingImages(images: images, force: true)
            let containers = LocalContainers(
                core: images.core, images: store,
                networks: LocalNetworks(paths: images.core.paths, database: images.core.database))
            let failure = await #expect(throws: EngineError.self) { try await containers.create(request("starter")) }
            #expect(failure?.message == "No such image: starter:latest")
            #expect(try await containers.list(ContainerQuery(all: true)).map(\.name) == ["keeps"])
        }
    }

    @Test func `whoever comes first of create and rmi wins, and the other is told why`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let maker = try roots.engine()
            let remover = try roots.engine()
            var made = 0
            for round in 0..<12 {
                let name = ImageName("race:\(round)")
                try await maker.images.tag("starter", as: name)
                async let creation = Task { try await maker.containers.create(request(name)) }.result
                async let removal = Task { try await remover.images.remove("starter", force: true, prune: true) }.result
                async let second = Task { try await remover.images.remove(name, force: false, prune: true) }.result
                let (created, removed, gone) = await (creation, removal, second)
                let isThere = try await maker.images.find(name) != nil
                switch created {
                case .success(let container):
                    made += 1
                    // Its image's layers are there, hidden or not: it can be started.
                    _ = try await maker.containers.start(ContainerName(container.id.text), attaching: nil)
                    try await maker.containers.remove(ContainerName(container.id.text), force: true, volumes: false)
                case .failure(let error):
                    #expect((error as? EngineError)?.message == "No such image: race:\(round)")
                    #expect(!isThere)
                }
                if case .failure(let error) = gone {
                    let code = (error as? EngineError)?.code
                    #expect(code == .conflict || code == .notFound, "\(error)")
                }
                #expect(throws: Never.self) { try removed.get() }
                _ = try await maker.images.prune(all: true, [])
                _ = try await maker.images.restoreStarters()
            }
            // Both outcomes are possible; what must not happen is a container without its image.
            #expect((0...12).contains(made))
            #expect(try await maker.system.check(mend: false).isEmpty)
        }
    }

    @Test func `an image with a container stays, by name and by id, unless by force`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            let container = try await engine.containers.create(request("starter", name: "old"))
            let id = try #require(try await engine.images.find("starter"))
            let rows = [
                (
                    "starter",
                    "conflict: unable to remove repository reference \"starter\" (must force) - container "
                        + "\(container.id.short) is using its referenced image \(id.short)"
                ),
                (
                    id.short,
                    "conflict: unable to delete \(id.short) (must be forced) - image is being used by stopped container "
                        + container.id.short
                ),
            ]
            for (name, sentence) in rows {
                let failure = await #expect(throws: EngineError.self) {
                    try await engine.images.remove(ImageName(name), force: false, prune: true)
                }
                #expect(failure?.code == .conflict)
                #expect(failure?.message == sentence)
            }
            #expect(try await engine.images.find("starter") == id)
        }
    }

    @Test
    func `by force the image goes out of sight, its stopped container still starts, and its end frees the layers`()
        async throws
    {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            let id = try #require(try await engine.images.find("starter"))
            let directories = try await engine.images.inspect("starter").layerDirectories
            _ = try await engine.containers.create(request("starter", name: "old"))
            let removals = try await engine.images.remove("starter", force: true, prune: true)
            #expect(removals == [.untagged("starter:latest"), .deleted(id.text)])
            #expect(try await engine.images.find("starter") == nil)
            await #expect(throws: EngineError.self) { try await engine.containers.create(request("starter")) }

            _ = try await engine.containers.start("old", attaching: nil)
            // As Docker does: the name that is left of an image that runs is its id.
            #expect(try await engine.containers.inspect("old").summary.image == id.short)
            try await engine.containers.remove("old", force: true, volumes: false)
            _ = try await engine.images.prune(all: true, [])
            #expect(directories.allSatisfy { access($0, F_OK) != 0 })
            #expect(try await engine.system.check(mend: false) == [])
        }
    }

    @Test func `the image of a running container cannot be forced by its id; by its name only the name goes`()
        async throws
    {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            let id = try #require(try await engine.images.find("starter"))
            _ = try await engine.containers.run(request("starter", name: "up"), attaching: nil)
            let failure = await #expect(throws: EngineError.self) {
                try await engine.images.remove(ImageName(id.short), force: true, prune: true)
            }
            #expect(
                failure?.message.contains(
                    "unable to delete \(id.short) (cannot be forced) - image is being used by running") == true)
            let removals = try await engine.images.remove("starter", force: true, prune: true)
            #expect(removals == [.untagged("starter:latest")])
            #expect(try await engine.images.find(ImageName(id.short)) == id)
            try await engine.containers.remove("up", force: true, volumes: false)
        }
    }
}
