// SPDX-License-Identifier: Apache-2.0

/// The kind of machine that an image is for.
///
/// - SeeAlso: OCI image specification, image-index.md, "platform".
public struct Platform: Hashable, Sendable, Codable, CustomStringConvertible {
    /// `linux`.
    public var os: String
    /// `amd64`, `arm64` …: Go's names.
    public var architecture: String
    /// `v8` for arm64, `v7` for arm; mostly `nil`.
    public var variant: String?

    /// Puts a platform together.
    public init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// The one that this program was built for.
    public static var current: Platform {
        #if arch(x86_64)
            Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
            Platform(os: "linux", architecture: "arm64", variant: "v8")
        #else
            #error("the name that Go has for this architecture is missing here")
        #endif
    }

    /// `linux/arm64/v8`.
    public var description: String { [os, architecture, variant].compactMap(\.self).joined(separator: "/") }

    /// Whether programs for `other` run here: a missing variant is the architecture's usual one.
    public func runs(_ other: Platform) -> Bool {
        os == other.os && architecture == other.architecture
            && (variant == nil || other.variant == nil || other.variant == "" || variant == other.variant)
    }
}
