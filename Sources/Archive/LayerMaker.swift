// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// Makes a layer of an overlay's upper directory where it lies: nothing is copied. Its archive is only hashed, and its
/// recipe written, from which `LayerPacker` makes the very same archive again.
///
/// The same tree always becomes the same bytes: names are in the order of their bytes, and times are the files' own.
///
/// - SeeAlso: OCI image specification, layer.md; Linux, Documentation/filesystems/overlayfs.rst.
public final class LayerMaker {
    private let sink: StructureSink
    private let writer: TarWriter
    private let recipe: RecipeWriter
    /// What every time becomes that is later; `nil` leaves all as they are.
    private let latest: Int64?
    private var linked: [FileIdentity: [UInt8]] = [:]
    private var result = UnpackedLayer()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)

    private struct FileIdentity: Hashable {
        let device: dev_t
        let number: ino_t
    }

    /// - Parameters:
    ///   - archive: takes every byte of the archive.
    ///   - latest: seconds since 1970 (`SOURCE_DATE_EPOCH`).
    public init(archive: any ByteSink, recipe: RecipeWriter, latest: Int64? = nil) {
        self.recipe = recipe
        self.latest = latest
        sink = StructureSink(archive: archive, recipe: recipe)
        writer = TarWriter(sink)
    }

    deinit { buffer.deallocate() }

    /// Reads the whole tree. Sockets are removed from it, since no archive can hold them.
    ///
    /// - Parameter directory: the open upper directory; it stays the caller's.
    /// - Throws: `.unsupported` for what an overlay wrote that only it can read; `.damaged` for a file that changes meanwhile.
    public func make(from directory: CInt) throws(ArchiveError) -> UnpackedLayer {
        try packContents(of: directory, at: [])
        if let latest { try setTimes(directory, ".", latest) }
        try writer.finish()
        try recipe.finish()
        return result
    }

    private func packContents(of directory: CInt, at path: [UInt8]) throws(ArchiveError) {
        let names = try kernel { () throws(SystemError) in
            let again = try Descriptor(opening: ".", in: directory, O_RDONLY | O_DIRECTORY)
            return try again.rawEntryNames()
        }
        for name in names.sorted(by: {
            $0.map(UInt8.init(bitPattern:)).lexicographicallyPrecedes($1.map(UInt8.init(bitPattern:)))
        }) {
            let bytes = name.dropLast().map(UInt8.init(bitPattern:))
            try pack(name, in: directory, at: path.isEmpty ? bytes : path + [UInt8(ascii: "/")] + bytes)
        }
    }

    private func pack(_ name: [CChar], in parent: CInt, at path: [UInt8]) throws(ArchiveError) {
        var facts = stat()
        try systemCall("stat \(Self.text(path))") { Int(fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW)) }
        if facts.st_mode & S_IFMT == S_IFCHR, facts.st_rdev == 0 { return try writeWhiteout(of: path, facts) }
        guard let kind = Self.kind(facts) else {
            try systemCall("remove the socket \(Self.text(path))") { Int(unlinkat(parent, name, 0)) }
            return
        }
        if let latest, facts.st_mtim.tv_sec > latest {
            facts.st_mtim = timespec(tv_sec: Int(latest), tv_nsec: 0)
            if kind != .directory { try setTimes(parent, name, latest) }
        }
        var entry = TarEntry(
            kind: kind, path: kind == .directory ? path + [UInt8(ascii: "/")] : path, mode: facts.st_mode & 0o7777,
            modified: .init(seconds: Int64(facts.st_mtim.tv_sec), nanoseconds: Int64(facts.st_mtim.tv_nsec)))
        entry.owner = facts.st_uid
        entry.group = facts.st_gid
        if kind != .directory, facts.st_nlink > 1 {
            let identity = FileIdentity(device: facts.st_dev, number: facts.st_ino)
            if let first = linked[identity] {
                entry.kind = .hardLink
                entry.linkTarget = first
                return try writer.begin(entry)
            }
            linked[identity] = path
        }
        switch kind {
        case .regular: try packFile(name, in: parent, &entry, facts, path)
        case .symbolicLink:
            entry.linkTarget = try linkTarget(name, in: parent, path)
            try writer.begin(entry)
        case .directory: try packDirectory(name, in: parent, &entry, path)
        default: try writer.begin(entry)
        }
    }

    private func packDirectory(
        _ name: [CChar], in parent: CInt, _ entry: inout TarEntry, _ path: [UInt8]
    ) throws(ArchiveError) {
        let directory = try kernel { () throws(SystemError) in
            try Descriptor(opening: name, below: parent, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY)
        }
        let isOpaque = try readAttributes(of: directory, into: &entry, path)
        try writer.begin(entry)
        if isOpaque { try writeEmpty(path + Array("/.wh..wh..opq".utf8), entry.modified) }
        try packContents(of: directory.number, at: path)
        // Last: removing a socket in it would have changed it again.
        if let latest { try setTimes(parent, name, latest) }
    }

    private func packFile(
        _ name: [CChar], in parent: CInt, _ entry: inout TarEntry, _ facts: stat, _ path: [UInt8]
    ) throws(ArchiveError) {
        let file = try kernel { () throws(SystemError) in
            try Descriptor(opening: name, below: parent, .beneathWithoutLinks, O_RDONLY | O_NOFOLLOW)
        }
        _ = try readAttributes(of: file, into: &entry, path)
        let size = Int64(facts.st_size)
        entry.size = size
        try writer.begin(entry)
        result.size += size
        if size == 0 { return }
        _ = try recipe.add(RecipeContents(path: path, length: size, fragments: nil))
        sink.isContents = true
        defer { sink.isContents = false }
        let source = FileSource(reading: file.number, from: 0, count: size)
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { break }
            try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// - Returns: whether it hides what is below it.
    private func readAttributes(
        of file: borrowing Descriptor, into entry: inout TarEntry, _ path: [UInt8]
    ) throws(ArchiveError) -> Bool {
        var isOpaque = false
        do throws(SystemError) {
            for name in try file.attributeNames().sorted() {
                switch name {
                case "trusted.overlay.opaque":
                    isOpaque = try file.attribute(name) == [UInt8(ascii: "y")]
                case "trusted.overlay.redirect", "trusted.overlay.metacopy":
                    throw SystemError(
                        step: "\(Self.text(path)) has \(name), which no archive can hold", number: ENOTSUP)
                // Where it came from below, and what this machine's security module thinks of it: nothing of the file's own.
                case let other where other.hasPrefix("trusted.overlay.") || other == "security.selinux": continue
                default:
                    guard let value = try file.attribute(name) else { continue }
                    entry.attributes.append(TarEntry.Attribute(name: Array(name.utf8), value: value))
                }
            }
        } catch {
            // A file system without attributes has none.
            if error.number == ENOTSUP, error.step.hasPrefix("list") { return false }
            throw .system(error)
        }
        return isOpaque
    }

    private func linkTarget(_ name: [CChar], in parent: CInt, _ path: [UInt8]) throws(ArchiveError) -> [UInt8] {
        // symlink(7): a target is at most PATH_MAX bytes.
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try systemCall("readlink \(Self.text(path))") { readlinkat(parent, name, &bytes, bytes.count) }
        return bytes[..<count].map(UInt8.init(bitPattern:))
    }

    private func writeWhiteout(of path: [UInt8], _ facts: stat) throws(ArchiveError) {
        let slash = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let seconds = Int64(facts.st_mtim.tv_sec)
        let isLate = latest.map { seconds > $0 } ?? false
        let modified = TarEntry.Time(seconds: isLate ? latest ?? seconds : seconds)
        try writeEmpty(Array(path[..<slash]) + Array(".wh.".utf8) + path[slash...], modified)
    }

    private func writeEmpty(_ path: [UInt8], _ modified: TarEntry.Time) throws(ArchiveError) {
        try writer.begin(TarEntry(kind: .regular, path: path, mode: 0, modified: modified))
    }

    private func setTimes(_ parent: CInt, _ name: [CChar], _ latest: Int64) throws(ArchiveError) {
        var facts = stat()
        guard fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) == 0, facts.st_mtim.tv_sec > latest else { return }
        let moment = timespec(tv_sec: Int(latest), tv_nsec: 0)
        let times = [moment, moment]
        try systemCall("set times") { Int(utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW)) }
    }

    private func setTimes(_ parent: CInt, _ name: String, _ latest: Int64) throws(ArchiveError) {
        try setTimes(parent, Array(name.utf8CString), latest)
    }

    private static func kind(_ facts: stat) -> TarEntry.Kind? {
        let (major, minor) = DeviceNumber.parts(facts.st_rdev)
        return switch facts.st_mode & S_IFMT {
        case S_IFREG: .regular
        case S_IFDIR: .directory
        case S_IFLNK: .symbolicLink
        case S_IFIFO: .fifo
        case S_IFCHR: .characterDevice(major: major, minor: minor)
        case S_IFBLK: .blockDevice(major: major, minor: minor)
        default: nil
        }
    }

    private static func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }
}

/// Passes an archive on, and keeps for the recipe what is no file's contents.
private final class StructureSink: ByteSink {
    private let archive: any ByteSink
    private let recipe: RecipeWriter
    /// Whether what comes is the contents of a file.
    var isContents = false

    init(archive: any ByteSink, recipe: RecipeWriter) {
        self.archive = archive
        self.recipe = recipe
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        try archive.write(bytes)
        if !isContents { try recipe.add(structure: bytes) }
    }
}
