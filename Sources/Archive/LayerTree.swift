// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// The directory that a layer is unpacked into: opens and makes directories in it, and never leaves it.
///
/// Every parent is opened by openat2(2) below the root, so that a link of the archive's own cannot lead outside, and
/// everything else is done in that directory with a name of one component that is not followed.
final class LayerTree {
    private let root: CInt
    /// The directories that were used last; archives go through a tree in order.
    private var recent: [OpenDirectory] = []
    private static let recentLimit = 16
    /// Forgotten ones that the current entry may still work in.
    private var retired: [OpenDirectory] = []

    private final class OpenDirectory {
        let path: EntryPath
        let descriptor: Descriptor

        init(path: EntryPath, descriptor: consuming Descriptor) {
            self.path = path
            self.descriptor = descriptor
        }
    }

    /// Works in an open directory, which stays the caller's.
    init(root: CInt) { self.root = root }

    /// A descriptor of a directory (`O_PATH`), valid until `beginEntry()`.
    ///
    /// - Returns: `nil` when there is no such directory.
    /// - Throws: `.escapes` when a link on the way leads out of the layer.
    func directory(_ path: EntryPath) throws(ArchiveError) -> CInt? {
        if path.isRoot { return root }
        if let index = recent.lastIndex(where: { $0.path == path }) {
            let found = recent[index]
            if index != recent.count - 1 {
                recent.remove(at: index)
                recent.append(found)
            }
            return found.descriptor.number
        }
        var failure: SystemError?
        let opened = withPath(path.bytes) { text -> OpenDirectory? in
            do throws(SystemError) {
                let descriptor = try Descriptor(
                    opening: text, below: root, .beneath, Descriptor.pathOnly | O_DIRECTORY)
                return OpenDirectory(path: path, descriptor: descriptor)
            } catch {
                failure = error
                return nil
            }
        }
        if let failure {
            switch failure.number {
            case ENOENT, ENOTDIR: return nil
            // EXDEV: out of the root. ELOOP: in circles.
            case EXDEV, ELOOP: throw .escapes(entry: path.text, reason: "a link on the way leads out of the layer")
            default: throw .system(failure)
            }
        }
        guard let opened else { return nil }
        if recent.count == Self.recentLimit { retired.append(recent.removeFirst()) }
        recent.append(opened)
        return opened.descriptor.number
    }

    /// Ends the use of all descriptors that `directory` gave.
    func beginEntry() { retired = [] }

    /// Forgets open directories: something was removed, so that a path may mean another one from now on.
    private func forgetDirectories() {
        retired += recent
        recent = []
    }

    /// What stands at `name` in a directory; `nil` when nothing does.
    func status(_ name: some Collection<UInt8>, in directory: CInt) throws(ArchiveError) -> stat? {
        var status = stat()
        let result = withPath(name) { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return status }
        if errno == ENOENT { return nil }
        throw .system(SystemError(step: "stat \(String(decoding: name, as: UTF8.self))", number: errno))
    }

    /// Makes one directory, readable by all until its own entry says otherwise.
    func makeDirectory(_ path: EntryPath, in parent: CInt) throws(ArchiveError) {
        try systemCall("mkdir \(path.text)") { withPath(path.name) { Int(mkdirat(parent, $0, 0o755)) } }
    }

    /// Opens a directory for reading and for its attributes; links are not followed.
    func open(_ path: EntryPath, in parent: CInt) throws(ArchiveError) -> Descriptor {
        var failure: SystemError?
        let number = withPath(path.isRoot ? [UInt8(ascii: ".")] : Array(path.name)) { name -> CInt in
            do throws(SystemError) {
                return try Descriptor(
                    opening: name, below: parent, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY
                ).release()
            } catch {
                failure = error
                return -1
            }
        }
        if let failure { throw .system(failure) }
        return Descriptor(number: number)
    }

    /// Removes whatever stands at a path, a directory with all that is in it.
    func remove(_ path: EntryPath, in parent: CInt) throws(ArchiveError) {
        forgetDirectories()
        if try unlink(path.name, in: parent) { return }
        try removeContents(of: try open(path, in: parent))
        try systemCall("rmdir \(path.text)") { withPath(path.name) { Int(unlinkat(parent, $0, AT_REMOVEDIR)) } }
    }

    /// Whether it is gone now; `false` when it is a directory.
    private func unlink(_ name: some Collection<UInt8>, in parent: CInt) throws(ArchiveError) -> Bool {
        if withPath(name, { unlinkat(parent, $0, 0) }) == 0 || errno == ENOENT { return true }
        if errno == EISDIR { return false }
        throw .system(SystemError(step: "unlink \(String(decoding: name, as: UTF8.self))", number: errno))
    }

    private func removeContents(of directory: borrowing Descriptor) throws(ArchiveError) {
        for name in try names(in: directory) where try !unlink(name, in: directory.number) {
            let path = EntryPath(cleaned: name)
            try removeContents(of: try open(path, in: directory.number))
            try systemCall("rmdir \(path.text)") {
                withPath(name) { Int(unlinkat(directory.number, $0, AT_REMOVEDIR)) }
            }
        }
    }

    private func names(in directory: borrowing Descriptor) throws(ArchiveError) -> [[UInt8]] {
        let copy = try kernel { () throws(SystemError) in try directory.duplicate() }
        guard let stream = fdopendir(copy.release()) else {
            throw .system(SystemError(step: "read a directory", number: errno))
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
        }
        return names
    }
}
