// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// What came of unpacking a layer.
public struct UnpackedLayer: Sendable {
    /// Directories on the way to entries that have no entry of their own, outermost first, as `var/cache`.
    ///
    /// Alone they are 0755 and root's; over another layer, overlayfs would show that in place of what is below.
    public var impliedDirectories: [[UInt8]] = []
    /// Bytes of its regular files, each counted once however many names it has.
    public var size: Int64 = 0

    /// Nothing yet.
    public init() {}
}

/// Unpacks one layer into an empty directory, so that the directory can be used as a lower one of an overlay.
///
/// Whiteouts become overlayfs's own: `.wh.x` a character device 0:0 called `x`, `.wh..wh..opq` the attribute
/// `trusted.overlay.opaque` of its directory. Needs the privileges to make devices and to set any owner.
///
/// - SeeAlso: OCI image specification, layer.md; Linux, Documentation/filesystems/overlayfs.rst.
public final class LayerUnpacker {
    let tree: LayerTree
    private let recipe: RecipeWriter
    var result = UnpackedLayer()
    /// Directories that were made without an entry of their own.
    private var implied: Set<EntryPath> = []
    /// What directories get when everything is in them: before, it would be changed or inherited by what comes.
    var directories: [EntryPath: TarEntry] = [:]
    /// Where this archive's file contents are, for when a later entry replaces the file.
    private var contents: [EntryPath: (number: Int, place: RecipeContents)] = [:]
    /// Places of whiteouts: not there as far as this layer's own entries are concerned.
    var whiteouts: Set<EntryPath> = []

    /// Unpacks into an open directory, which stays the caller's.
    public init(into directory: CInt, recipe: RecipeWriter) {
        tree = LayerTree(root: directory)
        self.recipe = recipe
    }

    /// Unpacks all that comes through the queue.
    ///
    /// - Throws: `.escapes` for an entry that would leave the directory; what was unpacked by then is for the caller to
    ///   remove.
    public func unpack(_ queue: ChunkQueue) throws(ArchiveError) -> UnpackedLayer {
        let recipe = recipe
        let reader = TarReader(queue) { (bytes) throws(ArchiveError) in try recipe.add(structure: bytes) }
        while let entry = try reader.next() { try unpack(entry, reader) }
        for (path, entry) in directories { try finishDirectory(path, entry) }
        try recipe.finish()
        result.impliedDirectories = implied.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
        return result
    }

    private func unpack(_ entry: TarEntry, _ reader: TarReader) throws(ArchiveError) {
        tree.beginEntry()
        let path = try EntryPath(entry.path, of: entry)
        if try unpackWhiteout(path, entry) { return }
        if path.isRoot {
            guard entry.kind == .directory else {
                throw .escapes(entry: entry.name, reason: "would replace the layer's root")
            }
            directories[path] = entry
            return
        }
        let parent = try parentDirectory(of: path)
        switch entry.kind {
        case .directory: try makeDirectory(path, in: parent, entry)
        case .regular: try makeFile(path, in: parent, entry, reader)
        case .hardLink: try makeHardLink(path, in: parent, entry)
        case .symbolicLink:
            if path.escapes(through: entry.linkTarget) {
                throw .escapes(entry: entry.name, reason: "a symbolic link that leads out of the layer")
            }
            try make(path, in: parent, "symlink") { name in
                withPath(entry.linkTarget) { symlinkat($0, parent, name) }
            }
            try setMetadata(of: path, in: parent, entry, isLink: true)
        case .fifo: try makeNode(path, in: parent, entry, S_IFIFO, device: 0)
        case .characterDevice(let major, let minor):
            try makeNode(path, in: parent, entry, S_IFCHR, device: DeviceNumber.whole(major, minor))
        case .blockDevice(let major, let minor):
            try makeNode(path, in: parent, entry, S_IFBLK, device: DeviceNumber.whole(major, minor))
        }
    }

    // MARK: Directories

    /// The directory that an entry goes into; those that are missing on the way are made and noted.
    func parentDirectory(of path: EntryPath) throws(ArchiveError) -> CInt {
        let parent = path.parent
        if let directory = try tree.directory(parent) { return directory }
        for step in parent.lineage where try tree.directory(step) == nil {
            let above = try tree.directory(step.parent)
            guard let above else { throw Self.notADirectory(step) }
            if whiteouts.contains(step) {
                try makeDirectoryOverWhiteout(step, in: above)
            } else {
                guard try tree.status(step.name, in: above) == nil else { throw Self.notADirectory(step) }
                try tree.makeDirectory(step, in: above)
            }
            implied.insert(step)
        }
        guard let directory = try tree.directory(parent) else { throw Self.notADirectory(parent) }
        return directory
    }

    private static func notADirectory(_ path: EntryPath) -> ArchiveError {
        .damaged("\(path.text): entries lie in it, but the archive makes it something else than a directory")
    }

