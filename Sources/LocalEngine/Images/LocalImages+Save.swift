// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import Linux
import OCI

extension LocalImages {
    func save(_ names: [ImageName], to output: Int32) async throws {
        try await ImageWork.run { work in
            try SaveStep.readRows.begin()
            let saved = try core.database.read { database in try SavedImage.find(names, database) }
            try ImageSaver(self, work, FileSink(writing: output)).save(saved)
        }
    }
}

/// Writes an archive of images as Docker 28 does: an OCI layout with Docker's own table of contents beside it.
///
/// The tables come last, so that an archive which broke off can be loaded by nobody.
private final class ImageSaver {
    private let images: LocalImages
    private let work: ImageWork
    private let writer: TarWriter
    private var written: Set<OCI.Digest> = []

    init(_ images: LocalImages, _ work: ImageWork, _ sink: any ByteSink) {
        self.images = images
        self.work = work
        writer = TarWriter(sink)
    }

    func save(_ saved: [SavedImage]) throws {
        for directory in ["blobs/", "blobs/sha256/"] {
            try writer.write(Self.entry(.directory, directory, 0o755), contents: [])
        }
        var index: [ContentDescriptor] = []
        var table: [DockerArchiveImage] = []
        var repositories: [String: [String: String]] = [:]
        for image in saved {
            try SaveStep.writeLayer.begin()
            for layer in image.layers { try write(layer) }
            try SaveStep.writeDocuments.begin()
            let manifest = try manifest(of: image)
            try write(image.record.configuration)
            try write(manifest)
            let digest = DigestHasher.digest(of: manifest)
            func descriptor(_ annotations: [String: String]?) -> ContentDescriptor {
                ContentDescriptor(
                    mediaType: .manifest, digest: digest, size: Int64(manifest.count), annotations: annotations)
            }
            index += image.references.map { reference in
                descriptor([
                    Annotation.imageName: reference.canonical, Annotation.referenceName: reference.tag ?? "latest",
                ])
            }
            if image.references.isEmpty { index.append(descriptor(nil)) }
            let configuration = DigestHasher.digest(of: image.record.configuration)
            table.append(
                DockerArchiveImage(
                    config: ImageLayout.blobPath(configuration), repoTags: image.references.map(\.familiar),
                    layers: image.layers.map { ImageLayout.blobPath($0.diffID) }))
            for reference in image.references {
                repositories[reference.familiarName, default: [:]][reference.tag ?? "latest"] =
                    image.layers.last?.diffID.hex ?? ""
            }
        }
        try SaveStep.writeTables.begin()
        try write(ImageIndex(manifests: index), at: ImageLayout.indexPath)
        try write(table, at: DockerArchive.manifestPath)
        try write(ImageLayout(), at: ImageLayout.markerPath)
        try write(repositories, at: DockerArchive.repositoriesPath)
        try SaveStep.finish.begin()
        try writer.finish()
    }

    private static func entry(_ kind: TarEntry.Kind, _ path: String, _ mode: UInt32) -> TarEntry {
        TarEntry(kind: kind, path: Array(path.utf8), mode: mode, modified: .init(seconds: 0))
    }

    private func write(_ document: some Encodable, at path: String) throws {
        try writer.write(Self.entry(.regular, path, 0o644), contents: try ImageDocument.bytes(document))
    }

    private func write(_ blob: [UInt8]) throws {
        let digest = DigestHasher.digest(of: blob)
        guard written.insert(digest).inserted else { return }
        try writer.write(Self.entry(.regular, ImageLayout.blobPath(digest), 0o644), contents: blob)
    }

    /// The manifest that the image came with, where it describes what is written here; otherwise one of plain layers.
    private func manifest(of image: SavedImage) throws -> [UInt8] {
        if let digest = image.record.manifest {
            let bytes = try images.blobs.read(digest)
            let manifest = try ImageDocument.read(ImageManifest.self, from: bytes, "manifest \(digest.short)")
            if manifest.layers.map(\.digest) == image.layers.map(\.diffID) { return bytes }
        }
        let configuration = image.record.configuration
        return try ImageDocument.bytes(
            ImageManifest(
                config: ContentDescriptor(
                    mediaType: .configuration, digest: DigestHasher.digest(of: configuration),
                    size: Int64(configuration.count)),
                layers: image.layers.map {
                    ContentDescriptor(mediaType: .layer, digest: $0.diffID, size: $0.archiveLength)
                }))
    }

    /// Writes a layer's own archive, made again from its directory and checked on the way.
    private func write(_ layer: LayerRecord) throws {
        guard written.insert(layer.diffID).inserted else { return }
        var entry = Self.entry(.regular, ImageLayout.blobPath(layer.diffID), 0o644)
        entry.size = layer.archiveLength
        try writer.begin(entry)
        let recipe = try images.blobs.open(layer.recipe)
        let directory = try Descriptor(opening: images.layers.path(layer.directory), O_RDONLY | O_DIRECTORY)
        let (number, recipeNumber, scratch) = (directory.number, recipe.number, images.layers.directory)
        var hasher = DigestHasher()
        do throws(ArchiveError) {
            _ = try Pipeline.run { (queue) throws(ArchiveError) in
                let sink = QueueSink(queue)
                try LayerPacker(recipe: recipeNumber, directory: number, scratchDirectory: scratch).write(to: sink)
                sink.finish()
            } consume: { (queue) throws(ArchiveError) in
                while let chunk = try queue.next() {
                    if work.interrupt.isRaised { throw .cancelled }
                    hasher.update(chunk)
                    try writer.write(chunk)
                }
            }
        } catch {
            guard case .damaged(let reason) = error else { throw error }
            throw Self.changed(layer, reason)
        }
        guard hasher.digest == layer.diffID else { throw Self.changed(layer, "its digest is \(hasher.digest)") }
    }

    private static func changed(_ layer: LayerRecord, _ reason: String) -> EngineError {
        EngineError(
            .refused, .engine,
            "cannot save: layer \(layer.diffID) was changed on disk (\(reason)): what was written so far is no image")
    }
}
