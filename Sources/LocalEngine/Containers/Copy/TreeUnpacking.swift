// SPDX-License-Identifier: Apache-2.0

import Archive
import Engine
import Glibc
import Linux

/// Makes the entries of a tar stream below a directory of a container, wherever links of the container lead, but never
/// outside of its root.
struct TreeUnpacking {
    private let root: CInt
    /// The directory to unpack into, a path in the container.
    private let base: String
    private let cancelled: CInt
    private var report = CopyReport(bytes: ByteCount(0), entries: 0)
    /// Directories get their times when everything is in them.
    private var directories: [(entry: TarEntry, path: [UInt8])] = []

    init(root: CInt, base: String, cancelled: CInt) {
        self.root = root
        self.base = base
        self.cancelled = cancelled
    }

    mutating func unpack(_ descriptor: CInt) throws -> CopyReport {
        try unpack(TarReader(StreamInput(descriptor, cancelled)))
    }

    /// Makes all entries that a reader gives.
    mutating func unpack(_ reader: TarReader) throws -> CopyReport {
        while let entry = try reader.next() {
            try make(entry, reader)
            report.entries += 1
        }
        for (entry, path) in directories.reversed() {
            try inParent(of: path) { parent, name in try setTimes(entry, name, in: parent) }
        }
        return report
    }

    private mutating func make(_ entry: TarEntry, _ reader: TarReader) throws {
        let path = try Self.path(entry.path)
        guard !path.isEmpty else { return }
        if entry.kind == .hardLink { return try link(entry, path) }
        var written: Int64 = 0
        try inParent(of: path) { parent, name in
            try makeRoom(for: entry, name, in: parent)
            switch entry.kind {
            case .directory:
                if mkdirat(parent, name, 0o700) != 0, errno != EEXIST {
                    throw SystemError(step: "mkdir \(entry.name)", number: errno)
                }
            case .regular: written = try writeFile(entry, reader, name, in: parent)
            case .symbolicLink:
                try attempt("symlink \(entry.name)") { symlinkat(entry.linkTarget.cString, parent, name) }
            case .hardLink: break
            case .fifo: try attempt("mknod \(entry.name)") { mknodat(parent, name, S_IFIFO | 0o600, 0) }
            case .characterDevice(let major, let minor):
                let device = DeviceNumber.whole(major, minor)
                try attempt("mknod \(entry.name)") { mknodat(parent, name, S_IFCHR | 0o600, device) }
            case .blockDevice(let major, let minor):
                let device = DeviceNumber.whole(major, minor)
                try attempt("mknod \(entry.name)") { mknodat(parent, name, S_IFBLK | 0o600, device) }
            }
            try setAttributes(entry, name, in: parent)
        }
        report.bytes = ByteCount(report.bytes.bytes + written)
        if entry.kind == .directory { directories.append((entry, path)) }
    }

    /// One more name for a file of the same archive.
    private func link(_ entry: TarEntry, _ path: [UInt8]) throws {
        let target = try openDirectory(of: try Self.path(entry.linkTarget))
        try inParent(of: path) { parent, name in
            try makeRoom(for: entry, name, in: parent)
            try attempt("link \(entry.name)") { linkat(target.directory.number, target.name, parent, name, 0) }
        }
    }

    /// A file makes room for what replaces it; a directory and something else never replace each other.
    private func makeRoom(for entry: TarEntry, _ name: [CChar], in parent: CInt) throws {
        var there = stat()
        guard fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        let isDirectory = there.st_mode & S_IFMT == S_IFDIR
        if isDirectory, entry.kind == .directory { return }
        if isDirectory || entry.kind == .directory {
            throw EngineError(
                .conflict, .path(entry.name),
                isDirectory
                    ? "cannot overwrite directory \"\(entry.name)\" with non-directory"
                    : "cannot overwrite non-directory \"\(entry.name)\" with directory")
        }
        try attempt("unlink \(entry.name)") { unlinkat(parent, name, 0) }
    }

