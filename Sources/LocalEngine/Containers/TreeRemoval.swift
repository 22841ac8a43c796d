// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// Removes a directory with all that is in it, whatever a container left there.
///
/// It goes by descriptors and never follows a link, so that nothing outside is touched even while somebody changes the
/// tree; a file system that is mounted inside is not entered.
enum TreeRemoval {
    /// A tree that is not there is no failure.
    static func remove(_ path: String) throws(EngineError) {
        if unlink(path) == 0 || rmdir(path) == 0 || errno == ENOENT { return }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .failed("remove \(path)", .path(path)) }
        let name = Array(path.utf8CString)
        do {
            try empty(name, in: AT_FDCWD, device: status.st_dev)
            try removeEntry(name, in: AT_FDCWD, AT_REMOVEDIR)
        } catch {
            throw EngineError(.system, .path(path), "remove \(path): \(error)", cause: error)
        }
    }

    /// Names are bytes with a final zero: a container's files may be called anything.
    private static func empty(_ name: [CChar], in parent: CInt, device: dev_t) throws(SystemError) {
        let directory = try openDirectory(name, in: parent)
        var status = stat()
        let number = directory.number
        try attempt("stat \(text(name))") { fstat(number, &status) }
        guard status.st_dev == device else {
            throw SystemError(step: "something is mounted on \(text(name))", number: EBUSY)
        }
        for entry in try directory.rawEntryNames() {
            if unlinkat(number, entry, 0) == 0 || errno == ENOENT { continue }
            if errno == EISDIR || errno == EPERM && isDirectory(entry, in: number) {
                if unlinkat(number, entry, AT_REMOVEDIR) == 0 { continue }
                try empty(entry, in: number, device: device)
                try removeEntry(entry, in: number, AT_REMOVEDIR)
            } else {
                try removeEntry(entry, in: number, 0)
            }
        }
    }

    private static func openDirectory(_ name: [CChar], in parent: CInt) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var number = openat(parent, name, flags)
        if number < 0, errno == EACCES {
            // Only somebody without CAP_DAC_OVERRIDE gets here: an owner of a directory of mode 000.
            fchmodat(parent, name, 0o700, 0)
            number = openat(parent, name, flags)
        }
        guard number >= 0 else { throw SystemError(step: "open \(text(name))", number: errno) }
        return Descriptor(number: number)
    }

    private static func removeEntry(_ name: [CChar], in parent: CInt, _ flags: CInt) throws(SystemError) {
        if unlinkat(parent, name, flags) == 0 || errno == ENOENT { return }
        let number = errno
        // An immutable or append-only file, or one in such a directory: ioctl_iflags(2).
        if number == EPERM {
            FileFlags.clear(openat(parent, ".", FileFlags.opening))
            FileFlags.clear(openat(parent, name, FileFlags.opening))
            if unlinkat(parent, name, flags) == 0 { return }
        }
        throw SystemError(step: "remove \(text(name))", number: number)
    }

    private static func isDirectory(_ name: [CChar], in parent: CInt) -> Bool {
        var status = stat()
        return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func text(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// The flags of chattr(1).
private enum FileFlags {
    // FS_IOC_GETFLAGS and FS_IOC_SETFLAGS on 64-bit machines: linux/fs.h.
    private static let get: UInt = 0x8008_6601
    private static let set: UInt = 0x4008_6602
    private static let immutableAndAppendOnly: CInt = 0x10 | 0x20

    /// O_NONBLOCK: a pipe would wait for its writer.
    static let opening = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC

    /// Takes away what forbids removing, and closes the descriptor. What cannot be opened or changed keeps its flags, and
    /// removing fails then.
    static func clear(_ number: CInt) {
        guard number >= 0 else { return }
        let file = Descriptor(number: number)
        var flags: CInt = 0
        guard ioctl(file.number, get, &flags) == 0, flags & immutableAndAppendOnly != 0 else { return }
        flags &= ~immutableAndAppendOnly
        _ = ioctl(file.number, set, &flags)
    }
}
