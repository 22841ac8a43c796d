// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// Puts files into the root of a step, each by descriptor: links in the root are followed inside it only.
struct FileCopying {
    /// Owner and permissions that everything gets.
    struct Attributes {
        /// `--chown`; `nil` is root's, or with `keepsOwners` the file's own.
        var owner: (user: UInt32, group: UInt32)?
        /// `--chmod` of a file or directory with these permissions; `nil` keeps them.
        var mode: (@Sendable (UInt32, _ isDirectory: Bool) -> UInt32)?
        /// Whether files keep the owners that they have.
        var keepsOwners = false
    }

    /// The open root of the step.
    let root: CInt
    let attributes: Attributes
    /// Checked between files: throws when the build was ended.
    let interrupt: () throws -> Void

    /// Files with several names of the source that is being copied, by inode.
    private var linked: [UInt64: Descriptors] = [:]

    private final class Descriptors {
        let file: Descriptor
        init(_ file: consuming Descriptor) { self.file = file }
    }

    init(root: CInt, attributes: Attributes, interrupt: @escaping () throws -> Void) {
        self.root = root
        self.attributes = attributes
        self.interrupt = interrupt
    }

    /// Why files cannot be put where they should.
    struct Conflict: Error {
        let sentence: String
    }

    /// Copies one source.
    ///
    /// - Parameters:
    ///   - target: a path in the root, absolute. A directory's contents go into it; a file gets this name.
    mutating func copy(_ source: CopiedSource, from tree: SourceTree, to target: String) throws {
        linked = [:]
        let target = source.isDirectory ? target : try followed(target)
        let parent = try makeDirectories(above: target)
        guard let name = target.split(separator: "/").last.map(String.init) else {
            // The root itself.
            return try copyContents(of: source, from: tree, into: parent)
        }
        if source.isDirectory {
            let directory = try makeDirectories(target)
            return try copyContents(of: source, from: tree, into: directory)
        }
        guard let file = source.files.first else { return }
        try put(file, from: tree, at: source.path(of: file), as: Array(name.utf8CString), in: parent, shown: target)
    }

