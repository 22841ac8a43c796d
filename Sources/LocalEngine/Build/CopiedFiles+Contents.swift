// SPDX-License-Identifier: Apache-2.0

import Content
import Glibc
import Linux
import OCI

extension CopiedFiles {
    /// Reads what decides: contents of files and targets of links. A file that was read by a former build, and has the same
    /// device, inode, size, and times of change, is not read again.
    ///
    /// - Throws: `SourceTree.Missing` for a file that changes while it is read; `SystemError`.
    mutating func readContents(in tree: SourceTree, knowing former: CopiedFiles?) throws {
        let known = former?.knownContents() ?? [:]
        var unread: [(source: Int, file: Int)] = []
        for index in sources.indices {
            let source = sources[index]
            for number in source.files.indices {
                let file = source.files[number]
                if file.isLink {
                    sources[index].files[number].content = try Self.target(of: source.path(of: file), in: tree)
                } else if file.isRegular {
                    if let same = known[source.path(of: file)], same.isUnchanged(file) {
                        sources[index].files[number].content = same.content
                    } else {
                        unread.append((index, number))
                    }
                }
            }
        }
        let pieces = stride(from: 0, to: unread.count, by: 64).map { Array(unread[$0..<min($0 + 64, unread.count)]) }
        let looked = self
        let read = try ImageWork.sideBySide(pieces) { piece in
            try piece.map { place in
                let source = looked.sources[place.source]
                let file = source.files[place.file]
                return try Self.digest(of: file, at: source.path(of: file), in: tree)
            }
        }
        for (place, content) in zip(unread, read.joined()) { sources[place.source].files[place.file].content = content }
    }

    private static func digest(of file: CopiedFile, at path: [UInt8], in tree: SourceTree) throws -> [UInt8] {
        let open = try SourceTree.path(path) { (name) throws(SystemError) in
            try Descriptor(
                opening: name, below: tree.root.number, .beneathWithoutLinks, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        }
        var hasher = DigestHasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try open.read(into: buffer)
            if count == 0 { break }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        try file.refuseChange(of: open, named: path, in: tree)
        return Array(hasher.digest.hex.utf8)
    }

    private static func target(of path: [UInt8], in tree: SourceTree) throws -> [UInt8] {
        // symlink(7): a target is at most PATH_MAX bytes.
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try SourceTree.path(path) { (name) throws(SystemError) in
            try attempt("readlink") { readlinkat(tree.root.number, name, &bytes, bytes.count) }
        }
        return bytes[..<count].map(UInt8.init(bitPattern:))
    }
}

extension CopiedFile {
    /// Whether nothing tells that this is not the very same file with the very same contents.
    func isUnchanged(_ other: CopiedFile) -> Bool {
        device == other.device && inode == other.inode && size == other.size && modified == other.modified
            && changed == other.changed
    }

    /// - Throws: `SourceTree.Missing` where the open file is no longer what was looked at.
    func refuseChange(of open: borrowing Descriptor, named path: [UInt8], in tree: SourceTree) throws {
        if tree.isFixed { return }
        var facts = stat()
        let number = open.number
        try attempt("stat") { fstat(number, &facts) }
        var now = CopiedFile(path: [], facts)
        // A mount of layers has another number each time, and what was found in them is remembered from an earlier one.
        now.device = device
        guard isUnchanged(now) else {
            throw SourceTree.Missing(
                sentence: "\"\(String(decoding: path, as: UTF8.self))\" was changed while it was read: build again")
        }
    }
}
