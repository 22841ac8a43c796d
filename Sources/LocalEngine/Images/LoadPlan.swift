// SPDX-License-Identifier: Apache-2.0

import Content
import Engine
import OCI

/// An image that an archive holds, and what its layers must turn out to be.
struct PlannedImage: Sendable {
    let id: ImageID
    let configuration: [UInt8]
    let decoded: ImageConfiguration
    /// The manifest's bytes, where the archive has one.
    let manifest: [UInt8]?
    var names: [Reference]
    let layers: [Layer]

    struct Layer: Sendable {
        /// Where it is in the archive.
        let path: String
        let diffID: Digest
        /// What the manifest says of the stored bytes.
        let blob: Digest?
        let length: Int64?
    }
}

/// Reads an archive's table of contents: which images it holds.
///
/// - SeeAlso: OCI image specification, image-layout.md; Docker's image specification v1.2.
struct LoadPlan {
    private let bundle: ImageBundle
    private let platform: Platform

    init(_ bundle: ImageBundle, platform: Platform = .current) {
        self.bundle = bundle
        self.platform = platform
    }

    /// The images, each once, in the archive's order.
    ///
    /// Where there are both tables, the specification's is read: its digests bind every byte.
    func images() throws -> [PlannedImage] {
        let found: [PlannedImage]
        if bundle.documents[ImageLayout.indexPath] != nil, bundle.documents[ImageLayout.markerPath] != nil {
            found = try layoutImages()
        } else if bundle.documents[DockerArchive.manifestPath] != nil {
            found = try dockerImages()
        } else {
            throw EngineError(.invalid, .engine, "invalid archive: does not contain a manifest.json")
        }
        var images: [PlannedImage] = []
        for image in found {
            if let index = images.firstIndex(where: { $0.id == image.id }) {
                images[index].names += image.names.filter { !images[index].names.contains($0) }
            } else {
                images.append(image)
            }
        }
        return images
    }

    // MARK: OCI layout

    private func layoutImages() throws -> [PlannedImage] {
        let marker = try ImageDocument.read(
            ImageLayout.self, from: bundle.document(ImageLayout.markerPath), ImageLayout.markerPath)
        guard marker.imageLayoutVersion == ImageLayout().imageLayoutVersion else {
            throw EngineError(
                .unsupported, .engine,
                "invalid archive: OCI layout version \(marker.imageLayoutVersion) is not supported")
        }
        let index = try ImageDocument.read(
            ImageIndex.self, from: bundle.document(ImageLayout.indexPath), ImageLayout.indexPath)
        return try index.manifests.compactMap { descriptor in
            let names = try Self.name(descriptor.annotations).map { [$0] } ?? []
            return try image(descriptor, names: names)
        }
    }

    /// The whole reference: Docker's note, or the specification's where it is more than a tag.
    private static func name(_ annotations: [String: String]?) throws(EngineError) -> Reference? {
        let short = annotations?[Annotation.referenceName].flatMap { $0.contains(":") || $0.contains("/") ? $0 : nil }
        guard let text = annotations?[Annotation.imageName] ?? short else { return nil }
        return try reference(text)
    }

    private static func reference(_ text: String) throws(EngineError) -> Reference {
        try LocalImages.reference(ImageName(text)).withDefaultTag
    }

    /// - Returns: `nil` for what is no image, such as the record of a build.
    private func image(_ descriptor: ContentDescriptor, names: [Reference], depth: Int = 0) throws -> PlannedImage? {
        if descriptor.platform?.architecture == "unknown" { return nil }
        let bytes = try blob(descriptor)
        let kind =
            try descriptor.mediaType ?? ImageDocument.read(Kind.self, from: bytes, "\(descriptor.digest)").mediaType
        if kind?.isIndex == true {
            guard depth < 4 else { throw EngineError(.invalid, .engine, "invalid archive: indexes within indexes") }
            let index = try ImageDocument.read(ImageIndex.self, from: bytes, "index \(descriptor.digest.short)")
            guard let chosen = choose(index) else {
                let wanted = names.first?.familiar ?? descriptor.digest.short
                throw EngineError(
                    .notFound, .image(wanted),
                    "image with reference \(wanted) was found but does not match the specified platform: wanted \(platform)"
                )
            }
            return try image(chosen, names: names, depth: depth + 1)
        }
        let manifest = try ImageDocument.read(ImageManifest.self, from: bytes, "manifest \(descriptor.digest.short)")
        guard manifest.config.mediaType?.isImageConfiguration ?? true else { return nil }
        let configuration = try blob(manifest.config)
        let decoded = try ImageDocument.read(
            ImageConfiguration.self, from: configuration, "config \(manifest.config.digest.short)")
        try Self.check(manifest.layers.count, decoded)
        let layers = zip(manifest.layers, decoded.rootfs.diffIDs).map { layer, diffID in
            PlannedImage.Layer(
                path: bundle.resolve(ImageLayout.blobPath(layer.digest)), diffID: diffID, blob: layer.digest,
                length: layer.size)
        }
        return PlannedImage(
            id: try ImageID(parsing: manifest.config.digest.description), configuration: configuration,
            decoded: decoded,
            manifest: bytes, names: names, layers: layers)
    }