    /// Writes a file of text: a here-document.
    func write(_ text: String, to target: String) throws {
        let target = try followed(target)
        let parent = try makeDirectories(above: target)
        guard let name = target.split(separator: "/").last.map(String.init) else {
            throw Conflict(sentence: "cannot write a file over the directory \(target)")
        }
        let number = parent.number
        try makeRoom(Array(name.utf8CString), in: number, isDirectory: false, target)
        let file = try Descriptor(opening: name, in: number, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        try file.writeAll(Array(text.utf8))
        var facts = stat()
        facts.st_mode = S_IFREG | 0o644
        try setAttributes(CopiedFile(path: [], facts), of: file, keepsTimes: false)
    }

    /// Where a file is written that is copied onto a link: to what the link names, inside the root.
    private func followed(_ target: String) throws -> String {
        var path = target
        // path_resolution(7): 40 links, then ELOOP.
        for _ in 0..<40 {
            let parts = path.split(separator: "/")
            let above = "/" + parts.dropLast().joined(separator: "/")
            guard let name = parts.last,
                // What is not there yet is no link.
                let parent = try? Descriptor(opening: above, below: root, .insideRoot, O_RDONLY | O_DIRECTORY),
                // Nor is anything else.
                let link = try? parent.linkTarget(of: String(name))
            else { return path }
            path = (link.hasPrefix("/") ? link : above + "/" + link).withoutDots
        }
        throw Conflict(sentence: "too many links at \(target)")
    }

    // MARK: Directories

    /// Opens the directory that something goes into, and makes what is missing on the way.
    func makeDirectories(above path: String) throws -> Descriptor {
        try makeDirectories("/" + path.split(separator: "/").dropLast().joined(separator: "/"))
    }

    /// Opens a directory, and makes what is missing on the way.
    func makeDirectories(_ path: String) throws -> Descriptor {
        let root = root
        do throws(SystemError) {
            return try Descriptor(opening: path, below: root, .insideRoot, O_RDONLY | O_DIRECTORY)
        } catch {
            if error.number == ENOTDIR { throw Conflict(sentence: "\(path) is not a directory") }
            guard error.number == ENOENT else { throw error }
        }
        var made = ""
        for part in path.split(separator: "/") {
            let above = try Descriptor(
                opening: made.isEmpty ? "/" : made, below: root, .insideRoot, O_RDONLY | O_DIRECTORY)
            made += "/" + part
            let number = above.number
            if mkdirat(number, String(part), 0o755) == 0 {
                let directory = try Descriptor(opening: String(part), in: number, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
                let (user, group) = attributes.owner ?? (0, 0)
                // Whatever the process's umask is.
                try attempt("chmod \(made)") { fchmod(directory.number, 0o755) }
                try attempt("chown \(made)") { fchown(directory.number, user, group) }
            } else if errno != EEXIST {
                throw SystemError(step: "mkdir \(made)", number: errno)
            }
        }
        do throws(SystemError) {
            return try Descriptor(opening: path, below: root, .insideRoot, O_RDONLY | O_DIRECTORY)
        } catch {
            if error.number == ENOTDIR || error.number == ENOENT {
                throw Conflict(sentence: "\(path) is not a directory")
            }
            throw error
        }
    }

    private mutating func copyContents(
        of source: CopiedSource, from tree: SourceTree, into directory: borrowing Descriptor
    ) throws {
        var open: [(path: [UInt8], directory: Descriptors)] = []
        var late: [(CopiedFile, Descriptors)] = []
        for file in source.files.dropFirst() {
            try interrupt()
            let slash = file.path.lastIndex(of: UInt8(ascii: "/"))
            let above = slash.map { Array(file.path[..<$0]) } ?? []
            let name = (slash.map { Array(file.path[($0 + 1)...]) } ?? file.path).map(CChar.init(bitPattern:)) + [0]
            // Parents come before what lies in them, so what is not above this file is done.
            while let last = open.last, last.path != above { open.removeLast() }
            let parent = open.last?.directory.file.number ?? directory.number
            if file.isDirectory {
                let (made, isNew) = try enterDirectory(name, in: parent, file)
                if isNew { late.append((file, made)) }
                open.append((file.path, made))
            } else {
                try put(file, from: tree, at: source.path(of: file), as: name, inside: parent, shown: file.name)
            }
            if late.count > 200 { late = try finish(late, keeping: open.map(\.path)) }
        }
        _ = try finish(late, keeping: [])
    }

    /// Directories that are complete get their times now.
    private func finish(
        _ late: [(CopiedFile, Descriptors)], keeping open: [[UInt8]]
    ) throws -> [(CopiedFile, Descriptors)] {
        var kept: [(CopiedFile, Descriptors)] = []
        for (file, directory) in late.reversed() {
            if open.contains(file.path) {
                kept.insert((file, directory), at: 0)
            } else {
                try setAttributes(file, of: directory.file, keepsTimes: true)
            }
        }
        return kept
    }

    /// A directory that is there stays as it is, as BuildKit leaves it.
    private func enterDirectory(
        _ name: [CChar], in parent: CInt, _ file: CopiedFile
    ) throws -> (Descriptors, isNew: Bool) {
        let isNew = mkdirat(parent, name, 0o700) == 0
        if !isNew {
            guard errno == EEXIST else { throw SystemError(step: "mkdir \(file.name)", number: errno) }
            var facts = stat()
            try attempt("stat \(file.name)") { fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) }
            guard facts.st_mode & S_IFMT == S_IFDIR else {
                throw Conflict(sentence: "cannot copy the directory \(file.name) over something that is no directory")
            }
        }
        let directory = try Descriptor(opening: name, below: parent, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY)
        if isNew { try setAttributes(file, of: directory, keepsTimes: false) }
        return (Descriptors(directory), isNew)
    }

    // MARK: Files

    private mutating func put(
        _ file: CopiedFile, from tree: SourceTree, at place: [UInt8], as name: [CChar],
        in parent: borrowing Descriptor, shown: String
    ) throws {
        try put(file, from: tree, at: place, as: name, inside: parent.number, shown: shown)
    }

    private mutating func put(
        _ file: CopiedFile, from tree: SourceTree, at place: [UInt8], as name: [CChar], inside parent: CInt,
        shown: String
    ) throws {
        try makeRoom(name, in: parent, isDirectory: false, shown)
        if file.isRegular, try linkAgain(file, as: name, in: parent) { return }
        switch file.kind {
        case UInt32(S_IFREG):
            let reading = try SourceTree.path(place) { (path) throws(SystemError) in
                try Descriptor(
                    opening: path, below: tree.root.number, .beneathWithoutLinks, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            }
            let writing = try Descriptor(
                opening: name, below: parent, .beneathWithoutLinks, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                mode: 0o600)
            _ = try reading.copyRest(to: writing)
            try file.refuseChange(of: reading, named: place, in: tree)
            try setAttributes(file, of: writing, keepsTimes: true)
            try remember(reading, file, writing)
        case UInt32(S_IFLNK):
            try attempt("symlink \(shown)") { symlinkat(file.content.map(CChar.init(bitPattern:)) + [0], parent, name) }
            let (user, group) = owner(of: file)
            try attempt("chown \(shown)") { fchownat(parent, name, user, group, AT_SYMLINK_NOFOLLOW) }
            let times = [Self.time(file.modified), Self.time(file.modified)]
            try attempt("set the times of \(shown)") { utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) }
        default:
            try attempt("mknod \(shown)") { mknodat(parent, name, mode_t(file.kind) | 0o600, 0) }
            let (user, group) = owner(of: file)
            try attempt("chown \(shown)") { fchownat(parent, name, user, group, AT_SYMLINK_NOFOLLOW) }
            try attempt("chmod \(shown)") { fchmodat(parent, name, mode_t(mode(of: file)), 0) }
        }
    }

    /// One file with several names stays one.
    private mutating func remember(
        _ reading: borrowing Descriptor, _ file: CopiedFile, _ writing: borrowing Descriptor
    ) throws(SystemError) {
        var facts = stat()
        let number = reading.number
        try attempt("stat \(file.name)") { fstat(number, &facts) }
        // A descriptor for each is dear: past this, names become files of their own.
        guard facts.st_nlink > 1, linked.count < 200 else { return }
        linked[file.inode] = Descriptors(try writing.duplicate())
    }

    private func linkAgain(_ file: CopiedFile, as name: [CChar], in parent: CInt) throws(SystemError) -> Bool {
        guard let first = linked[file.inode]?.file.number else { return false }
        // open(2), O_TMPFILE: a descriptor is named by way of /proc.
        try attempt("link \(file.name)") {
            linkat(AT_FDCWD, "/proc/self/fd/\(first)", parent, name, AT_SYMLINK_FOLLOW)
        }
        return true
    }

    /// A file makes room for what replaces it; a directory never does.
    private func makeRoom(_ name: [CChar], in parent: CInt, isDirectory: Bool, _ shown: String) throws {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
        if errno == EISDIR || errno == EPERM {
            throw Conflict(sentence: "cannot copy a file over the directory \(shown)")
        }
        throw SystemError(step: "replace \(shown)", number: errno)
    }

    private func owner(of file: CopiedFile) -> (user: UInt32, group: UInt32) {
        attributes.owner ?? (attributes.keepsOwners ? (file.owner, file.group) : (0, 0))
    }

    private func mode(of file: CopiedFile) -> UInt32 {
        attributes.mode.map { $0(file.permissions, file.isDirectory) } ?? file.permissions
    }

    /// chown(2) takes set-uid bits away, so the mode comes after it.
    private func setAttributes(_ file: CopiedFile, of open: borrowing Descriptor, keepsTimes: Bool) throws(SystemError)
    {
        let (number, own) = (open.number, owner(of: file))
        try attempt("chown \(file.name)") { fchown(number, own.user, own.group) }
        try attempt("chmod \(file.name)") { fchmod(number, mode_t(mode(of: file))) }
        guard keepsTimes else { return }
        let times = [Self.time(file.modified), Self.time(file.modified)]
        try attempt("set the times of \(file.name)") { futimens(number, times) }
    }

    private static func time(_ nanoseconds: Int64) -> timespec {
        let second: Int64 = 1_000_000_000
        let rest = ((nanoseconds % second) + second) % second
        return timespec(tv_sec: Int((nanoseconds - rest) / second), tv_nsec: Int(rest))
    }
}
