// SPDX-License-Identifier: Apache-2.0

/// An engine: one property a noun.
///
/// Front ends know only this. `LocalContainerEngine` is this machine's.
public protocol ContainerEngine: Sendable {
    /// Containers.
    var containers: any ContainerOperations { get }
    /// Images.
    var images: any ImageOperations { get }
    /// Making images, and the cache that makes it fast.
    var builds: any BuildOperations { get }
    /// Looking around in images and containers.
    var debugging: any DebugOperations { get }
    /// The engine itself.
    var system: any SystemOperations { get }
}
