// SPDX-License-Identifier: Apache-2.0

import Engine

/// What a container takes from its image.
struct ResolvedImage: Sendable {
    var id: ImageID
    var settings: ImageSettings
    /// Topmost first.
    var layerDirectories: [String]
    /// `amd64`, as the image says.
    var architecture: String
}
