// SPDX-License-Identifier: Apache-2.0
import Archive
import Content
import Engine
import Foundation
import Glibc
import LocalEngine
import OCI
import TestSupport

/// An archive of one image that a test puts together, right or wrong.
struct ImageArchive {
    /// The layers' own archives, lowest first.
    var layers: [[UInt8]] = []
    var name: String? = "test:latest"
    /// How layers are stored.
    var layerCommand: String?
    /// Changes a document or a layer at the last moment, by its path.
    var spoil: (String, [UInt8]) -> [UInt8] = { $1 }

    init(_ layers: [[UInt8]]) { self.layers = layers }

    private func entry(_ path: String) -> TarEntry {
        TarEntry(kind: .regular, path: Array(path.utf8), mode: 0o644, modified: .init(seconds: 0))
    }

    private func configuration() throws -> [UInt8] {
        var configuration = ImageConfiguration(platform: .current, diffIDs: layers.map(DigestHasher.digest))
        configuration.created = "2024-05-01T00:00:00Z"
        configuration.config = .init()
        configuration.config?.command = ["true"]
        configuration.config?.labels = ["kind": "test"]
        configuration.history = layers.indices.map { .init(created: "2024-05-01T00:00:00Z", createdBy: "step \($0)") }
        return Array(try JSONEncoder().encode(configuration))
    }

    /// As `docker save` wrote it for years.
    func docker() throws -> [UInt8] {
        let sink = MemorySink()
        let writer = TarWriter(sink)
        let configuration = try configuration()
        let id = DigestHasher.digest(of: configuration)
        var paths: [String] = []
        for (number, layer) in layers.enumerated() {
            let path = "\(number)/layer.tar"
            try writer.write(entry(path), contents: spoil(path, layer))
            paths.append(path)
        }
        try writer.write(entry("\(id.hex).json"), contents: spoil("config", configuration))
        let table = [DockerArchiveImage(config: "\(id.hex).json", repoTags: name.map { [$0] } ?? [], layers: paths)]
        try writer.write(
            entry("manifest.json"), contents: spoil("manifest.json", Array(try JSONEncoder().encode(table))))
        try writer.finish()
        return sink.bytes
    }

    /// An OCI layout, layers compressed as `layerCommand` says.
    func layout() async throws -> [UInt8] {
        let sink = MemorySink()
        let writer = TarWriter(sink)
        let configuration = try configuration()
        var descriptors: [ContentDescriptor] = []
        for layer in layers {
            var stored = layer
            if let layerCommand {
                stored = try await Program("/bin/sh", ["-c", layerCommand]).run(input: layer).output
            }
            let digest = DigestHasher.digest(of: stored)
            descriptors.append(ContentDescriptor(mediaType: .gzipLayer, digest: digest, size: Int64(stored.count)))
            try writer.write(entry(ImageLayout.blobPath(digest)), contents: spoil("layer", stored))
        }
        let id = DigestHasher.digest(of: configuration)
        let config = ContentDescriptor(mediaType: .configuration, digest: id, size: Int64(configuration.count))
        let manifest = Array(try JSONEncoder().encode(ImageManifest(config: config, layers: descriptors)))
        let digest = DigestHasher.digest(of: manifest)
        let annotations = name.map { [Annotation.imageName: "docker.io/library/\($0)"] }
        let index = ImageIndex(manifests: [
            ContentDescriptor(
                mediaType: .manifest, digest: digest, size: Int64(manifest.count), annotations: annotations)
        ])
        try writer.write(entry(ImageLayout.blobPath(id)), contents: spoil("config", configuration))
        try writer.write(entry(ImageLayout.blobPath(digest)), contents: spoil("manifest", manifest))
        try writer.write(entry("index.json"), contents: Array(try JSONEncoder().encode(index)))
        try writer.write(entry("oci-layout"), contents: Array(try JSONEncoder().encode(ImageLayout())))
        try writer.finish()
        return sink.bytes
    }
}

/// A layer's archive with files of these names and contents; a name that ends in `/` is a directory, `MODE:NAME` one with
/// these permissions.
func layer(_ files: (String, String)...) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = TarWriter(sink)
    for (name, contents) in files {
        let parts = name.split(separator: ":")
        let isDirectory = name.hasSuffix("/")
        let mode = parts.count > 1 ? UInt32(parts[0], radix: 8) ?? 0 : isDirectory ? 0o755 : 0o644
        let entry = TarEntry(
            kind: isDirectory ? .directory : .regular, path: Array(parts[parts.count - 1].utf8), mode: mode,
            modified: .init(seconds: 1_700_000_000))
        try writer.write(entry, contents: Array(contents.utf8))
    }
    try writer.finish()
    return sink.bytes
}

extension LocalContainerEngine {
    /// Loads bytes from a file, or through a pipe.
    func load(_ bytes: [UInt8], in roots: TemporaryEngineRoots, piped: Bool = false) async throws -> [LoadedImage] {
        let path = "\(roots.files)/archive-\(UInt32.random(in: 0 ... .max))"
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        if piped {
            let stream = popen("cat \(path)", "r")
            defer { pclose(stream) }
            return try await images.load(from: fileno(stream), progress: nil)
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        return try await images.load(from: file, progress: nil)
    }

    /// Saves to bytes.
    func save(_ names: ImageName..., in roots: TemporaryEngineRoots) async throws -> [UInt8] {
        let path = "\(roots.files)/saved-\(UInt32.random(in: 0 ... .max))"
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        try await images.save(names, to: file)
        return Array(FileManager.default.contents(atPath: path) ?? Data())
    }
}

extension TemporaryEngineRoots {
    /// An engine without the starter images.
    func emptyEngine() async throws -> LocalContainerEngine {
        let engine = try engine()
        _ = try await engine.images.prune(all: true, [])
        return engine
    }

    /// What is in the store besides the database.
    func stored() async throws -> [String] {
        try await Program(
            "/usr/bin/find", ["\(root)/layers", "\(root)/blobs/sha256", "-mindepth", "1", "-maxdepth", "1"]
        )
        .run().lines.sorted()
    }
}
