// SPDX-License-Identifier: Apache-2.0

/// What a blob is. Docker's own types and the specification's mean the same documents.
///
/// - SeeAlso: OCI image specification, media-types.md.
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// The type as it is written.
    public let text: String

    /// Takes any type: unknown ones are passed on unread.
    public init(_ text: String) { self.text = text }

    public var description: String { text }

    public static let manifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    public static let index = MediaType("application/vnd.oci.image.index.v1+json")
    public static let configuration = MediaType("application/vnd.oci.image.config.v1+json")
    public static let layer = MediaType("application/vnd.oci.image.layer.v1.tar")
    public static let gzipLayer = MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
    public static let zstdLayer = MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
    public static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    public static let dockerManifestList = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    public static let dockerConfiguration = MediaType("application/vnd.docker.container.image.v1+json")
    public static let dockerLayer = MediaType("application/vnd.docker.image.rootfs.diff.tar")
    public static let dockerGzipLayer = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")

    /// Whether the document lists manifests, one a platform.
    public var isIndex: Bool { self == .index || self == .dockerManifestList }

    /// Whether the document names a configuration and layers.
    public var isManifest: Bool { self == .manifest || self == .dockerManifest }

    /// Whether the configuration is an image's, and not that of some other artefact (a chart, a signature).
    public var isImageConfiguration: Bool { self == .configuration || self == .dockerConfiguration }
}

extension MediaType: Codable {
    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
