// SPDX-License-Identifier: Apache-2.0

/// Where a tar reader takes its bytes from: buffers that are multiples of 512 bytes long, but for the last one.
public protocol TarInput: AnyObject {
    /// The next buffer, valid until the next call; `nil` at the end.
    func next() throws(ArchiveError) -> UnsafeRawBufferPointer?
    /// Leaves out bytes that nobody asked for, where that costs nothing; returns how many it left out.
    func skip(_ count: Int64) throws(ArchiveError) -> Int64
}

extension ChunkQueue: TarInput {
    public func skip(_ count: Int64) throws(ArchiveError) -> Int64 { 0 }
}

/// Reads a tar stream entry by entry: ustar, pax, GNU's long names and all forms of its sparse files, and what came before
/// any of these.
///
/// Written here, not taken from a library: names and attributes must come through as bytes whatever the locale is, every
/// byte that is not a file's contents must be kept so that the very same stream can be made again (`LayerRecipe`), and the
/// contents go from the decompressor's buffer to the file without a copy.
public final class TarReader {
    private let input: any TarInput
    /// Sees every byte of the stream that `contents` does not give.
    private let structure: ((UnsafeRawBufferPointer) throws(ArchiveError) -> Void)?
    private var chunk = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Bytes of the stream before `chunk`'s first.
    private var consumed: Int64 = 0
    /// The current entry's contents that were not given yet, and the zeros behind them.
    private var remaining: Int64 = 0
    private var padding: Int64 = 0
    /// Stretches of the current sparse file that were not given yet.
    private var fragments: [TarEntry.Fragment] = []
    private var fileOffset: Int64 = 0

    /// Reads `input`.
    ///
    /// - Parameter structure: is shown headers, padding, contents that nobody asked for, and all that follows the end.
    public init(
        _ input: any TarInput, structure: ((UnsafeRawBufferPointer) throws(ArchiveError) -> Void)? = nil
    ) {
        self.input = input
        self.structure = structure
    }

    /// Where the next byte is in the stream: after `next()`, the entry's contents.
    public var position: Int64 { consumed }

    /// Bytes of the current entry that are stored and were not given yet.
    public var remainingContents: Int64 { remaining }

    /// The next entry; `nil` at the archive's end, when the rest of the stream has been read too.
    ///
    /// - Throws: `.damaged` for a stream that is cut short or no archive; `.unsupported` for kinds of entries that no
    ///   layer has.
    public func next() throws(ArchiveError) -> TarEntry? {
        try skipContents()
        var records = PaxRecords()
        var longName: [UInt8]?
        var longTarget: [UInt8]?
        while let block = try block() {
            if TarHeader.isZero(block) {
                // One alone is damage, as in Go's reader; the stream may also just end.
                if let second = try self.block(), !TarHeader.isZero(second) { throw Self.invalid }
                break
            }
            let header = try TarHeader(block)
            switch header.type {
            case UInt8(ascii: "x"): try records.add(try special(header))
            // A global header: git and others leave notes there; Docker reads none of it.
            case UInt8(ascii: "g"): _ = try special(header)
            case UInt8(ascii: "L"): longName = terminated(try special(header))
            case UInt8(ascii: "K"): longTarget = terminated(try special(header))
            default:
                records.path = records.path ?? longName
                records.linkTarget = records.linkTarget ?? longTarget
                return try entry(header, records)
            }
        }
        while try refill() { try takeStructure(chunk.count) }
        return nil
    }

    /// The next stretch of the current entry's contents, valid until the next call, and where it belongs in the file; `nil`
    /// at their end.
    public func contents() throws(ArchiveError) -> (offset: Int64, bytes: UnsafeRawBufferPointer)? {
        while let first = fragments.first, first.length == 0 {
            fragments.removeFirst()
            fileOffset = fragments.first?.offset ?? fileOffset
        }
        guard remaining > 0 else { return nil }
        guard try refill() else { throw Self.cut }
        let wanted = min(remaining, fragments.first?.length ?? remaining, Int64(chunk.count))
        let bytes = UnsafeRawBufferPointer(rebasing: chunk[..<Int(wanted)])
        advance(Int(wanted))
        remaining -= wanted
        defer { fileOffset += wanted }
        if !fragments.isEmpty { fragments[0].length -= wanted }
        return (fileOffset, bytes)
    }

