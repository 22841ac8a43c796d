// SPDX-License-Identifier: Apache-2.0

import Archive
import Engine
import Glibc
import Linux

extension CopyRules {
    /// Writes what a path names, and all below it, as a tar stream: `cp CONTAINER:PATH -`.
    ///
    /// - Parameter cancelled: becomes readable when the work should end.
    func pack(
        _ path: String, from source: borrowing CopySide, to descriptor: CInt, cancelled: CInt
    ) throws -> CopyReport {
        do {
            let wantsContents = path == "." || path.hasSuffix("/.")
            let origin = try source.entry(path, followsLink: followsLink || path.hasSuffix("/") || wantsContents)
            guard let mode = origin.mode else { throw SystemError(step: "lstat \(path)", number: ENOENT) }
            if mode & S_IFMT != S_IFDIR, path.hasSuffix("/") || wantsContents {
                throw EngineError(.invalid, .path(path), "\(path): not a directory")
            }
            var packing = TreePacking(to: descriptor, cancelled: cancelled)
            let last = path.split(separator: "/").last.map(String.init) ?? "."
            let name = wantsContents || last == ".." ? "." : last
            try packing.pack(Array(origin.name.utf8CString), in: origin.directory.number, as: Array(name.utf8))
            try packing.finish()
            return packing.report
        } catch let error as SystemError {
            throw source.failure(path, error)
        } catch let error as ArchiveError {
            throw EngineError(.system, .path(path), "\(error)", cause: error)
        }
    }

    /// Makes what a tar stream holds below a directory of the container: `cp - CONTAINER:PATH`.
    ///
    /// - Throws: `.invalid` for a stream that is damaged, or an entry that would lead out.
    func unpack(
        _ descriptor: CInt, to path: String, on target: borrowing CopySide, cancelled: CInt
    ) throws -> CopyReport {
        do {
            _ = try target.open(path, O_RDONLY | O_DIRECTORY)
        } catch {
            if error.number == ENOTDIR {
                throw EngineError(.invalid, .path(path), "extraction point is not a directory")
            }
            throw target.failure(path, error)
        }
        do {
            var unpacking = TreeUnpacking(
                root: target.root.number, base: path.isEmpty ? "/" : path, cancelled: cancelled)
            return try unpacking.unpack(descriptor)
        } catch let error as SystemError {
            throw target.failure(path, error)
        } catch let error as ArchiveError {
            throw EngineError(.invalid, .path(path), "\(error)", cause: error)
        }
    }
}

/// Writes a tree as a tar stream, by descriptors and without following links.
private struct TreePacking {
    private let writer: TarWriter
    private let cancelled: CInt
    private var linked: [FileIdentity: [UInt8]] = [:]
    private(set) var report = CopyReport(bytes: ByteCount(0), entries: 0)
    private let buffer = [UInt8](repeating: 0, count: 1 << 18)

    private struct FileIdentity: Hashable {
        let device: dev_t
        let number: ino_t
    }

    init(to descriptor: CInt, cancelled: CInt) {
        writer = TarWriter(FileSink(writing: descriptor))
        self.cancelled = cancelled
    }

    mutating func finish() throws { try writer.finish() }

    mutating func pack(_ name: [CChar], in parent: CInt, as path: [UInt8]) throws {
        try throwIfReadable(cancelled)
        var facts = stat()
        try attempt("stat") { fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) }
        guard let kind = Self.kind(facts) else { return }
        var entry = TarEntry(
            kind: kind, path: kind == .directory ? path + [UInt8(ascii: "/")] : path, mode: facts.st_mode & 0o7777,
            modified: .init(seconds: Int64(facts.st_mtim.tv_sec), nanoseconds: Int64(facts.st_mtim.tv_nsec)))
        entry.owner = facts.st_uid
        entry.group = facts.st_gid
        report.entries += 1
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
        case .regular: try packFile(name, in: parent, &entry, Int64(facts.st_size))
        case .symbolicLink:
            entry.linkTarget = try Self.linkTarget(name, in: parent)
            try writer.begin(entry)
        case .directory:
            try writer.begin(entry)
            let directory = try Self.open(name, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            for inner in try directory.rawEntryNames() {
                let bytes = inner.dropLast().map(UInt8.init(bitPattern:))
                try pack(inner, in: directory.number, as: path + [UInt8(ascii: "/")] + bytes)
            }
        default: try writer.begin(entry)
        }
    }

    private mutating func packFile(_ name: [CChar], in parent: CInt, _ entry: inout TarEntry, _ size: Int64) throws {
        let file = try Self.open(name, in: parent, O_RDONLY | O_NOFOLLOW)
        entry.size = size
        try writer.begin(entry)
        var left = size
        var buffer = buffer
        while left > 0 {
            try throwIfReadable(cancelled)
            let wanted = Int(min(left, Int64(buffer.count)))
            let count = try buffer.withUnsafeMutableBytes {
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
            }
            // It shrank meanwhile: the archive's header has promised its bytes, so zeros stand for them.
            if count == 0 { for index in 0..<wanted { buffer[index] = 0 } }
            let given = count == 0 ? wanted : count
            try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<given])) }
            left -= Int64(given)
        }
        report.bytes = ByteCount(report.bytes.bytes + size)
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
        // A socket is an address of a running program, not a content.
        default: nil
        }
    }

    private static func open(_ name: [CChar], in parent: CInt, _ flags: CInt) throws(SystemError) -> Descriptor {
        Descriptor(number: try attempt("open") { openat(parent, name, flags | O_CLOEXEC) })
    }

    private static func linkTarget(_ name: [CChar], in parent: CInt) throws(SystemError) -> [UInt8] {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try attempt("readlink") { readlinkat(parent, name, &bytes, bytes.count) }
        return bytes[..<count].map(UInt8.init(bitPattern:))
    }
}
