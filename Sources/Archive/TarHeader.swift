// SPDX-License-Identifier: Apache-2.0

/// One header block of 512 bytes, read field by field.
///
/// - SeeAlso: POSIX, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"; tar(5).
struct TarHeader {
    static let size = 512

    private let block: UnsafeRawBufferPointer

    /// Looks at a block, which must stay as long as this value is used.
    ///
    /// - Throws: `.damaged` when the checksum is wrong.
    init(_ block: UnsafeRawBufferPointer) throws(ArchiveError) {
        self.block = block
        let expected = try number(148, 8)
        var sum = 0
        var signedSum = 0
        for (index, byte) in block.enumerated() {
            let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
            sum += Int(counted)
            // Some old writers added signed characters.
            signedSum += Int(Int8(bitPattern: counted))
        }
        guard expected == Int64(sum) || expected == Int64(signedSum) else {
            throw .damaged("archive/tar: invalid tar header (wrong checksum)")
        }
    }

    /// Whether a block is all zeros, as the two that end an archive are.
    static func isZero(_ block: UnsafeRawBufferPointer) -> Bool { block.allSatisfy { $0 == 0 } }

    var type: UInt8 { block[156] }
    var isGNU: Bool { block[257..<265].elementsEqual("ustar  \0".utf8) }
    private var isUstar: Bool { block[257..<263].elementsEqual("ustar\0".utf8) }

    /// The name, with ustar's prefix before it.
    var path: [UInt8] {
        let name = text(0, 100)
        // GNU's older format keeps times where the prefix would be.
        guard isUstar, block[345] != 0 else { return name }
        return text(345, 155) + [UInt8(ascii: "/")] + name
    }

    var linkTarget: [UInt8] { text(157, 100) }
    var mode: Int64 { get throws(ArchiveError) { try number(100, 8) } }
    var owner: Int64 { get throws(ArchiveError) { try number(108, 8) } }
    var group: Int64 { get throws(ArchiveError) { try number(116, 8) } }
    var storedSize: Int64 { get throws(ArchiveError) { try number(124, 12) } }
    var modified: Int64 { get throws(ArchiveError) { try number(136, 12) } }
    var deviceMajor: Int64 { get throws(ArchiveError) { isUstar || isGNU ? try number(329, 8) : 0 } }
    var deviceMinor: Int64 { get throws(ArchiveError) { isUstar || isGNU ? try number(337, 8) : 0 } }

    /// A sparse file's whole length, in GNU's older format.
    var sparseRealSize: Int64 { get throws(ArchiveError) { try number(483, 12) } }
    /// The up to four stretches that have room in the header, and whether blocks with more follow.
    var sparseMap: (fragments: [TarEntry.Fragment], continues: Bool) {
        get throws(ArchiveError) { (try fragments(at: 386, count: 4), block[482] != 0) }
    }

    /// The up to 21 stretches of a block that continues a sparse file's header.
    static func sparseContinuation(
        _ block: UnsafeRawBufferPointer
    ) throws(ArchiveError) -> (fragments: [TarEntry.Fragment], continues: Bool) {
        (try TarHeader(unchecked: block).fragments(at: 0, count: 21), block[504] != 0)
    }

    private init(unchecked block: UnsafeRawBufferPointer) { self.block = block }

    private func fragments(at start: Int, count: Int) throws(ArchiveError) -> [TarEntry.Fragment] {
        var found: [TarEntry.Fragment] = []
        for index in 0..<count where block[start + 24 * index] != 0 {
            let place = start + 24 * index
            found.append(TarEntry.Fragment(offset: try number(place, 12), length: try number(place + 12, 12)))
        }
        return found
    }

    /// The bytes before the first zero.
    private func text(_ start: Int, _ count: Int) -> [UInt8] { Array(block[start..<start + count].prefix { $0 != 0 }) }

    /// Octal digits, or GNU's base-256 where the highest bit of the first byte is set.
    private func number(_ start: Int, _ count: Int) throws(ArchiveError) -> Int64 {
        let field = block[start..<start + count]
        guard let first = field.first, first & 0x80 == 0 else { return try binary(field) }
        var value: Int64 = 0
        var sawDigit = false
        for byte in field {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                sawDigit = true
                guard value < 1 << 60 else { throw Self.badNumber }
                value = value << 3 | Int64(byte - UInt8(ascii: "0"))
            case 0 where sawDigit, UInt8(ascii: " ") where sawDigit: return value
            case 0, UInt8(ascii: " "): continue
            default: throw Self.badNumber
            }
        }
        return value
    }

    private func binary(_ field: Slice<UnsafeRawBufferPointer>) throws(ArchiveError) -> Int64 {
        let isNegative = field[field.startIndex] & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in field.enumerated() {
            let digits = index > 0 ? byte : isNegative ? byte | 0x80 : byte & 0x7f
            // Eight bits must be free to shift into: otherwise the number has more than 64.
            guard value >= -(1 << 54), value < 1 << 54 else { throw Self.badNumber }
            value = value << 8 | Int64(digits)
        }
        return value
    }

    private static var badNumber: ArchiveError { .damaged("archive/tar: invalid tar header (not a number)") }
}
