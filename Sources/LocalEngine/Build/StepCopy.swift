// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Glibc
import Linux

/// Does a COPY or ADD whose files are found already, and a WORKDIR.
struct StepCopy {
    let scratch: BuildScratch
    let interrupt: Interrupt

    /// Files of one tree.
    struct Part {
        let files: CopiedFiles
        /// What the files were found in; mounted here where it is a stage's or an image's.
        let tree: SourceTree
        /// Whether archives among them are unpacked.
        let unpacks: Bool
    }

    /// Puts files into the root. On this thread, which is one of its own.
    ///
    /// - Parameters:
    ///   - parts: what is copied, tree by tree.
    ///   - target: absolute; with a final slash it is a directory.
    func copy(_ copy: FileCopy, _ parts: [Part], to target: String) throws {
        let root = try scratch.mountOnceMore()
        let attributes = try attributes(copy, in: root)
        var copying = FileCopying(root: root.number, attributes: attributes) {
            if interrupt.isRaised { throw CancellationError() }
        }
        let sources = parts.flatMap { part in part.files.sources.map { (source: $0, part: part) } }
        let count = sources.count + copy.documents.count
        let isDirectory = target.hasSuffix("/") || count > 1 || Self.isDirectory(target, in: root)
        if count > 1, !target.hasSuffix("/"), !Self.isDirectory(target, in: root), copy.sources.count > 1 {
            throw FileCopying.Conflict(
                sentence: "when using \(copy.unpacks == nil ? "COPY" : "ADD") with more than one source file, "
                    + "the destination must be a directory and end with a /")
        }
        for (source, part) in sources {
            let tree = part.tree
            let name = String(decoding: source.name, as: UTF8.self)
            if part.unpacks, try unpack(source, from: tree, to: target, &copying) { continue }
            if copy.keepsParents {
                try copying.copy(source, from: tree, to: target + "/" + String(decoding: source.kept, as: UTF8.self))
            } else if source.isDirectory || !isDirectory {
                try copying.copy(source, from: tree, to: target)
            } else {
                try copying.copy(source, from: tree, to: target + "/" + name)
            }
        }
        for document in copy.documents {
            try copying.write(document.content, to: isDirectory ? target + "/" + document.name : target)
        }
    }

    /// Makes the directory of a WORKDIR.
    func makeDirectory(_ path: String, ownedBy user: String) throws {
        let root = try scratch.mountOnceMore()
        let attributes = FileCopying.Attributes(owner: try Self.owner(user, in: root))
        _ = try FileCopying(root: root.number, attributes: attributes, interrupt: {}).makeDirectories(path)
    }

    private static func isDirectory(_ path: String, in root: borrowing Descriptor) -> Bool {
        // What cannot be opened as a directory is none.
        (try? Descriptor(opening: path, below: root.number, .insideRoot, Descriptor.pathOnly | O_DIRECTORY)) != nil
    }

    // MARK: Owners and modes

    private func attributes(
        _ copy: FileCopy, in root: borrowing Descriptor
    ) throws -> FileCopying.Attributes {
        var attributes = FileCopying.Attributes()
        attributes.keepsOwners = copy.from != nil
        if let owner = copy.owner?.text, !owner.isEmpty {
            attributes.owner = try Self.owner(owner, in: root)
        }
        if let mode = copy.mode, !mode.text.isEmpty {
            let change = try FileModeChange(parsing: mode)
            attributes.mode = { change.applied(to: $0, isDirectory: $1) }
        }
        return attributes
    }

    /// As BuildKit reads it: a number alone is the group's too.
    private static func owner(_ text: String, in root: borrowing Descriptor) throws -> (user: UInt32, group: UInt32) {
        let identity = try identity(text, in: root)
        return (identity.uid, text.contains(":") || UInt32(text) == nil ? identity.gid : identity.uid)
    }

    private static func identity(_ text: String, in root: borrowing Descriptor) throws -> ProcessIdentity {
        let number = root.number
        func entries(_ path: String) -> String {
            // A file that is not there has no entries.
            guard let file = try? Descriptor(opening: path, below: number, .insideRoot, O_RDONLY | O_NONBLOCK) else {
                return ""
            }
            return ProcessIdentity.text(of: file)
        }
        do throws(ProcessIdentity.Unknown) {
            return try ProcessIdentity(text, passwd: entries("/etc/passwd"), group: entries("/etc/group"))
        } catch {
            throw FileCopying.Conflict(sentence: error.message)
        }
    }

    // MARK: Archives

    /// ADD unpacks what is an archive; whether this is one shows in its beginning.
    private func unpack(
        _ source: CopiedSource, from tree: SourceTree, to target: String, _ copying: inout FileCopying
    ) throws -> Bool {
        guard let file = source.files.first, file.isRegular, file.size > 0 else { return false }
        func open() throws(SystemError) -> Descriptor {
            try SourceTree.path(source.place) { (path) throws(SystemError) in
                try Descriptor(opening: path, below: tree.root.number, .beneathWithoutLinks, O_RDONLY | O_NONBLOCK)
            }
        }
        let beginning = try open()
        let probe: Decompressed
        do throws(ArchiveError) {
            probe = try Decompressed(FileSource(reading: beginning.number, interrupt: interrupt))
        } catch {
            let name = String(decoding: source.name, as: UTF8.self)
            let isNamedArchive = name.contains(".tar.") || name.hasSuffix(".txz") || name.hasSuffix(".tbz2")
            // What is only compressed, or damaged, is copied as it is.
            guard case .unsupported(let what) = error, isNamedArchive else { return false }
            throw FileCopying.Conflict(sentence: "ADD cannot unpack \(name): \(what)")
        }
        // What has no first entry is no archive, and is copied as it is.
        guard Self.isArchive(probe.source) else { return false }
        let archive = try open()
        let number = archive.number
        let directory = try copying.makeDirectories(target)
        let queue = ChunkQueue()
        let interrupt = interrupt
        let reader = Worker {
            do throws(ArchiveError) {
                try queue.fill(from: Decompressed(FileSource(reading: number, interrupt: interrupt)).source)
            } catch {
                queue.fail(error)
            }
        }
        defer {
            queue.abandon()
            reader.wait()
        }
        var unpacking = TreeUnpacking(root: directory.number, base: "/", cancelled: -1)
        _ = try unpacking.unpack(TarReader(queue))
        try file.refuseChange(of: archive, named: source.place, in: tree)
        return true
    }

    private static func isArchive(_ source: any ByteSource) -> Bool {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
        defer { block.deallocate() }

        var count = 0
        while count < block.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: block[count...])
            // Whatever is wrong with it: it is no archive.
            guard let more = try? source.read(into: rest), more > 0 else { return false }
            count += more
        }
        // POSIX.1-2001, ustar: the magic of every format that is written today.
        return block[257..<262].elementsEqual("ustar".utf8)
    }
}