    // MARK: Blocks

    /// Whether there is at least one more byte.
    private func refill() throws(ArchiveError) -> Bool {
        while chunk.isEmpty {
            guard let next = try input.next() else { return false }
            chunk = next
        }
        return true
    }

    private func advance(_ count: Int) {
        chunk = UnsafeRawBufferPointer(rebasing: chunk[count...])
        consumed += Int64(count)
    }

    /// The next 512 bytes, shown to `structure`; `nil` at the end of the stream.
    private func block() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        guard try refill() else { return nil }
        guard chunk.count >= TarHeader.size else { throw Self.cut }
        let block = UnsafeRawBufferPointer(rebasing: chunk[..<TarHeader.size])
        try takeStructure(TarHeader.size)
        return block
    }

    private func takeStructure(_ count: Int) throws(ArchiveError) {
        try structure?(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        advance(count)
    }

    /// Passes over what is left of the current entry.
    private func skipContents() throws(ArchiveError) {
        var left = remaining + padding
        remaining = 0
        padding = 0
        fragments = []
        while left > 0 {
            if structure == nil, chunk.isEmpty {
                let skipped = try input.skip(left)
                consumed += skipped
                left -= skipped
                if left == 0 { return }
            }
            guard try refill() else { throw Self.cut }
            let count = Int(min(left, Int64(chunk.count)))
            try takeStructure(count)
            left -= Int64(count)
        }
    }

    // MARK: Headers

    private static var cut: ArchiveError { .damaged("unexpected EOF: the archive is cut short") }
    private static var invalid: ArchiveError { .damaged("archive/tar: invalid tar header") }

    /// The contents of an entry that only describes the next one.
    private func special(_ header: TarHeader) throws(ArchiveError) -> [UInt8] {
        let size = try header.storedSize
        // Go's limit: nobody has longer ones, and they are held in memory.
        guard size >= 0, size <= 1 << 20 else { throw Self.invalid }
        var contents: [UInt8] = []
        while Int64(contents.count) < size {
            guard let block = try block() else { throw Self.cut }
            contents.append(contentsOf: block.prefix(Int(size) - contents.count))
        }
        return contents
    }

    private func terminated(_ text: [UInt8]) -> [UInt8] { Array(text.prefix { $0 != 0 }) }

    private func entry(_ header: TarHeader, _ records: PaxRecords) throws(ArchiveError) -> TarEntry {
        // The block's bytes are gone with the next one that is read, which a sparse file's header may need.
        let path = records.sparseName ?? records.path ?? header.path
        let (owner, group, modified) = (try header.owner, try header.group, try header.modified)
        var entry = TarEntry(
            kind: try kind(header, path), path: path, mode: UInt32(truncatingIfNeeded: try header.mode) & 0o7777,
            modified: records.modified ?? TarEntry.Time(seconds: modified))
        entry.linkTarget = records.linkTarget ?? header.linkTarget
        entry.owner = try identifier(records.owner ?? owner)
        entry.group = try identifier(records.group ?? group)
        entry.accessed = records.accessed
        entry.attributes = records.attributes
        guard !path.isEmpty else { throw Self.invalid }
        // Only regular files have contents, whatever the field says (as in Go's reader).
        if entry.kind == .regular { try setContents(of: &entry, header, records) }
        return entry
    }

    private func kind(_ header: TarHeader, _ path: [UInt8]) throws(ArchiveError) -> TarEntry.Kind {
        func device() throws(ArchiveError) -> (UInt32, UInt32) {
            guard let major = UInt32(exactly: try header.deviceMajor),
                let minor = UInt32(exactly: try header.deviceMinor)
            else { throw Self.invalid }
            return (major, minor)
        }
        switch header.type {
        // Before POSIX, a directory was a file whose name ends in a slash.
        case 0, UInt8(ascii: "0"): return path.last == UInt8(ascii: "/") ? .directory : .regular
        case UInt8(ascii: "7"), UInt8(ascii: "S"): return .regular
        case UInt8(ascii: "1"): return .hardLink
        case UInt8(ascii: "2"): return .symbolicLink
        case UInt8(ascii: "3"):
            let (major, minor) = try device()
            return .characterDevice(major: major, minor: minor)
        case UInt8(ascii: "4"):
            let (major, minor) = try device()
            return .blockDevice(major: major, minor: minor)
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default:
            let name = String(decoding: path, as: UTF8.self)
            throw .unsupported("\(name): unhandled tar header type \(header.type)")
        }
    }

    private func identifier(_ number: Int64) throws(ArchiveError) -> UInt32 {
        // The last number means "leave it" to chown(2).
        guard let id = UInt32(exactly: number), id != .max else { throw Self.invalid }
        return id
    }
}

