// SPDX-License-Identifier: Apache-2.0

/// What an extended header says about the entry after it.
///
/// - SeeAlso: POSIX, pax, "pax Extended Header"; GNU tar manual, "PAX Format, Versions 0.0 … 1.0".
struct PaxRecords {
    var path: [UInt8]?
    var linkTarget: [UInt8]?
    var size: Int64?
    var owner: Int64?
    var group: Int64?
    var modified: TarEntry.Time?
    var accessed: TarEntry.Time?
    var attributes: [TarEntry.Attribute] = []

    // GNU's sparse files, in three versions.
    var sparseName: [UInt8]?
    var sparseRealSize: Int64?
    var sparseMap: [TarEntry.Fragment]?
    /// Version 1.0: the map stands before the contents.
    var sparseMapIsInContents = false
    private var sparseOffset: Int64?

    /// Nothing said.
    init() {}

    /// Adds what the header's contents say: `LENGTH KEY=VALUE\n`, any number of times.
    mutating func add(_ contents: [UInt8]) throws(ArchiveError) {
        var rest = contents[...]
        while !rest.isEmpty {
            guard let blank = rest.firstIndex(of: UInt8(ascii: " ")), let length = Self.decimal(rest[..<blank]),
                length > Int64(blank - rest.startIndex) + 1, length <= Int64(rest.count)
            else { throw Self.malformed }
            let end = rest.startIndex + Int(length)
            let record = rest[(blank + 1)..<(end - 1)]
            guard rest[end - 1] == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw Self.malformed
            }
            try set(record[..<equals], to: record[(equals + 1)...])
            rest = rest[end...]
        }
    }

    private mutating func set(_ key: ArraySlice<UInt8>, to value: ArraySlice<UInt8>) throws(ArchiveError) {
        switch String(decoding: key, as: UTF8.self) {
        // An empty value takes back what a header before said (POSIX).
        case "path": path = try Self.text(value)
        case "linkpath": linkTarget = try Self.text(value)
        case "size": size = try Self.number(value)
        case "uid": owner = try Self.number(value)
        case "gid": group = try Self.number(value)
        case "mtime": modified = try Self.time(value)
        case "atime": accessed = try Self.time(value)
        case "GNU.sparse.name": sparseName = try Self.text(value)
        case "GNU.sparse.size", "GNU.sparse.realsize": sparseRealSize = try Self.number(value)
        case "GNU.sparse.major": sparseMapIsInContents = try Self.number(value) == 1
        case "GNU.sparse.offset": sparseOffset = try Self.number(value)
        case "GNU.sparse.numbytes":
            guard let offset = sparseOffset, let length = try Self.number(value) else { throw Self.malformed }
            sparseMap = (sparseMap ?? []) + [TarEntry.Fragment(offset: offset, length: length)]
            sparseOffset = nil
        case "GNU.sparse.map": sparseMap = try Self.map(value)
        default:
            let prefix = Array("SCHILY.xattr.".utf8)
            guard key.starts(with: prefix), key.count > prefix.count else { return }
            attributes.append(.init(name: Array(key.dropFirst(prefix.count)), value: Array(value)))
        }
    }

    private static var malformed: ArchiveError { .damaged("archive/tar: invalid tar header (extended header)") }

    /// A name; one with a zero in it could not be asked of the kernel.
    private static func text(_ value: ArraySlice<UInt8>) throws(ArchiveError) -> [UInt8]? {
        guard !value.contains(0) else { throw malformed }
        return value.isEmpty ? nil : Array(value)
    }

    private static func number(_ value: ArraySlice<UInt8>) throws(ArchiveError) -> Int64? {
        if value.isEmpty { return nil }
        guard let number = decimal(value) else { throw malformed }
        return number
    }

    /// `OFFSET,LENGTH,OFFSET,LENGTH…`
    private static func map(_ value: ArraySlice<UInt8>) throws(ArchiveError) -> [TarEntry.Fragment] {
        let parts = value.isEmpty ? [] : value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let numbers = parts.compactMap(decimal)
        guard numbers.count == parts.count, numbers.count.isMultiple(of: 2) else { throw malformed }
        return stride(from: 0, to: numbers.count, by: 2).map {
            TarEntry.Fragment(offset: numbers[$0], length: numbers[$0 + 1])
        }
    }

    /// `-1.5` is half a second before -1: the fraction goes forward from the second below.
    private static func time(_ value: ArraySlice<UInt8>) throws(ArchiveError) -> TarEntry.Time? {
        if value.isEmpty { return nil }
        let isNegative = value.first == UInt8(ascii: "-")
        let parts = value.dropFirst(isNegative ? 1 : 0).split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1].prefix(9) : []
        let padded = fraction + [UInt8](repeating: UInt8(ascii: "0"), count: 9 - fraction.count)
        guard let seconds = decimal(parts[0]), let nanoseconds = decimal(padded[...]) else { throw malformed }
        if !isNegative { return TarEntry.Time(seconds: seconds, nanoseconds: nanoseconds) }
        if nanoseconds == 0 { return TarEntry.Time(seconds: -seconds) }
        return TarEntry.Time(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }

    /// Decimal digits up to 2^62; nothing else.
    static func decimal(_ digits: some Collection<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9"), value < 1 << 58 else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
