// SPDX-License-Identifier: Apache-2.0
import Content
import Engine
import Foundation
import Glibc
import LocalEngine
import TestSupport
import Testing

struct ImageLoadTests {
    @Test(arguments: ["cat", "gzip", "zstd -q"], [false, true])
    func `archives of both kinds load, plain and compressed, from a file and from a pipe`(
        command: String, piped: Bool
    ) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            var archive = ImageArchive([try layer(("d/", ""), ("d/f", "one")), try layer(("d/", ""), ("d/g", "two"))])
            archive.layerCommand = command
            for (bytes, name) in [(try archive.docker(), "docker"), (try await archive.layout(), "layout")] {
                let compressed = try await Program("/bin/sh", ["-c", command]).run(input: bytes).output
                let loaded = try await engine.load(compressed, in: roots, piped: piped)
                #expect(loaded.map(\.names) == [["test:latest"]], "\(name)")
                let image = try await engine.images.inspect("test")
                #expect(image.id == loaded.first?.id && image.settings.command == ["true"])
                #expect(image.layerDirectories.count == 2 && image.size == ByteCount(6))
                let top = try #require(image.layerDirectories.first)
                #expect(FileManager.default.contents(atPath: "\(top)/d/g") == Data("two".utf8))
                #expect(image.digests.isEmpty == (name == "docker"))
                _ = try await engine.images.remove("test", force: false, prune: true)
                #expect(try await roots.stored().isEmpty, "\(name)")
            }
        }
    }

    @Test(
        arguments: ["layer", "config", "manifest"], [false, true])
    func `a changed byte anywhere is noticed, and nothing is left`(
        what: String, piped: Bool
    ) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            var archive = ImageArchive([try layer(("f", "contents"))])
            archive.spoil = { path, bytes in
                guard path == what else { return bytes }
                var changed = bytes
                // Within a layer this is a file's content; within a document it is a digit or a letter.
                changed[path == "layer" ? 513 : bytes.count / 2] ^= 1
                return changed
            }
            let bytes = try await archive.layout()
            let failure = await #expect(throws: EngineError.self) {
                try await engine.load(bytes, in: roots, piped: piped)
            }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.contains("digest mismatch") == true, "\(failure?.message ?? "")")
            #expect(try await roots.stored().isEmpty)
            #expect(try await engine.images.list(ImageQuery()).isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `a layer of Docker's whose diffID is another is refused`(piped: Bool) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            var archive = ImageArchive([try layer(("f", "contents"))])
            archive.spoil = { path, bytes in
                path.hasSuffix("layer.tar") ? bytes + [UInt8](repeating: 0, count: 512) : bytes
            }
            let bytes = try archive.docker()
            let failure = await #expect(throws: EngineError.self) {
                try await engine.load(bytes, in: roots, piped: piped)
            }
            #expect(failure?.message.contains("invalid diffID") == true)
            #expect(try await roots.stored().isEmpty)
        }
    }

    @Test(arguments: [0.2, 0.6, 0.9], [false, true])
    func `an archive that was cut short loads nothing`(part: Double, piped: Bool) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            let archive = ImageArchive([try layer(("f", String(repeating: "x", count: 100_000)))])
            let bytes = try await archive.layout()
            await #expect(throws: EngineError.self) {
                try await engine.load(Array(bytes.prefix(Int(Double(bytes.count) * part))), in: roots, piped: piped)
            }
            #expect(try await roots.stored().isEmpty)
        }
    }

    @Test
    func `an image whose layer tries to escape is refused whole`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            let bytes = try ImageArchive([try layer(("f", "good")), try layer(("../../out", "bad"))]).docker()
            let failure = await #expect(throws: EngineError.self) { try await engine.load(bytes, in: roots) }
            #expect(failure?.message.contains("leads out of the layer") == true)
            #expect(try await roots.stored().isEmpty && access("\(roots.root)/out", F_OK) != 0)
        }
    }

    @Test(arguments: ["", "hello", "{}"])
    func `what is no archive of images says so`(text: String) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            let failure = await #expect(throws: EngineError.self) { try await engine.load(Array(text.utf8), in: roots) }
            #expect(failure?.message.hasPrefix("invalid archive: ") == true)
        }
    }

    @Test
    func `two that load the same at once both succeed, and the layers are there once`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            let other = try roots.engine()
            let bytes = try await ImageArchive([try layer(("f", "one")), try layer(("g", "two"))]).layout()
            async let first = engine.load(bytes, in: roots)
            async let second = other.load(bytes, in: roots)
            let ids = try await [first, second].map { $0.map(\.id) }
            #expect(ids[0] == ids[1])
            // Two layers, two recipes, one manifest.
            #expect(try await roots.stored().count == 5)
        }
    }

    @Test
    func `a directory that a layer left out looks as it does below`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            let above = try layer(("cache/new", "x"))
            let strict = try ImageArchive([try layer(("700:cache/", "")), above]).docker()
            var loose = ImageArchive([try layer(("1777:cache/", "")), above])
            loose.name = "loose:latest"
            _ = try await engine.load(strict, in: roots)
            _ = try await engine.load(try loose.docker(), in: roots)
            for (name, mode) in [("test", 0o700), ("loose", 0o1777)] as [(ImageName, mode_t)] {
                let top = try #require(try await engine.images.inspect(name).layerDirectories.first)
                var status = stat()
                #expect(stat("\(top)/cache", &status) == 0 && status.st_mode & 0o7777 == mode, "\(name)")
                #expect(access("\(top)/cache/new", F_OK) == 0)
            }
            // Both are still the archives that they came from.
            for name in ["test", "loose"] as [ImageName] { _ = try await engine.save(name, in: roots) }
        }
    }

    @Test
    func `a load that is called off leaves nothing`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let engine = try await roots.emptyEngine()
            var ends: [CInt] = [-1, -1]
            #expect(Glibc.pipe(&ends) == 0)
            let input = ends[0]
            let task = Task { try await engine.images.load(from: input, progress: nil) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            close(ends[0])
            close(ends[1])
            #expect(try await roots.stored().isEmpty)
        }
    }
}
