// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// Makes a layer's own archive again, byte by byte, from its directory and its recipe.
public struct LayerPacker {
    private let recipe: CInt
    private let directory: CInt
    /// Contents that are no longer in the directory, by their number.
    private let replaced: ReplacedContents?
    private let end: Int64

    /// Works with an open recipe and an open directory, which stay the caller's.
    ///
    /// - Parameter scratchDirectory: where an unnamed file can be made.
    /// - Throws: `.damaged` when the recipe is none.
    public init(recipe: CInt, directory: CInt, scratchDirectory: String) throws(ArchiveError) {
        self.recipe = recipe
        self.directory = directory
        let length = Int64(try systemCall("find the recipe's length") { fileLength(recipe) })
        guard length >= RecipeFormat.footerSize else { throw .damaged("the layer's recipe is cut short") }
        let footerStart = length - Int64(RecipeFormat.footerSize)
        var footer = [UInt8](repeating: 0, count: RecipeFormat.footerSize)
        _ = try footer.fill(from: FileSource(reading: recipe, from: footerStart, count: Int64(footer.count)))
        guard footer.starts(with: RecipeFormat.magic) else { throw .damaged("the layer's recipe has no known format") }
        let second = footer.suffix(8).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard (0...footerStart).contains(second) else { throw .damaged("the layer's recipe is damaged") }
        end = second == 0 ? footerStart : second
        replaced =
            second == 0
            ? nil
            : try ReplacedContents(
                FileSource(reading: recipe, from: second, count: footerStart - second), scratchDirectory)
    }

    /// Writes the archive.
    ///
    /// Whether it is the very same is for the caller to know, who hashes it: a file that was changed since shows in no
    /// other way.
    public func write(to sink: any ByteSink) throws(ArchiveError) {
        let records = RecordStream(try ZstdSource(FileSource(reading: recipe, from: 0, count: end)))
        var number = 0
        while let type = try records.byte() {
            switch type {
            case RecipeFormat.structure: try records.copy(Int64(try records.length()), to: sink)
            case RecipeFormat.contents:
                let contents = try records.contents()
                if let kept = replaced?[number] {
                    try copy(kept.range, of: kept.file, to: sink)
                } else {
                    try writeFile(contents, to: sink)
                }
                number += 1
            default: throw .damaged("the layer's recipe has a record of an unknown kind")
            }
        }
    }

    private func writeFile(_ contents: RecipeContents, to sink: any ByteSink) throws(ArchiveError) {
        var failure: SystemError?
        let number = withPath(contents.path) { path -> CInt in
            do throws(SystemError) {
                return try Descriptor(opening: path, below: directory, .beneath, O_RDONLY | O_NOFOLLOW).release()
            } catch {
                failure = error
                return -1
            }
        }
        if let failure { throw .system(failure) }
        let file = Descriptor(number: number)
        for range in contents.ranges { try copy(range, of: file.number, to: sink) }
    }
}

/// Contents that a later entry of the same archive replaced, unpacked into an unnamed file.
private final class ReplacedContents {
    private let scratch: Descriptor
    private var ranges: [Int: TarEntry.Fragment] = [:]

    init(_ source: FileSource, _ scratchDirectory: String) throws(ArchiveError) {
        scratch = try kernel { () throws(SystemError) in try Descriptor(unnamedIn: scratchDirectory) }
        let sink = FileSink(writing: scratch.number)
        let records = RecordStream(try ZstdSource(source))
        var offset: Int64 = 0
        while let number = try records.numberOrEnd() {
            let length = Int64(try records.length())
            try records.copy(length, to: sink)
            ranges[Int(clamping: number)] = TarEntry.Fragment(offset: offset, length: length)
            offset += length
        }
    }

    subscript(number: Int) -> (file: CInt, range: TarEntry.Fragment)? {
        ranges[number].map { (scratch.number, $0) }
    }
}

/// Reads the fields of records from a stream.
private final class RecordStream {
    private let source: any ByteSource
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ source: any ByteSource) { self.source = source }

    deinit { buffer.deallocate() }

    private static var damaged: ArchiveError { .damaged("the layer's recipe is damaged") }

    private func refill() throws(ArchiveError) -> Bool {
        if rest.isEmpty { rest = UnsafeRawBufferPointer(rebasing: buffer[..<(try source.read(into: buffer))]) }
        return !rest.isEmpty
    }

    func byte() throws(ArchiveError) -> UInt8? {
        guard try refill() else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[1...]) }
        return rest[0]
    }

    func numberOrEnd() throws(ArchiveError) -> UInt64? {
        guard var next = try byte() else { return nil }
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard shift < 63 else { throw Self.damaged }
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return value }
            shift += 7
            guard let more = try byte() else { throw Self.damaged }
            next = more
        }
    }

    /// A number that fits into a file.
    func length() throws(ArchiveError) -> Int {
        guard let number = try numberOrEnd(), number <= UInt64(Int64.max) else { throw Self.damaged }
        return Int(number)
    }

    func copy(_ count: Int64, to sink: any ByteSink) throws(ArchiveError) {
        var left = count
        while left > 0 {
            guard try refill() else { throw Self.damaged }
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(min(left, Int64(rest.count)))))
            try sink.write(part)
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
            left -= Int64(part.count)
        }
    }

    func contents() throws(ArchiveError) -> RecipeContents {
        let path = MemorySink()
        let pathLength = try length()
        guard pathLength <= 1 << 20 else { throw Self.damaged }
        try copy(Int64(pathLength), to: path)
        let count = try length()
        guard count <= 1 << 20 else { throw Self.damaged }
        if count == 0 {
            return RecipeContents(path: path.bytes, length: Int64(try length()), fragments: nil)
        }
        var fragments: [TarEntry.Fragment] = []
        for _ in 0..<count {
            fragments.append(TarEntry.Fragment(offset: Int64(try length()), length: Int64(try length())))
        }
        return RecipeContents(path: path.bytes, length: fragments.reduce(0) { $0 &+ $1.length }, fragments: fragments)
    }
}
