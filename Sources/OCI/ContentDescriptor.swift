// SPDX-License-Identifier: Apache-2.0

/// Points to a blob: what it is, its digest and its length.
///
/// - SeeAlso: OCI image specification, descriptor.md.
public struct ContentDescriptor: Hashable, Sendable, Codable {
    /// What the blob is; some old tools leave it out.
    public var mediaType: MediaType?
    /// The digest of the blob's bytes, as they are stored (compressed, say).
    public var digest: Digest
    /// The number of those bytes.
    public var size: Int64
    /// For which machine it is, in an index.
    public var platform: Platform?
    /// Notes, among them the image's name (`Annotation`).
    public var annotations: [String: String]?

    /// Points to a blob.
    public init(
        mediaType: MediaType, digest: Digest, size: Int64, platform: Platform? = nil,
        annotations: [String: String]? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
    }
}

/// Keys of annotations that carry an image's name.
public enum Annotation {
    /// The whole reference, as Docker and containerd write it: `docker.io/library/node:20`.
    public static let imageName = "io.containerd.image.name"
    /// The specification's: a tag (`20`), or with some tools the whole reference.
    public static let referenceName = "org.opencontainers.image.ref.name"
}