    private func writeFile(
        _ entry: TarEntry, _ reader: TarReader, _ name: [CChar], in parent: CInt
    ) throws -> Int64 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = Descriptor(number: try attempt("create \(entry.name)") { openat(parent, name, flags, 0o600) })
        while let (offset, bytes) = try reader.contents() {
            var done = 0
            while done < bytes.count {
                done += try attempt("write \(entry.name)") {
                    pwrite(
                        file.number, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(Int(offset) + done))
                }
            }
        }
        // What a sparse file ends with may be a hole.
        try attempt("truncate \(entry.name)") { ftruncate(file.number, off_t(entry.size)) }
        return entry.size
    }

    private func setAttributes(_ entry: TarEntry, _ name: [CChar], in parent: CInt) throws(SystemError) {
        try attempt("chown \(entry.name)") {
            fchownat(parent, name, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW)
        }
        // A link has no bits of its own. chown(2) has cleared set-user-id bits: these come last.
        if entry.kind != .symbolicLink {
            try attempt("chmod \(entry.name)") { fchmodat(parent, name, entry.mode & 0o7777, 0) }
        }
        // Docker takes capabilities from an archive and no other attribute. chown(2) takes them away: they come after it.
        for attribute in entry.attributes where attribute.name.elementsEqual("security.capability".utf8) {
            let place = Array("/proc/self/fd/\(parent)/".utf8CString.dropLast()) + name
            let attributeName = attribute.name.map(CChar.init(bitPattern:)) + [0]
            do throws(SystemError) {
                try Descriptor.setAttribute(attributeName, to: attribute.value, ofLink: place)
            } catch {
                // What this filesystem or kind of file cannot carry is left out, as Docker does.
                guard error.number == EOPNOTSUPP || error.number == EPERM else { throw error }
            }
        }
        if entry.kind != .directory { try setTimes(entry, name, in: parent) }
    }

    private func setTimes(_ entry: TarEntry, _ name: [CChar], in parent: CInt) throws(SystemError) {
        let modified = timespec(tv_sec: Int(entry.modified.seconds), tv_nsec: Int(entry.modified.nanoseconds))
        let times = [modified, modified]
        try attempt("set times of \(entry.name)") { utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) }
    }

    private func inParent(of path: [UInt8], _ body: (CInt, [CChar]) throws -> Void) throws {
        let place = try openDirectory(of: path)
        try body(place.directory.number, place.name)
    }

    private struct Place: ~Copyable {
        let directory: Descriptor
        let name: [CChar]
    }

    /// The directory that an entry is in, made with all above it where the archive left it out.
    private func openDirectory(of path: [UInt8]) throws(SystemError) -> Place {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let name = Array(path[(slash.map { $0 + 1 } ?? 0)...]).cString
        let parts = slash.map { path[..<$0].split(separator: UInt8(ascii: "/")) } ?? []
        var reached = Array(base.utf8)
        var directory = try open(reached)
        for part in parts {
            if mkdirat(directory.number, Array(part).cString, 0o755) != 0, errno != EEXIST {
                throw SystemError(step: "mkdir \(String(decoding: part, as: UTF8.self))", number: errno)
            }
            reached += [UInt8(ascii: "/")] + part
            directory = try open(reached)
        }
        return Place(directory: directory, name: name)
    }

    private func open(_ path: [UInt8]) throws(SystemError) -> Descriptor {
        let text = path.cString
        let result = text.withUnsafeBufferPointer { bytes -> Result<CInt, SystemError> in
            guard let start = bytes.baseAddress else { return .failure(SystemError(step: "open", number: EINVAL)) }
            do throws(SystemError) {
                return .success(
                    try Descriptor(opening: start, below: root, .insideRoot, Descriptor.pathOnly | O_DIRECTORY)
                        .release())
            } catch {
                return .failure(error)
            }
        }
        return Descriptor(number: try result.get())
    }

    /// An entry's path without `.` and slashes at its ends.
    ///
    /// - Throws: `.invalid` for one that would lead out.
    private static func path(_ bytes: [UInt8]) throws(EngineError) -> [UInt8] {
        let parts = bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        if parts.contains(where: { $0.elementsEqual("..".utf8) }) {
            let name = String(decoding: bytes, as: UTF8.self)
            throw EngineError(.invalid, .path(name), "the archive's entry \"\(name)\" leads out of its directory")
        }
        return Array(parts.joined(separator: [UInt8(ascii: "/")]))
    }
}

/// A stream that is read until its end or until one is cancelled.
private final class StreamInput: TarInput {
    private let descriptor: CInt
    private let cancelled: CInt
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 4096)

    init(_ descriptor: CInt, _ cancelled: CInt) {
        self.descriptor = descriptor
        self.cancelled = cancelled
    }

    deinit { buffer.deallocate() }

    /// A stream cannot be passed over without being read.
    func skip(_ count: Int64) throws(ArchiveError) -> Int64 { 0 }

    func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: cancelled, events: Int16(POLLIN), revents: 0),
        ]
        let count: Int
        do throws(SystemError) {
            try attempt("poll") { poll(&entries, 2, -1) }
            let isCancelled = entries[1].revents != 0
            count =
                isCancelled
                ? -1 : try attempt("read the archive") { read(descriptor, buffer.baseAddress, buffer.count) }
        } catch {
            throw .system(error)
        }
        if count < 0 { throw .cancelled }
        return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
}

extension [UInt8] {
    /// With the final zero that system calls take.
    fileprivate var cString: [CChar] { map(CChar.init(bitPattern:)) + [0] }
}
