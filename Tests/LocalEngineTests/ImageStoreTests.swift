// SPDX-License-Identifier: Apache-2.0
import Content
import Engine
import Foundation
import Glibc
import LocalEngine
import OCI
import TestSupport
import Testing

struct ImageStoreTests {
    @Test
    func `what is saved loads as the same images elsewhere, layers byte by byte`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            let bytes = try await engine.save("starter", "hello", in: roots)
            let ids = try await engine.images.list(ImageQuery()).map(\.id)
            _ = try await engine.images.prune(all: true, [])
            let loaded = try await engine.load(bytes, in: roots)
            #expect(Set(loaded.map(\.id)) == Set(ids))
            #expect(loaded.flatMap(\.names).sorted() == ["hello:latest", "starter:latest"])
            // Only gzip's work is gone: the second time around even the archive is the same.
            let again = try await engine.save("starter", "hello", in: roots)
            #expect(again == bytes)
            let listing = try await Program("/bin/tar", ["-tf", "-"]).run(input: bytes).lines
            for name in ["index.json", "manifest.json", "oci-layout", "repositories"] {
                #expect(listing.contains(name))
            }
        }
    }

    @Test
    func `a layer that was changed on disk is not saved`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            _ = try await engine.load(try ImageArchive([try layer(("f", "contents"))]).docker(), in: roots)
            let directory = try #require(try await engine.images.inspect("test").layerDirectories.first)
            _ = FileManager.default.createFile(atPath: "\(directory)/f", contents: Data("CONTENTS".utf8))
            let failure = await #expect(throws: EngineError.self) { try await engine.save("test", in: roots) }
            #expect(failure?.code == .refused)
        }
    }

    @Test
    func `names are found whole, by tag, by the beginning of an id, and a wrong one says why`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let images = try roots.engine().images
            let id = try #require(try await images.find("starter"))
            for name in ["starter:latest", "docker.io/library/starter", id.text, id.short, String(id.short.prefix(4))] {
                #expect(try await images.find(ImageName(name)) == id, "\(name)")
            }
            let digest = try #require(try await images.inspect("starter").digests.first)
            #expect(try await images.find(ImageName(digest)) == id)
            #expect(try await images.find("node") == nil)
            await #expect { try await images.inspect("node") } throws: {
                ($0 as? EngineError)?.message == "No such image: node:latest"
            }
            await #expect { try await images.inspect("Starter") } throws: {
                ($0 as? EngineError)?.message.hasSuffix("must be lowercase: starter") == true
            }
        }
    }

    @Test
    func `a name is taken away first, and the image with the last one`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let images = try await roots.emptyEngine().images
            let engine = try roots.engine()
            let bytes = try ImageArchive([try layer(("f", "x"))]).docker()
            let id = try #require(try await engine.load(bytes, in: roots).first?.id)
            try await images.tag("test", as: "other:1")
            let refused = await #expect(throws: EngineError.self) {
                try await images.remove(ImageName(id.short), force: false, prune: true)
            }
            #expect(refused?.code == .conflict)
            #expect(refused?.message.contains("referenced in multiple repositories") == true)
            #expect(try await images.remove("other:1", force: false, prune: true) == [.untagged("other:1")])
            let removals = try await images.remove("test", force: false, prune: true)
            let diffID = DigestHasher.digest(of: try layer(("f", "x")))
            #expect(removals == [.untagged("test:latest"), .deleted(id.text), .deleted("\(diffID)")])
            #expect(try await roots.stored().isEmpty)
        }
    }

    @Test
    func `prune takes what has no name, with all also what has one, and counts every byte`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            func used() async throws -> Int64 {
                let words = ["-s", "--block-size=1", "\(roots.root)/layers", "\(roots.root)/blobs"]
                let lines = try await Program("/usr/bin/du", words).run().lines
                return lines.reduce(0) { $0 + (Int64($1.prefix { $0.isNumber }) ?? 0) }
            }
            let before = try await used()
            let contents = String(repeating: "x", count: 100_000)
            _ = try await engine.load(try ImageArchive([try layer(("f", contents))]).docker(), in: roots)
            _ = try await engine.load(
                try ImageArchive([try layer(("f", contents)), try layer(("g", contents))]).docker(), in: roots)
            #expect(try await engine.images.list(ImageQuery()).map(\.repository) == ["test", nil])
            let dangling = try await engine.images.prune(all: false, [])
            #expect(dangling.removed.count == 1 && dangling.reclaimed == ByteCount(0))
            let full = try await used()
            let all = try await engine.images.prune(all: true, [])
            #expect(all.removed.first == "untagged: test:latest")
            #expect(all.reclaimed == ByteCount(full - before))
            #expect(try await used() == before)
        }
    }

    @Test(
        arguments: [
            ("dangling", "true", [nil]), ("dangling", "false", ["test", "starter", "hello"]),
            ("label", "kind=test", ["test", nil]), ("label", "kind=other", []), ("reference", "st*", ["starter"]),
            ("reference", "*:latest", ["test", "starter", "hello"]), ("before", "starter", ["test", nil]),
            ("since", "test", ["starter", "hello"]),
        ] as [(String, String, [String?])])
    func `images are listed by every filter`(key: String, value: String, expected: [String?]) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            var nameless = ImageArchive([try layer(("g", "x"))])
            nameless.name = nil
            _ = try await engine.load(try ImageArchive([try layer(("f", "x"))]).docker(), in: roots)
            _ = try await engine.load(try nameless.docker(), in: roots)
            var query = ImageQuery()
            query.filters = [Filter(key: key, value: value)]
            #expect(try await Set(engine.images.list(query).map(\.repository)) == Set(expected))
            query.filters = [Filter(key: "colour", value: "red")]
            await #expect(throws: EngineError.self) { try await engine.images.list(query) }
        }
    }

    @Test
    func `an imported archive is an image of one layer with the settings that were asked for`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            let path = "\(roots.files)/root.tar"
            _ = FileManager.default.createFile(atPath: path, contents: Data(try layer(("etc/", ""), ("etc/name", "x"))))
            let file = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            var request = ImportRequest(input: file)
            request.name = "mine:1"
            request.message = "by hand"
            request.changes = [
                #"CMD ["sh", "-l"]"#, #"ENV A=b C="d e""#, "ENV OLD the rest", "EXPOSE 80 53/udp", "USER 1000",
                "WORKDIR /app", "WORKDIR src", "LABEL a=1", #"VOLUME ["/data"]"#, "STOPSIGNAL SIGINT",
                "entrypoint run me",
                "CMD serve",
            ]
            let id = try await engine.images.importArchive(request, progress: nil)
            let image = try await engine.images.inspect("mine:1")
            #expect(image.id == id && image.comment == "by hand" && image.diffIDs.count == 1)
            let settings = image.settings
            #expect(
                settings.entrypoint == ["/bin/sh", "-c", "run me"] && settings.command == ["/bin/sh", "-c", "serve"])
            #expect(settings.environment == ["A=b", "C=d e", "OLD=the rest"])
            #expect(settings.exposedPorts == ["53/udp", "80/tcp"] && settings.user == "1000")
            #expect(settings.workingDirectory == "/app/src" && settings.labels == ["a": "1"])
            #expect(settings.volumes == ["/data"] && settings.stopSignal == "SIGINT")
            let history = try await engine.images.history("mine:1")
            #expect(history.map(\.comment) == ["by hand"] && history.first?.size == ByteCount(1))
        }
    }

    @Test(arguments: [
        "FROM x", "RUN true", "CMD", "EXPOSE http", "ENV A", "LABEL a=1 b", #"ENV A="b"#, "HEALTHCHECK x",
    ])
    func `a change that is none is refused`(change: String) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            var request = ImportRequest(input: -1)
            request.changes = [change]
            let images = try roots.engine().images
            let failure = await #expect(throws: EngineError.self) {
                try await images.importArchive(request, progress: nil)
            }
            #expect(failure?.code == .invalid)
        }
    }

    @Test
    func `the history goes from the last step to the first, sizes beside the steps that made layers`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let entries = try await roots.engine().images.history("hello")
            #expect(entries.map(\.createdBy).first == #"CMD ["/hello"]"#)
            #expect(entries.map { $0.size == ByteCount(0) } == [true, false, false])
            #expect(entries.first?.tags == ["hello:latest"] && entries.last?.id == nil)
        }
    }

    @Test
    func `what a crash leaves is found and mended`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try roots.engine()
            let layers = "\(roots.root)/layers"
            for name in [".new-1", ".old-2", String(repeating: "a", count: 64)] {
                mkdir("\(layers)/\(name)", 0o755)
                mkdir("\(layers)/\(name)/d", 0o755)
            }
            _ = try BlobStore(directory: "\(roots.root)/blobs/sha256").store(Array("orphan".utf8))
            let findings = try await engine.system.check(mend: true)
            let kinds = findings.map(\.kind.rawValue).sorted()
            #expect(kinds == ["halfMadeFile", "halfMadeFile", "orphanedBlob", "orphanedLayer"])
            #expect(try await engine.system.check(mend: false).isEmpty)
            #expect(try await engine.images.inspect("starter").layerDirectories.allSatisfy { access($0, F_OK) == 0 })
        }
    }
}
