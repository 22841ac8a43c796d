// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// Copies files, directories and links from one tree to another, each step by descriptor and without following links, so
/// that a program which changes either tree meanwhile cannot lead the copy out of it.
struct TreeCopy {
    /// What was copied so far.
    private(set) var report = CopyReport(bytes: ByteCount(0), entries: 0)
    /// Whether user and group ids are kept; otherwise everything belongs to root.
    private let keepsOwners: Bool
    /// Files with several names that were copied under one of them: further names become links to that copy.
    private var linked: [FileIdentity: LinkedCopy] = [:]

    init(keepsOwners: Bool) { self.keepsOwners = keepsOwners }

    /// Copies one entry and all below it.
    ///
    /// - Parameters:
    ///   - name: its name in `source`; never a path.
    ///   - targetName: its name in `target`; a file or link there is replaced, a directory is filled.
    /// - Throws: `EngineError` with `.conflict` where a directory and something else meet; `SystemError`.
    mutating func copy(_ name: String, in source: CInt, to targetName: String, in target: CInt) throws {
        var facts = stat()
        try attempt("stat \(name)") { fstatat(source, name, &facts, AT_SYMLINK_NOFOLLOW) }
        try refuseMixedKinds(facts, name, targetName, target)
        let kind = facts.st_mode & S_IFMT
        if kind != S_IFDIR, facts.st_nlink > 1, try linkToEarlierCopy(facts, targetName, target) { return }
        switch kind {
        case S_IFDIR:
            let inner = try Descriptor(opening: name, in: source, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            let made = mkdirat(target, targetName, 0o700) == 0
            if !made, errno != EEXIST { throw SystemError(step: "mkdir \(targetName)", number: errno) }
            let outer = try Descriptor(opening: targetName, in: target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            try copyContents(of: inner, into: outer)
            // Docker leaves a directory that was there as it was.
            if made { try setAttributes(facts, of: outer, targetName) }
        case S_IFREG: try copyFile(name, facts, in: source, to: targetName, in: target)
        case S_IFLNK: try copyLink(name, facts, in: source, to: targetName, in: target)
        case S_IFSOCK: return  // A socket is an address of a running program, not a content.
        default:
            var entry = Replacement(of: targetName, in: target)
            try attempt("mknod \(targetName)") { mknodat(target, entry.temporary, facts.st_mode, facts.st_rdev) }
            try entry.place()
            try setAttributes(facts, ofEntry: targetName, in: target)
        }
        report.entries += 1
        if kind != S_IFDIR, facts.st_nlink > 1 { try remember(facts, targetName, target) }
    }

    /// Copies everything in one directory into another that is there.
    mutating func copyContents(of source: borrowing Descriptor, into target: borrowing Descriptor) throws {
        let (from, to) = (source.number, target.number)
        for name in try source.entryNames() { try copy(name, in: from, to: name, in: to) }
    }

    private func refuseMixedKinds(_ facts: stat, _ name: String, _ targetName: String, _ target: CInt) throws {
        var there = stat()
        guard fstatat(target, targetName, &there, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return }
            throw SystemError(step: "stat \(targetName)", number: errno)
        }
        let (isDirectory, wasDirectory) = (facts.st_mode & S_IFMT == S_IFDIR, there.st_mode & S_IFMT == S_IFDIR)
        if isDirectory, !wasDirectory {
            throw EngineError(
                .conflict, .path(targetName),
                "cannot overwrite non-directory \"\(targetName)\" with directory \"\(name)\"")
        }
        if !isDirectory, wasDirectory {
            throw EngineError(
                .conflict, .path(targetName),
                "cannot overwrite directory \"\(targetName)\" with non-directory \"\(name)\"")
        }
    }

    private mutating func copyFile(
        _ name: String, _ facts: stat, in source: CInt, to targetName: String, in target: CInt
    ) throws {
        let reading = try Descriptor(opening: name, in: source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        var there = stat()
        var above = stat()
        let isThere = fstatat(target, targetName, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(target, &above) == 0
        let copied: Int64
        if isThere, there.st_dev != above.st_dev, there.st_mode & S_IFMT == S_IFREG {
            // A file that is a mount point of its own, such as /etc/hosts, cannot be replaced: it is written over.
            let writing = try Descriptor(opening: targetName, in: target, O_WRONLY | O_TRUNC | O_NOFOLLOW)
            copied = try reading.copyRest(to: writing)
        } else {
            var entry = Replacement(of: targetName, in: target)
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
            let writing = try Descriptor(opening: entry.temporary, in: target, flags, mode: 0o600)
            copied = try reading.copyRest(to: writing)
            try setAttributes(facts, of: writing, targetName)
            try entry.place()
        }
        report.bytes = ByteCount(report.bytes.bytes + copied)
    }

    private func copyLink(
        _ name: String, _ facts: stat, in source: CInt, to targetName: String, in target: CInt
    ) throws {
        // symlink(7): a target is at most PATH_MAX bytes.
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = try attempt("readlink \(name)") { readlinkat(source, name, &buffer, buffer.count - 1) }
        buffer[length] = 0
        var entry = Replacement(of: targetName, in: target)
        try attempt("symlink \(targetName)") { symlinkat(buffer, target, entry.temporary) }
        try entry.place()
        try setAttributes(facts, ofEntry: targetName, in: target)
    }

    private func owner(_ facts: stat) -> (uid_t, gid_t) { keepsOwners ? (facts.st_uid, facts.st_gid) : (0, 0) }

    /// chown(2) takes set-uid bits away, so the mode comes after it.
    private func setAttributes(_ facts: stat, of file: borrowing Descriptor, _ name: String) throws(SystemError) {
        let number = file.number
        let (user, group) = owner(facts)
        try attempt("chown \(name)") { fchown(number, user, group) }
        try attempt("chmod \(name)") { fchmod(number, facts.st_mode & 0o7777) }
        let times = [facts.st_atim, facts.st_mtim]
        try attempt("set the times of \(name)") { futimens(number, times) }
    }

    private func setAttributes(_ facts: stat, ofEntry name: String, in directory: CInt) throws(SystemError) {
        let (user, group) = owner(facts)
        try attempt("chown \(name)") { fchownat(directory, name, user, group, AT_SYMLINK_NOFOLLOW) }
        let times = [facts.st_atim, facts.st_mtim]
        try attempt("set the times of \(name)") { utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) }
    }

    private mutating func remember(_ facts: stat, _ name: String, _ directory: CInt) throws(SystemError) {
        let identity = FileIdentity(facts)
        guard linked[identity] == nil else { return }
        linked[identity] = LinkedCopy(
            try Descriptor(opening: name, in: directory, Descriptor.pathOnly | O_NOFOLLOW),
            names: Int(facts.st_nlink) - 1)
    }

    private mutating func linkToEarlierCopy(_ facts: stat, _ name: String, _ directory: CInt) throws -> Bool {
        let identity = FileIdentity(facts)
        guard let copy = linked[identity] else { return false }
        var entry = Replacement(of: name, in: directory)
        try copy.file.link(as: entry.temporary, in: directory)
        try entry.place()
        report.entries += 1
        copy.namesLeft -= 1
        if copy.namesLeft == 0 { linked[identity] = nil }
        return true
    }
}

/// An entry that is made beside its place and then renamed into it: whoever looks sees the old one or the new one, whole.
/// What was not placed goes away with this value.
private struct Replacement: ~Copyable {
    /// The name under which the new entry is made.
    let temporary = ".dsh-copy-\(getpid())-\(UInt32.random(in: .min ... .max))"
    private let name: String
    private let directory: CInt
    private var isPlaced = false

    init(of name: String, in directory: CInt) {
        self.name = name
        self.directory = directory
    }

    mutating func place() throws(SystemError) {
        if renameat(directory, temporary, directory, name) != 0 {
            throw SystemError(step: "rename to \(name)", number: errno)
        }
        isPlaced = true
    }

    // It may never have come to exist, which is as good.
    deinit { if !isPlaced { unlinkat(directory, temporary, 0) } }
}

/// A file, whatever its name.
private struct FileIdentity: Hashable {
    let device: dev_t
    let inode: ino_t

    init(_ facts: stat) {
        device = facts.st_dev
        inode = facts.st_ino
    }
}

/// The copy of a file with several names, held open until all of them have been met.
private final class LinkedCopy {
    let file: Descriptor
    var namesLeft: Int

    init(_ file: consuming Descriptor, names: Int) {
        self.file = file
        namesLeft = names
    }
}
