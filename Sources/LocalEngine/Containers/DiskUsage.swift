// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// How much of the disk a tree takes: blocks, so that sparse files count as what they are, and each file once however many
/// names it has.
enum DiskUsage {
    private struct File: Hashable {
        let device: dev_t
        let number: ino_t
    }

    /// Bytes of a file or directory with all below it; what cannot be read counts nothing.
    static func bytes(below path: String) -> Int64 {
        var seen: Set<File> = []
        var total: Int64 = 0
        add(Array(path.utf8CString), in: AT_FDCWD, &seen, &total)
        return total
    }

    private static func add(_ name: [CChar], in parent: CInt, _ seen: inout Set<File>, _ total: inout Int64) {
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if isDirectory || status.st_nlink < 2
            || seen.insert(File(device: status.st_dev, number: status.st_ino)).inserted
        {
            // stat(2): units of 512 bytes, whatever the file system's blocks are.
            total += Int64(status.st_blocks) * 512
        }
        guard isDirectory else { return }
        let number = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { return }
        let directory = Descriptor(number: number)
        // A directory that cannot be read has gone, or is counted without what is in it.
        guard let names = try? directory.rawEntryNames() else { return }
        for inner in names { add(inner, in: directory.number, &seen, &total) }
    }
}
