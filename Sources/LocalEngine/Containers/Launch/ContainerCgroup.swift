// SPDX-License-Identifier: Apache-2.0

import Linux
import MonitorProtocol

/// A container's control group: `dsh/FINGERPRINT-ID`, so that the roots of one machine share one parent and still know
/// their own.
struct ContainerCgroup: Hashable, Sendable {
    static let parent = "dsh"
    private let name: String

    init(_ paths: EnginePaths, _ id: String) { name = Self.prefix(paths) + id }

    /// What the names of all this root's groups begin with.
    static func prefix(_ paths: EnginePaths) -> String { paths.fingerprint + "-" }

    var placement: LaunchDescription.CgroupPlacement {
        var placement = LaunchDescription.CgroupPlacement()
        placement.parent = [Self.parent]
        placement.name = name
        return placement
    }

    /// The group itself, whether it exists or not.
    ///
    /// - Throws: where no cgroup file system is mounted.
    func group() throws(SystemError) -> Cgroup { try Cgroup(parent: [Self.parent], name: name) }
}
