// SPDX-License-Identifier: Apache-2.0

import Archive
import Engine
import OCI

/// What an archive of images holds: its small documents, and where its layers are.
struct ImageBundle: Sendable {
    /// Files that may be documents, by their paths.
    var documents: [String: [UInt8]] = [:]
    /// Other files, by their paths; a stretch of the archive, where it can be read again.
    var blobs: [String: Stretch] = [:]
    /// Links of older archives, where one layer stands for another.
    private var links: [String: String] = [:]
    private var documentBytes = 0

    /// A stretch of a file.
    struct Stretch: Hashable, Sendable {
        var offset: Int64
        var length: Int64
    }

    /// What is to be done with an entry's contents.
    enum Destination {
        case document
        case blob(path: String)
        case nothing
    }

    /// Takes note of an entry.
    ///
    /// - Parameter beginning: the first bytes of its contents.
    mutating func add(
        _ entry: TarEntry, at offset: Int64, beginning: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> Destination {
        let path = Self.clean(entry.path)
        switch entry.kind {
        case .regular: break
        case .hardLink:
            links[path] = Self.clean(entry.linkTarget)
            return .nothing
        case .symbolicLink:
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            links[path] = Self.clean(Array("\(directory)/".utf8) + entry.linkTarget)
            return .nothing
        default: return .nothing
        }
        if Self.isDocument(entry, beginning) {
            documentBytes += Int(entry.size)
            guard documentBytes <= 64 << 20 else { throw .damaged("the archive's documents are too large") }
            return .document
        }
        guard Self.mayBeLayer(path, beginning) else { return .nothing }
        blobs[path] = Stretch(offset: offset, length: entry.size)
        return .blob(path: path)
    }

    mutating func set(document: [UInt8], of entry: TarEntry) { documents[Self.clean(entry.path)] = document }

    /// JSON, or so short that it is no layer. A layer's own archive begins with a name and has its mark at byte 257.
    private static func isDocument(_ entry: TarEntry, _ beginning: UnsafeRawBufferPointer) -> Bool {
        guard entry.size <= 4 << 20 else { return false }
        if beginning.count >= 262, beginning[257..<262].elementsEqual("ustar".utf8) { return false }
        let first = beginning.first ?? 0
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
            || (entry.size < 512 && first != 0x1f && first != 0x28)
    }

    /// Named as layers are, or beginning as one does: what is neither (a root file system loaded by mistake is full of it)
    /// is not worth a thread.
    private static func mayBeLayer(_ path: String, _ beginning: UnsafeRawBufferPointer) -> Bool {
        if path.hasPrefix("blobs/") || path.hasSuffix(".tar") { return true }
        let isCompressed = beginning.starts(with: [0x1f, 0x8b]) || beginning.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
        return isCompressed || (beginning.count >= 262 && beginning[257..<262].elementsEqual("ustar".utf8))
    }

    /// A path without `.`, `..` and doubled slashes: only a key here, nothing is written there.
    private static func clean(_ path: [UInt8]) -> String {
        var parts: [Substring] = []
        for part in String(decoding: path, as: UTF8.self).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    /// Where a path leads, through links.
    func resolve(_ path: String) -> String {
        var path = Self.clean(Array(path.utf8))
        // Links in circles lead nowhere; no archive has long chains.
        for _ in 0..<8 {
            guard let target = links[path] else { break }
            path = target
        }
        return path
    }

    func document(_ path: String) throws(EngineError) -> [UInt8] {
        guard let bytes = documents[resolve(path)] else {
            throw EngineError(.invalid, .engine, "invalid archive: \(path) is missing")
        }
        return bytes
    }
}

extension ImageBundle {
    /// Reads an archive in a file from one end to the other, passing over layers.
    init(indexing descriptor: Int32) throws(ArchiveError) {
        let reader = TarReader(SeekableInput(reading: descriptor))
        while let entry = try reader.next() {
            let offset = reader.position
            guard let (_, first) = try reader.contents() else {
                _ = try add(entry, at: offset, beginning: UnsafeRawBufferPointer(start: nil, count: 0))
                if entry.kind == .regular { set(document: [], of: entry) }
                continue
            }
            guard case .document = try add(entry, at: offset, beginning: first) else { continue }
            var document = Array(first)
            while let (_, more) = try reader.contents() { document.append(contentsOf: more) }
            set(document: document, of: entry)
        }
    }
}
