// SPDX-License-Identifier: Apache-2.0

/// Writes a tar stream that every reader understands: ustar, with a pax header before what does not fit into it.
///
/// The same entries always become the same bytes.
public final class TarWriter {
    private let sink: any ByteSink
    private var remaining: Int64 = 0
    private var padding = 0

    /// Writes to `sink`.
    public init(_ sink: any ByteSink) { self.sink = sink }

    /// Starts an entry; a regular file's `size` bytes of contents must follow before the next.
    ///
    /// Sparse files are written whole: `fragments` is not read.
    public func begin(_ entry: TarEntry) throws(ArchiveError) {
        try endContents()
        var block = HeaderBlock()
        var records: [UInt8] = []
        let size = entry.kind == .regular ? entry.size : 0
        if !block.setPath(entry.path) { Self.append(Array("path".utf8), entry.path, to: &records) }
        if !block.setText(entry.linkTarget, at: 157, count: 100) {
            Self.append(Array("linkpath".utf8), entry.linkTarget, to: &records)
        }
        func number(_ key: String, _ value: Int64, at offset: Int, count: Int) {
            if !block.setNumber(value, at: offset, count: count) {
                Self.append(Array(key.utf8), Array("\(value)".utf8), to: &records)
            }
        }
        number("uid", Int64(entry.owner), at: 108, count: 8)
        number("gid", Int64(entry.group), at: 116, count: 8)
        number("size", size, at: 124, count: 12)
        _ = block.setNumber(Int64(entry.mode & 0o7777), at: 100, count: 8)
        let fits = block.setNumber(entry.modified.seconds, at: 136, count: 12)
        if !fits || entry.modified.nanoseconds != 0 {
            Self.append(Array("mtime".utf8), Array(Self.text(of: entry.modified).utf8), to: &records)
        }
        for attribute in entry.attributes {
            Self.append(Array("SCHILY.xattr.".utf8) + attribute.name, attribute.value, to: &records)
        }
        block.setKind(entry.kind)
        if !records.isEmpty { try writeExtended(records) }
        try sink.write(block.finished())
        remaining = size
        padding = Int((512 - size % 512) % 512)
    }

    /// Writes some of the current entry's contents.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        guard Int64(bytes.count) <= remaining else { throw .damaged("a file grew while it was read") }
        try sink.write(bytes)
        remaining -= Int64(bytes.count)
    }

    /// Writes a whole entry whose contents are at hand.
    public func write(_ entry: TarEntry, contents: [UInt8]) throws(ArchiveError) {
        var entry = entry
        entry.size = Int64(contents.count)
        try begin(entry)
        try sink.write(contents)
        remaining = 0
    }

    /// Writes the two blocks of zeros that end an archive.
    public func finish() throws(ArchiveError) {
        try endContents()
        try sink.write([UInt8](repeating: 0, count: 1024))
    }

    private func endContents() throws(ArchiveError) {
        guard remaining == 0 else { throw .damaged("a file shrank while it was read") }
        if padding > 0 { try sink.write([UInt8](repeating: 0, count: padding)) }
        padding = 0
    }

    private func writeExtended(_ records: [UInt8]) throws(ArchiveError) {
        var block = HeaderBlock()
        _ = block.setPath(Array("PaxHeaders.0/entry".utf8))
        _ = block.setNumber(0o644, at: 100, count: 8)
        for (offset, count) in [(108, 8), (116, 8), (136, 12)] { _ = block.setNumber(0, at: offset, count: count) }
        _ = block.setNumber(Int64(records.count), at: 124, count: 12)
        block.setType(UInt8(ascii: "x"))
        try sink.write(block.finished())
        try sink.write(records + [UInt8](repeating: 0, count: (512 - records.count % 512) % 512))
    }

    private static func append(_ key: [UInt8], _ value: [UInt8], to records: inout [UInt8]) {
        // The length counts its own digits.
        let rest = 1 + key.count + 1 + value.count + 1
        var length = rest + "\(rest)".utf8.count
        if "\(length)".utf8.count + rest != length { length = rest + "\(length)".utf8.count }
        records += Array("\(length) ".utf8) + key + Array("=".utf8) + value + Array("\n".utf8)
    }

    /// Seconds with a fraction; before 1970 the fraction counts away from zero.
    private static func text(of time: TarEntry.Time) -> String {
        if time.nanoseconds == 0 { return "\(time.seconds)" }
        let isNegative = time.seconds < 0
        let seconds = isNegative ? -(time.seconds + 1) : time.seconds
        let digits = "\(isNegative ? 1_000_000_000 - time.nanoseconds : time.nanoseconds)"
        return "\(isNegative ? "-" : "")\(seconds)." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
    }
}

/// A header block that is being filled in.
private struct HeaderBlock {
    private var bytes = [UInt8](repeating: 0, count: TarHeader.size)

    init() { bytes.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8)) }

    /// Whether the text found room.
    mutating func setText(_ text: some Collection<UInt8>, at offset: Int, count: Int) -> Bool {
        let part = text.prefix(count)
        bytes.replaceSubrange(offset..<offset + part.count, with: part)
        return text.count <= count
    }

    /// Splits a long path at a slash so that both parts find room, which ustar allows.
    mutating func setPath(_ path: [UInt8]) -> Bool {
        if path.count <= 100 { return setText(path, at: 0, count: 100) }
        let slash = path.indices.dropLast().last { path[$0] == UInt8(ascii: "/") && $0 <= 155 && $0 > 0 }
        if let slash, path.count - slash - 1 <= 100 {
            return setText(path[..<slash], at: 345, count: 155) && setText(path[(slash + 1)...], at: 0, count: 100)
        }
        return setText(path, at: 0, count: 100)
    }

    /// Octal digits and a final zero; what does not fit is left 0.
    mutating func setNumber(_ value: Int64, at offset: Int, count: Int) -> Bool {
        let fits = value >= 0 && value < Int64(1) << Int64(3 * (count - 1))
        let digits = Array(String(fits ? value : 0, radix: 8).utf8)
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: count - 1 - digits.count)
        bytes.replaceSubrange(offset..<offset + count - 1, with: zeros + digits)
        return fits
    }

    mutating func setType(_ type: UInt8) { bytes[156] = type }

    mutating func setKind(_ kind: TarEntry.Kind) {
        switch kind {
        case .regular: setType(UInt8(ascii: "0"))
        case .hardLink: setType(UInt8(ascii: "1"))
        case .symbolicLink: setType(UInt8(ascii: "2"))
        case .directory: setType(UInt8(ascii: "5"))
        case .fifo: setType(UInt8(ascii: "6"))
        case .characterDevice(let major, let minor): setDevice(UInt8(ascii: "3"), major, minor)
        case .blockDevice(let major, let minor): setDevice(UInt8(ascii: "4"), major, minor)
        }
    }

    private mutating func setDevice(_ type: UInt8, _ major: UInt32, _ minor: UInt32) {
        setType(type)
        // Linux's numbers have 12 and 20 bits: always room.
        _ = setNumber(Int64(major), at: 329, count: 8)
        _ = setNumber(Int64(minor), at: 337, count: 8)
    }

    /// The block with its checksum: six digits, a zero, a blank.
    func finished() -> [UInt8] {
        var block = self
        block.bytes.replaceSubrange(148..<156, with: [UInt8](repeating: UInt8(ascii: " "), count: 8))
        let sum = block.bytes.reduce(0) { $0 + Int($1) }
        _ = block.setNumber(Int64(sum), at: 148, count: 7)
        return block.bytes
    }
}