extension TarReader {
    /// Finds out how long the contents are, here and on disk, and where a sparse file's stretches belong.
    private func setContents(
        of entry: inout TarEntry, _ header: TarHeader, _ records: PaxRecords
    ) throws(ArchiveError) {
        let headerSize = try header.storedSize
        let stored = records.size ?? headerSize
        guard stored >= 0 else { throw Self.invalid }
        entry.size = stored
        var mapBytes: Int64 = 0
        let start = position
        if header.type == UInt8(ascii: "S") {
            entry.size = try header.sparseRealSize
            entry.fragments = try oldSparseMap(header)
        } else if records.sparseMapIsInContents {
            guard let size = records.sparseRealSize else { throw Self.invalid }
            entry.size = size
            entry.fragments = try storedSparseMap()
            mapBytes = position - start
        } else if let size = records.sparseRealSize, let map = records.sparseMap {
            entry.size = size
            entry.fragments = map
        }
        guard stored >= mapBytes, entry.size >= 0 else { throw Self.invalid }
        remaining = stored - mapBytes
        padding = (512 - stored % 512) % 512
        fileOffset = 0
        if let map = entry.fragments { try begin(map, realSize: entry.size) }
    }

    private func begin(_ map: [TarEntry.Fragment], realSize: Int64) throws(ArchiveError) {
        var end: Int64 = 0
        var total: Int64 = 0
        for fragment in map {
            let (next, overflows) = fragment.offset.addingReportingOverflow(fragment.length)
            guard fragment.offset >= end, fragment.length >= 0, !overflows, next <= realSize else { throw Self.invalid }
            end = next
            total += fragment.length
        }
        guard total == remaining else { throw Self.invalid }
        fragments = map
        fileOffset = map.first?.offset ?? 0
    }

    private func oldSparseMap(_ header: TarHeader) throws(ArchiveError) -> [TarEntry.Fragment] {
        var (map, continues) = try header.sparseMap
        while continues {
            guard map.count < 1 << 20 else { throw Self.invalid }
            guard let block = try block() else { throw Self.cut }
            let more = try TarHeader.sparseContinuation(block)
            map += more.fragments
            continues = more.continues
        }
        return map
    }

    /// Version 1.0: decimal numbers, each on a line of its own, in whole blocks before the contents.
    private func storedSparseMap() throws(ArchiveError) -> [TarEntry.Fragment] {
        var text: [UInt8] = []
        var position = 0
        func number() throws(ArchiveError) -> Int64 {
            while true {
                if let newline = text[position...].firstIndex(of: UInt8(ascii: "\n")) {
                    guard let value = PaxRecords.decimal(text[position..<newline]) else { throw Self.invalid }
                    position = newline + 1
                    return value
                }
                guard text.count - position < 32 else { throw Self.invalid }
                guard let block = try block() else { throw Self.cut }
                text += block
            }
        }
        let count = try number()
        guard count <= 1 << 20 else { throw Self.invalid }
        var map: [TarEntry.Fragment] = []
        for _ in 0..<count { map.append(TarEntry.Fragment(offset: try number(), length: try number())) }
        return map
    }
}
