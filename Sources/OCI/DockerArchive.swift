// SPDX-License-Identifier: Apache-2.0

/// One image of `manifest.json`, the table of contents of what `docker save` writes.
///
/// - SeeAlso: Docker's image specification v1.2, "Combined Image JSON + Filesystem Changeset Format".
public struct DockerArchiveImage: Hashable, Sendable, Codable {
    /// The configuration's path inside the archive.
    public var config: String
    /// `node:20`; missing where the image has no name.
    public var repoTags: [String]?
    /// The layers' paths inside the archive, lowest first.
    public var layers: [String]?

    private enum CodingKeys: String, CodingKey {
        case config = "Config"
        case repoTags = "RepoTags"
        case layers = "Layers"
    }

    /// An image at these paths.
    public init(config: String, repoTags: [String], layers: [String]) {
        self.config = config
        self.repoTags = repoTags
        self.layers = layers
    }
}

/// The other files at an archive's top.
public enum DockerArchive {
    /// The table of contents: a list of `DockerArchiveImage`.
    public static let manifestPath = "manifest.json"
    /// What programs older than `manifest.json` read: repository → tag → the digits of the topmost layer.
    public static let repositoriesPath = "repositories"
}
