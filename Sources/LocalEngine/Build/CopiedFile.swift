// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import MonitorProtocol

/// A file that COPY or ADD reads, and what of it decides whether its layer is made anew.
struct CopiedFile: Hashable, Sendable, Transferable {
    /// Relative to what the instruction names; empty for that itself.
    var path: [UInt8] = []
    /// Kind and permissions, as stat(2) has them.
    var mode: UInt32 = 0
    var owner: UInt32 = 0
    var group: UInt32 = 0
    var size: Int64 = 0
    /// The SHA-256 of a file's contents, 64 digits; a link's target.
    var content: [UInt8] = []
    // What tells without reading that the contents are the same; no part of any key.
    var device: UInt64 = 0
    var inode: UInt64 = 0
    /// Nanoseconds since 1970.
    var modified: Int64 = 0
    var changed: Int64 = 0

    init() {}

    init(path: [UInt8], _ facts: stat) {
        self.path = path
        mode = facts.st_mode
        owner = facts.st_uid
        group = facts.st_gid
        size = Int64(facts.st_size)
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        modified = Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
        changed = Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec)
    }

    var kind: UInt32 { mode & UInt32(S_IFMT) }
    var isRegular: Bool { kind == UInt32(S_IFREG) }
    var isDirectory: Bool { kind == UInt32(S_IFDIR) }
    var isLink: Bool { kind == UInt32(S_IFLNK) }
    var permissions: UInt32 { mode & 0o7777 }
    var name: String { String(decoding: path, as: UTF8.self) }

    mutating func transfer(through wire: inout Wire) {
        wire.carry(&path)
        wire.carry(&mode)
        wire.carry(&owner)
        wire.carry(&group)
        wire.carry(&size)
        wire.carry(&content)
        wire.carry(&device)
        wire.carry(&inode)
        wire.carry(&modified)
        wire.carry(&changed)
    }
}

/// Everything that one source of a COPY or ADD stands for.
struct CopiedSource: Hashable, Sendable, Transferable {
    /// The last part of its name in the tree: what it is called where it is put into a directory.
    var name: [UInt8] = []
    /// Where it is in its tree, links resolved.
    var place: [UInt8] = []
    /// What of its place `--parents` keeps: all of it, or what stands behind a `/./` of the source.
    var kept: [UInt8] = []
    /// Itself first, then all below it, parents before what lies in them.
    var files: [CopiedFile] = []

    var isDirectory: Bool { files.first?.isDirectory ?? false }

    init() {}

    init(name: [UInt8], place: [UInt8], files: [CopiedFile]) {
        self.name = name
        self.place = place
        kept = place
        self.files = files
    }

    mutating func transfer(through wire: inout Wire) {
        wire.carry(&name)
        wire.carry(&place)
        wire.carry(&kept)
        wire.carry(&files)
    }
}

/// What a COPY or ADD read, as the next build finds it.
struct CopiedFiles: Hashable, Sendable, Transferable {
    /// When the files were looked at, nanoseconds since 1970: what changed at that time or later is read again.
    var taken: Int64 = 0
    var sources: [CopiedSource] = []

    mutating func transfer(through wire: inout Wire) {
        wire.carry(&taken)
        wire.carry(&sources)
    }

    /// A file's time is that of the kernel's last tick, at most 10 ms old: what changed so shortly before it was read may have
    /// changed again without another time.
    private static let tick: Int64 = 50_000_000

    /// The digests that are known already, by place.
    func knownContents() -> [[UInt8]: CopiedFile] {
        var known: [[UInt8]: CopiedFile] = [:]
        for source in sources {
            for file in source.files where file.isRegular && file.changed < taken - Self.tick {
                known[source.path(of: file)] = file
            }
        }
        return known
    }

    /// How many files they are; directories are not counted.
    var count: Int { sources.reduce(0) { $0 + $1.files.count { !$0.isDirectory } } }

    fileprivate func byPath() -> [[UInt8]: CopiedFile] {
        var files: [[UInt8]: CopiedFile] = [:]
        for source in sources { for file in source.files { files[source.path(of: file)] = file } }
        return files
    }
}

/// What an instruction read in the former build, and what it reads now.
struct ReadFiles: Sendable {
    let former: CopiedFiles?
    let now: CopiedFiles
    /// Whether owners are copied too.
    let countsOwners: Bool
    let countsModes: Bool

    /// Why a build that reads these files cannot use what the former one did: nothing where no file differs.
    var changes: [CacheReason.FileChange] {
        guard let former else { return [] }
        let (before, after) = (former.byPath(), now.byPath())
        var changes: [CacheReason.FileChange] = []
        for source in now.sources {
            for file in source.files {
                let path = source.path(of: file)
                let name = String(decoding: path, as: UTF8.self)
                if let old = before[path] {
                    if let kind = change(old, file) { changes.append(.init(name, kind)) }
                } else {
                    changes.append(.init(name, .isNew))
                }
            }
        }
        let gone = before.keys.filter { after[$0] == nil }.map { String(decoding: $0, as: UTF8.self) }.sorted()
        return changes + gone.map { .init($0, .isGone) }
    }

    private func change(_ old: CopiedFile, _ new: CopiedFile) -> CacheReason.FileChange.Kind? {
        if old.kind != new.kind { return .kind }
        if new.isRegular, old.size != new.size { return .size(old.size, new.size) }
        if old.content != new.content { return new.isLink ? .target : .contents }
        if countsModes, old.permissions != new.permissions { return .mode(old.permissions, new.permissions) }
        if countsOwners, old.owner != new.owner || old.group != new.group {
            return .owner("\(old.owner):\(old.group)", "\(new.owner):\(new.group)")
        }
        return nil
    }
}

extension CopiedSource {
    /// Where one of its files is in the tree.
    func path(of file: CopiedFile) -> [UInt8] {
        if file.path.isEmpty { return place }
        return place.isEmpty ? file.path : place + [UInt8(ascii: "/")] + file.path
    }
}
