// SPDX-License-Identifier: Apache-2.0

/// The document that an image is: its settings, its layers' digests and how it was made. Its own digest is the image's id.
///
/// Only what is used is read. An image's configuration is kept and given away as the bytes that it came in, so that what
/// is not known here is not lost either.
///
/// - SeeAlso: OCI image specification, config.md; Docker's image specification v1.2.
public struct ImageConfiguration: Hashable, Sendable, Codable {
    /// When it was made, RFC 3339.
    public var created: String?
    /// Who made it.
    public var author: String?
    /// Docker's: a note on the whole image.
    public var comment: String?
    /// `amd64` …
    public var architecture: String
    /// `linux`.
    public var os: String
    /// `v8` for arm64.
    public var variant: String?
    /// What it tells its containers.
    public var config: Settings?
    /// Its layers.
    public var rootfs: RootFilesystem
    /// Its steps, oldest first.
    public var history: [Step]?

    /// An image of these layers, lowest first, for `platform`.
    public init(platform: Platform, diffIDs: [Digest]) {
        architecture = platform.architecture
        os = platform.os
        variant = platform.variant
        rootfs = RootFilesystem(diffIDs: diffIDs)
    }

    /// The kind of machine that it is for.
    public var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }

    /// Digests of the layers' uncompressed archives.
    public struct RootFilesystem: Hashable, Sendable, Codable {
        /// Always `layers`.
        public var type: String
        /// Lowest first.
        public var diffIDs: [Digest]

        private enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }

        init(diffIDs: [Digest]) {
            type = "layers"
            self.diffIDs = diffIDs
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            type = try container.decode(String.self, forKey: .type)
            // Go writes the list of an image without layers as null.
            diffIDs = try container.decodeIfPresent([Digest].self, forKey: .diffIDs) ?? []
        }
    }

    /// One step of an image's making.
    public struct Step: Hashable, Sendable, Codable {
        /// When, RFC 3339.
        public var created: String?
        /// The instruction.
        public var createdBy: String?
        /// Who.
        public var author: String?
        /// A note.
        public var comment: String?
        /// Whether it made no layer; `nil` means that it made one.
        public var emptyLayer: Bool?

        private enum CodingKeys: String, CodingKey {
            case created
            case createdBy = "created_by"
            case author, comment
            case emptyLayer = "empty_layer"
        }

        /// A step that made a layer.
        public init(created: String?, createdBy: String?, comment: String? = nil) {
            self.created = created
            self.createdBy = createdBy
            self.comment = comment
        }
    }
}
