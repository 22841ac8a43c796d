// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// One side of a copy: a tree and what a path means in it.
struct CopySide: ~Copyable {
    /// Whose tree it is.
    enum Owner: Sendable {
        /// The host's: relative paths begin at the directory that `root` is.
        case host
        /// A container's, as its programs see it: every link stays inside.
        case container(String)
        /// An image's, which nothing can be written to.
        case image(String)

        /// The failure of a path of this side, in the words that Docker has for it.
        func failure(_ path: String, _ error: SystemError) -> EngineError {
            switch (self, error.number) {
            case (.container(let name), ENOENT):
                EngineError(
                    .notFound, .path(path), "Could not find the file \(path) in container \(name)", cause: error)
            case (.image(let name), ENOENT):
                EngineError(.notFound, .path(path), "Could not find the file \(path) in image \(name)", cause: error)
            case (.host, ENOENT):
                EngineError(.notFound, .path(path), "lstat \(path): no such file or directory", cause: error)
            case (.container, EROFS):
                EngineError(.refused, .path(path), "container rootfs is marked read-only", cause: error)
            default: EngineError(.system, .path(path), "\(error)", cause: error)
            }
        }
    }

    /// The directory that paths begin at.
    let root: Descriptor
    let owner: Owner

    /// A file, directory or link: its name in its directory.
    struct Entry: ~Copyable {
        let directory: Descriptor
        let name: String
        /// `nil` where nothing has this name.
        let mode: mode_t?

        var isDirectory: Bool { mode.map { $0 & S_IFMT == S_IFDIR } ?? false }
    }

    /// Opens a path wherever links lead.
    func open(_ path: String, _ flags: CInt) throws(SystemError) -> Descriptor {
        switch owner {
        case .host: try Descriptor(opening: path.isEmpty ? "." : path, in: root.number, flags)
        case .container, .image:
            try Descriptor(opening: path.isEmpty ? "/" : path, below: root.number, .insideRoot, flags)
        }
    }

    /// Finds the entry that a path names, whether there is one or not; its directory must be there.
    ///
    /// - Parameter followsLink: whether a link as the last part stands for what it points to.
    /// - Throws: `SystemError`; ENOENT when the directory is missing, ELOOP after forty links, as the kernel counts.
    func entry(_ path: String, followsLink: Bool) throws(SystemError) -> Entry {
        var path = path
        for _ in 0..<40 {
            let (parent, name) = Self.split(path)
            let directory = try open(parent, Descriptor.pathOnly | O_DIRECTORY)
            var facts = stat()
            guard fstatat(directory.number, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno != ENOENT { throw SystemError(step: "stat \(path)", number: errno) }
                return Entry(directory: directory, name: name, mode: nil)
            }
            guard followsLink, facts.st_mode & S_IFMT == S_IFLNK else {
                return Entry(directory: directory, name: name, mode: facts.st_mode)
            }
            let target = try directory.linkTarget(of: name)
            path = target.hasPrefix("/") || parent.isEmpty ? target : parent + "/" + target
        }
        throw SystemError(step: "follow \(path)", number: ELOOP)
    }

    /// What stands in a directory, in no order; names that are not UTF-8 cannot be typed and are left out.
    func entries(_ path: String) throws(SystemError) -> [DirectoryEntry] {
        let directory = try open(path, O_RDONLY | O_DIRECTORY)
        var found: [DirectoryEntry] = []
        for raw in try directory.rawEntryNames() {
            guard let name = String(validating: raw.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) else {
                continue
            }
            var facts = stat()
            // Gone again: nothing to tell.
            guard fstatat(directory.number, raw, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            var isDirectory = facts.st_mode & S_IFMT == S_IFDIR
            if facts.st_mode & S_IFMT == S_IFLNK {
                // A link that leads nowhere, or in a circle, is no directory.
                isDirectory = (try? open("\(path)/\(name)", Descriptor.pathOnly | O_DIRECTORY)) != nil
            }
            found.append(DirectoryEntry(name: name, isDirectory: isDirectory))
        }
        return found
    }

    /// Directory and last part of a path. The root, `.` and `..` are entries called `.` of themselves.
    private static func split(_ path: String) -> (parent: String, name: String) {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        if name.isEmpty || name == "." || name == ".." { return (String(path), ".") }
        let parent = path[..<name.startIndex]
        return (parent.isEmpty ? "" : parent == "/" ? "/" : String(parent.dropLast()), String(name))
    }

    /// The failure of a path of this side.
    func failure(_ path: String, _ error: SystemError) -> EngineError { owner.failure(path, error) }
}