    /// A document that does not say what it is, until it is opened.
    private struct Kind: Decodable {
        let mediaType: MediaType?
    }

    /// The manifest for this machine; the only one there is, whatever it is for.
    private func choose(_ index: ImageIndex) -> ContentDescriptor? {
        let images = index.manifests.filter { $0.platform?.architecture != "unknown" }
        if let match = images.first(where: { $0.platform.map(platform.runs) == true }) { return match }
        return images.count == 1 ? images[0] : nil
    }

    private func blob(_ descriptor: ContentDescriptor) throws(EngineError) -> [UInt8] {
        let bytes = try bundle.document(ImageLayout.blobPath(descriptor.digest))
        let actual = DigestHasher.digest(of: bytes)
        guard actual == descriptor.digest, Int64(bytes.count) == descriptor.size else {
            throw EngineError(
                .invalid, .engine,
                "invalid archive: digest mismatch: expected \(descriptor.digest) (\(descriptor.size) bytes), got \(actual) "
                    + "(\(bytes.count) bytes)")
        }
        return bytes
    }

    // MARK: Docker's archive

    private func dockerImages() throws -> [PlannedImage] {
        let table = try ImageDocument.read(
            [DockerArchiveImage].self, from: bundle.document(DockerArchive.manifestPath), DockerArchive.manifestPath)
        return try table.map { item in
            let configuration = try bundle.document(item.config)
            let digest = DigestHasher.digest(of: configuration)
            try Self.checkName(item.config, digest)
            let decoded = try ImageDocument.read(ImageConfiguration.self, from: configuration, item.config)
            let paths = item.layers ?? []
            try Self.check(paths.count, decoded)
            let layers = zip(paths, decoded.rootfs.diffIDs).map { path, diffID in
                PlannedImage.Layer(
                    path: bundle.resolve(path), diffID: diffID, blob: Self.digest(named: path), length: nil)
            }
            return PlannedImage(
                id: try ImageID(parsing: digest.description), configuration: configuration, decoded: decoded,
                manifest: nil,
                names: try (item.repoTags ?? []).map { try Self.reference($0) }, layers: layers)
        }
    }

    /// Files are named after their digests: `<digits>.json`, `blobs/sha256/<digits>`. What is named otherwise says nothing.
    private static func checkName(_ path: String, _ digest: Digest) throws(EngineError) {
        let name = path.split(separator: "/").last.map { $0.hasSuffix(".json") ? $0.dropLast(5) : $0 } ?? ""
        // A name that is no digest promises nothing.
        guard let promised = try? Digest(parsing: "sha256:\(name)"), promised != digest else { return }
        throw EngineError(.invalid, .engine, "invalid archive: digest mismatch: expected \(promised), got \(digest)")
    }

    private static func digest(named path: String) -> Digest? {
        guard path.hasPrefix("blobs/sha256/") else { return nil }
        // As above.
        return try? Digest(parsing: "sha256:\(path.dropFirst(13))")
    }

    private static func check(_ count: Int, _ configuration: ImageConfiguration) throws(EngineError) {
        let expected = configuration.rootfs.diffIDs.count
        guard count == expected else {
            throw EngineError(
                .invalid, .engine,
                "invalid archive: invalid manifest, layers length mismatch: expected \(expected), got \(count)")
        }
    }
}
