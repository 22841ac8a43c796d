// SPDX-License-Identifier: Apache-2.0

import Engine

/// What containers ask of the image store.
protocol ImageSource: Sendable {
    /// Everything that a new container takes from its image, in one reading of the database.
    ///
    /// - Throws: `.notFound` (`noSuchImage`) when the store does not have it.
    func resolve(_ name: ImageName) throws -> ResolvedImage

    /// Which image a name means now; `nil` when it means none.
    func id(of name: ImageName) throws -> ImageID?

    /// Bytes of an image's layers, unpacked.
    func size(of id: ImageID) throws -> ByteCount
}

/// What a container takes from its image.
struct ResolvedImage: Sendable {
    var id: ImageID
    var settings: ImageSettings
    /// Topmost first.
    var layerDirectories: [String]
    /// `amd64`, as the image says.
    var architecture: String
}
