// SPDX-License-Identifier: Apache-2.0

/// Names an image's configuration and its layers, lowest first.
///
/// - SeeAlso: OCI image specification, manifest.md; Docker's image manifest version 2, schema 2.
public struct ImageManifest: Hashable, Sendable, Codable {
    /// Always 2.
    public var schemaVersion: Int
    /// The document's own type; the specification lets it be left out.
    public var mediaType: MediaType?
    /// The configuration, whose digest is the image's id.
    public var config: ContentDescriptor
    /// The layers as they are stored, lowest first.
    public var layers: [ContentDescriptor]
    /// Notes.
    public var annotations: [String: String]?

    /// An image of these layers, lowest first.
    public init(config: ContentDescriptor, layers: [ContentDescriptor]) {
        schemaVersion = 2
        mediaType = .manifest
        self.config = config
        self.layers = layers
    }
}