    private func makeDirectory(_ path: EntryPath, in parent: CInt, _ entry: TarEntry) throws(ArchiveError) {
        implied.remove(path)
        directories[path] = entry
        if whiteouts.contains(path) { return try makeDirectoryOverWhiteout(path, in: parent) }
        if withPath(path.name, { mkdirat(parent, $0, 0o755) }) == 0 { return }
        guard errno == EEXIST else { throw .system(SystemError(step: "mkdir \(path.text)", number: errno)) }
        // Two entries for one directory: its contents stay, the last one's metadata holds.
        if let status = try tree.status(path.name, in: parent), status.st_mode & S_IFMT == S_IFDIR { return }
        try clear(path, in: parent)
        try tree.makeDirectory(path, in: parent)
    }

    // MARK: Everything else

    /// Makes something that cannot be made over what exists; the last entry for a name wins.
    func make(
        _ path: EntryPath, in parent: CInt, _ step: String, _ call: (UnsafePointer<CChar>) -> CInt
    ) throws(ArchiveError) {
        if withPath(path.name, call) == 0 { return }
        guard errno == EEXIST else { throw .system(SystemError(step: "\(step) \(path.text)", number: errno)) }
        try clear(path, in: parent)
        try systemCall("\(step) \(path.text)") { withPath(path.name) { Int(call($0)) } }
    }

    /// Removes what an entry replaces, and keeps for the recipe what was in it.
    private func clear(_ path: EntryPath, in parent: CInt) throws(ArchiveError) {
        for lost in contents.keys where lost == path || lost.isInside(path) { try keepContents(of: lost) }
        for gone in directories.keys where gone == path || gone.isInside(path) { directories[gone] = nil }
        implied = implied.filter { $0 != path && !$0.isInside(path) }
        whiteouts = whiteouts.filter { $0 != path && !$0.isInside(path) }
        try tree.remove(path, in: parent)
    }

    private func keepContents(of path: EntryPath) throws(ArchiveError) {
        guard let lost = contents.removeValue(forKey: path), let parent = try tree.directory(path.parent) else {
            return
        }
        let file = try openFile(path, in: parent, O_RDONLY)
        try recipe.keep(lost.place, number: lost.number, from: file)
        result.size -= lost.place.length
    }

    private func openFile(
        _ path: EntryPath, in parent: CInt, _ flags: CInt
    ) throws(ArchiveError) -> Descriptor {
        var failure: SystemError?
        let number = withPath(path.name) { name -> CInt in
            do throws(SystemError) {
                let file = try Descriptor(
                    opening: name, below: parent, .beneathWithoutLinks, flags | O_NOFOLLOW,
                    mode: flags & O_CREAT == 0 ? 0 : 0o600)
                return file.release()
            } catch {
                failure = error
                return -1
            }
        }
        if let failure { throw .system(failure) }
        return Descriptor(number: number)
    }

    private func newFile(_ path: EntryPath, in parent: CInt) throws(ArchiveError) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL
        do throws(ArchiveError) { return try openFile(path, in: parent, flags) } catch {
            guard case .system(let reason) = error, reason.number == EEXIST else { throw error }
        }
        try clear(path, in: parent)
        return try openFile(path, in: try parentDirectory(of: path), flags)
    }

    private func makeFile(
        _ path: EntryPath, in parent: CInt, _ entry: TarEntry, _ reader: TarReader
    ) throws(ArchiveError) {
        let stored = reader.remainingContents
        let file = try newFile(path, in: parent)
        if stored > 0 {
            let place = RecipeContents(path: path.bytes, length: stored, fragments: entry.fragments)
            contents[path] = (try recipe.add(place), place)
        }
        while let (offset, bytes) = try reader.contents() {
            try write(bytes, to: file.number, at: offset, path)
        }
        if entry.fragments != nil {
            try systemCall("set the length of \(path.text)") { Int(ftruncate(file.number, off_t(entry.size))) }
        }
        result.size += stored
        try setMetadata(of: file.number, path, entry)
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, to file: CInt, at offset: Int64, _ path: EntryPath
    ) throws(ArchiveError) {
        var done = 0
        while done < bytes.count {
            done += try systemCall("write \(path.text)") {
                pwrite(file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset) + off_t(done))
            }
        }
    }

    private func makeHardLink(_ path: EntryPath, in parent: CInt, _ entry: TarEntry) throws(ArchiveError) {
        let target = try EntryPath(entry.linkTarget, of: entry)
        guard target != path, !target.isInside(path) else {
            throw .damaged("\(entry.name): a hard link to itself")
        }
        guard !target.isRoot, let targetParent = try tree.directory(target.parent),
            let status = try tree.status(target.name, in: targetParent), status.st_mode & S_IFMT != S_IFDIR,
            !whiteouts.contains(target)
        else {
            throw .damaged("\(entry.name): a hard link to \(target.text), which the layer does not have as a file")
        }
        try make(path, in: parent, "link") { name in
            withPath(target.name) { linkat(targetParent, $0, parent, name, 0) }
        }
    }

    private func makeNode(
        _ path: EntryPath, in parent: CInt, _ entry: TarEntry, _ type: mode_t, device: dev_t
    ) throws(ArchiveError) {
        try make(path, in: parent, "mknod") { mknodat(parent, $0, type | 0o600, device) }
        try setMetadata(of: path, in: parent, entry, isLink: false)
    }
}
