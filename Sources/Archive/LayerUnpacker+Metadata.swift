// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// Owner, permissions, attributes and times, in the order in which the kernel lets them stand: chown(2) takes away
/// set-uid bits and capabilities, and writing attributes changes no time.
extension LayerUnpacker {
    /// Gives an open regular file what its entry says.
    func setMetadata(of file: CInt, _ path: EntryPath, _ entry: TarEntry) throws(ArchiveError) {
        try systemCall("chown \(path.text)") { Int(fchown(file, entry.owner, entry.group)) }
        try systemCall("chmod \(path.text)") { Int(fchmod(file, entry.mode)) }
        for attribute in entry.attributes where !Self.isOverlays(attribute) {
            try set(attribute, path) { (name, value) throws(SystemError) in
                try Descriptor.setAttribute(name, to: value, of: file)
            }
        }
        try systemCall("set the times of \(path.text)") { withTimes(of: entry) { Int(futimens(file, $0)) } }
    }

    /// Gives a link, device or fifo what its entry says; a link has no permissions of its own.
    func setMetadata(
        of path: EntryPath, in parent: CInt, _ entry: TarEntry, isLink: Bool
    ) throws(ArchiveError) {
        try systemCall("chown \(path.text)") {
            withPath(path.name) { Int(fchownat(parent, $0, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW)) }
        }
        if !isLink {
            // The name is of a device or fifo that was just made here: nothing that could be followed.
            try systemCall("chmod \(path.text)") { withPath(path.name) { Int(fchmodat(parent, $0, entry.mode, 0)) } }
        }
        for attribute in entry.attributes where !Self.isOverlays(attribute) {
            // There is no call that takes a directory and a name.
            let place = (Array("/proc/self/fd/\(parent)/".utf8) + path.name + [0]).map(CChar.init(bitPattern:))
            try set(attribute, path) { (name, value) throws(SystemError) in
                try Descriptor.setAttribute(name, to: value, ofLink: place)
            }
        }
        try systemCall("set the times of \(path.text)") {
            withTimes(of: entry) { times in
                withPath(path.name) { Int(utimensat(parent, $0, times, AT_SYMLINK_NOFOLLOW)) }
            }
        }
    }

    /// Gives a directory what its last entry said, unless something else has replaced it.
    func finishDirectory(_ path: EntryPath, _ entry: TarEntry) throws(ArchiveError) {
        guard let parent = try tree.directory(path.parent) else { return }
        let directory = try tree.open(path, in: parent)
        try setMetadata(of: directory.number, path, entry)
    }

    /// overlayfs's own attributes would be instructions to the kernel (`redirect` names any other directory). Seen through
    /// an overlay, nobody can read or set them, so that a layer which holds some by mistake loses nothing.
    private static func isOverlays(_ attribute: TarEntry.Attribute) -> Bool {
        attribute.name.starts(with: "trusted.overlay.".utf8) || attribute.name.starts(with: "user.overlay.".utf8)
    }

    private func set(
        _ attribute: TarEntry.Attribute, _ path: EntryPath,
        _ call: ([CChar], [UInt8]) throws(SystemError) -> Void
    ) throws(ArchiveError) {
        do {
            try call((attribute.name + [0]).map(CChar.init(bitPattern:)), attribute.value)
        } catch {
            throw .system(SystemError(step: "\(error.step) of \(path.text)", number: error.number))
        }
    }

    /// When it was read and changed, as utimensat(2) takes them; where the archive says nothing of reading, both are the
    /// same.
    private func withTimes(of entry: TarEntry, _ body: (UnsafePointer<timespec>?) -> Int) -> Int {
        let times = [entry.accessed ?? entry.modified, entry.modified].map {
            timespec(tv_sec: Int($0.seconds), tv_nsec: Int($0.nanoseconds))
        }
        return times.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
