// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What overlayfs leaves beside a volatile upper directory so that nobody trusts it after a power cut.
///
/// - SeeAlso: the kernel's Documentation/filesystems/overlayfs.rst, "Volatile mount".
enum VolatileMark {
    /// Takes it away before the layer is mounted again: the machine has not been restarted since, or it was, and then this
    /// container, which removes itself, is settled and gone.
    static func remove(_ files: ContainerFiles) {
        let mark = files.work + "/work/incompat"
        // The kernel keeps a file in it: fs/overlayfs/super.c, ovl_create_volatile_dirty.
        unlink(mark + "/volatile/dirty")
        rmdir(mark + "/volatile")
        rmdir(mark)
    }
}

/// What kind of file a path leads to, links followed.
enum PathKind {
    case directory
    case other

    /// `nil` where there is nothing.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self = status.st_mode & S_IFMT == S_IFDIR ? .directory : .other
    }
}
