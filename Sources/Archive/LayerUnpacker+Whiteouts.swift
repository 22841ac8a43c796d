// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

extension LayerUnpacker {
    private static let prefix = Array(".wh.".utf8)
    private static let metaPrefix = Array(".wh..wh.".utf8)
    private static let opaque = Array(".wh..wh..opq".utf8)

    /// Does what an entry says about layers below; whether it was such an entry.
    ///
    /// Whiteouts hide what is below this layer and never what is in it, in whichever order they stand.
    ///
    /// - SeeAlso: OCI image specification, layer.md, "Whiteouts".
    func unpackWhiteout(_ path: EntryPath, _ entry: TarEntry) throws(ArchiveError) -> Bool {
        // AUFS kept its own books at a layer's top; Docker leaves them out too.
        if path.bytes.starts(with: Self.metaPrefix), !path.name.elementsEqual(Self.opaque) { return true }
        guard path.name.starts(with: Self.prefix) else { return false }
        if path.name.elementsEqual(Self.opaque) {
            // A name of one component more makes the marked directory a parent, and so makes it where it is missing.
            _ = try parentDirectory(of: path)
            try makeOpaque(path.parent)
            return true
        }
        if path.name.starts(with: Self.metaPrefix) { return true }
        let hidden = path.sibling(path.name.dropFirst(Self.prefix.count))
        guard !hidden.name.isEmpty, !hidden.name.elementsEqual(Array(".".utf8)) else {
            throw .escapes(entry: entry.name, reason: "a whiteout of no name")
        }
        guard !hidden.name.elementsEqual(Array("..".utf8)) else {
            throw .escapes(entry: entry.name, reason: "a whiteout that leads out of the layer")
        }
        let parent = try parentDirectory(of: hidden)
        guard let status = try tree.status(hidden.name, in: parent) else {
            try systemCall("mknod \(hidden.text)") { withPath(hidden.name) { Int(mknodat(parent, $0, S_IFCHR, 0)) } }
            whiteouts.insert(hidden)
            return true
        }
        // The layer has something of that name itself: a file hides what is below anyway, a directory must be told to.
        if status.st_mode & S_IFMT == S_IFDIR { try makeOpaque(hidden) }
        return true
    }

    /// Makes a directory where a whiteout stands: what was below stays hidden.
    func makeDirectoryOverWhiteout(_ path: EntryPath, in parent: CInt) throws(ArchiveError) {
        whiteouts.remove(path)
        try systemCall("unlink \(path.text)") { withPath(path.name) { Int(unlinkat(parent, $0, 0)) } }
        try tree.makeDirectory(path, in: parent)
        try makeOpaque(path)
    }

    private func makeOpaque(_ path: EntryPath) throws(ArchiveError) {
        guard let parent = try tree.directory(path.parent) else {
            throw .damaged("\(path.text): entries lie in it, but the archive makes it something else than a directory")
        }
        let directory = try tree.open(path, in: parent)
        try kernel { () throws(SystemError) in
            try directory.setAttribute("trusted.overlay.opaque", to: Array("y".utf8))
        }
    }
}
