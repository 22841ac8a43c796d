// SPDX-License-Identifier: Apache-2.0

/// Lists manifests: one image for several platforms, or all images of an archive (`index.json`).
///
/// - SeeAlso: OCI image specification, image-index.md and image-layout.md.
public struct ImageIndex: Hashable, Sendable, Codable {
    /// Always 2.
    public var schemaVersion: Int
    /// The document's own type; the specification lets it be left out.
    public var mediaType: MediaType?
    /// Manifests, or further indexes.
    public var manifests: [ContentDescriptor]

    /// A list of these.
    public init(manifests: [ContentDescriptor]) {
        schemaVersion = 2
        mediaType = .index
        self.manifests = manifests
    }
}

/// The file `oci-layout`, which says that a directory or an archive is one.
public struct ImageLayout: Hashable, Sendable, Codable {
    /// `1.0.0`.
    public var imageLayoutVersion: String

    /// The version that is written.
    public init() { imageLayoutVersion = "1.0.0" }

    /// The names of the two files that a layout starts from, and where blobs are.
    public static let markerPath = "oci-layout"
    public static let indexPath = "index.json"

    /// Where a blob is inside.
    public static func blobPath(_ digest: Digest) -> String { "blobs/sha256/" + digest.hex }
}
