// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What this machine gives, decided once when the engine opens and asked nowhere else.
struct Host: Sendable {
    /// How control groups are mounted.
    enum CgroupVersion: String, Sendable {
        case v1 = "1"
        case hybrid
        case v2 = "2"
    }

    let cgroups: CgroupVersion
    /// Whether we are root of the machine's own user namespace.
    let isPrivileged: Bool

    static let current = Host(cgroups: readCgroupVersion(), isPrivileged: geteuid() == 0)

    /// Only a cgroup2 file system has `cgroup.controllers`: at the top with version 2, beside the others when hybrid.
    private static func readCgroupVersion() -> CgroupVersion {
        if access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 { return .v2 }
        if access("/sys/fs/cgroup/unified/cgroup.controllers", F_OK) == 0 { return .hybrid }
        return .v1
    }
}
