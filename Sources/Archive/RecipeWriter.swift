// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// Writes a layer's recipe while the layer is unpacked.
public final class RecipeWriter {
    private let counter: CountingSink
    private let records: ZstdSink
    private var pending: [UInt8] = []
    /// Contents that were replaced, in an unnamed file: numbers and lengths before the bytes, as they will be written.
    private var replaced: Descriptor?
    private let scratchDirectory: String
    private var contentsCount = 0

    /// Writes to `sink`.
    ///
    /// - Parameter scratchDirectory: where an unnamed file can be made, should an entry replace another.
    public init(_ sink: any ByteSink, scratchDirectory: String) throws(ArchiveError) {
        counter = CountingSink(sink)
        records = try ZstdSink(counter)
        self.scratchDirectory = scratchDirectory
    }

    /// Keeps bytes of the stream that are no file's contents.
    func add(structure bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        pending.append(contentsOf: bytes)
        if pending.count >= RecipeFormat.pieceSize { try flush() }
    }

    /// Points to a file's contents, and returns their number.
    func add(_ contents: RecipeContents) throws(ArchiveError) -> Int {
        try flush()
        var record = [RecipeFormat.contents]
        RecipeFormat.append(UInt64(contents.path.count), to: &record)
        record += contents.path
        RecipeFormat.append(UInt64(contents.fragments?.count ?? 0), to: &record)
        if let fragments = contents.fragments, !fragments.isEmpty {
            for fragment in fragments {
                RecipeFormat.append(UInt64(fragment.offset), to: &record)
                RecipeFormat.append(UInt64(fragment.length), to: &record)
            }
        } else {
            RecipeFormat.append(UInt64(contents.length), to: &record)
        }
        try records.write(record)
        defer { contentsCount += 1 }
        return contentsCount
    }

    private func flush() throws(ArchiveError) {
        var rest = pending[...]
        while !rest.isEmpty {
            let piece = rest.prefix(RecipeFormat.pieceSize)
            var head = [RecipeFormat.structure]
            RecipeFormat.append(UInt64(piece.count), to: &head)
            try records.write(head)
            try records.write(piece)
            rest = rest.dropFirst(piece.count)
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Keeps contents that are about to be replaced.
    func keep(_ contents: RecipeContents, number: Int, from file: borrowing Descriptor) throws(ArchiveError) {
        if replaced == nil {
            replaced = try kernel { () throws(SystemError) in try Descriptor(unnamedIn: scratchDirectory) }
        }
        guard let scratch = replaced?.number else { return }
        let sink = FileSink(writing: scratch)
        var head: [UInt8] = []
        RecipeFormat.append(UInt64(number), to: &head)
        RecipeFormat.append(UInt64(contents.length), to: &head)
        try sink.write(head)
        for range in contents.ranges { try copy(range, of: file.number, to: sink) }
    }

    /// Ends the recipe.
    public func finish() throws(ArchiveError) {
        try flush()
        try records.finish()
        var start: Int64 = 0
        if let replaced = replaced?.number {
            start = counter.count
            let second = try ZstdSink(counter)
            try systemCall("rewind the scratch file") { Int(lseek(replaced, 0, SEEK_SET)) }
            let length = try systemCall("find the scratch file's length") { fileLength(replaced) }
            try copy(TarEntry.Fragment(offset: 0, length: Int64(length)), of: replaced, to: second)
            try second.finish()
        }
        let offset = withUnsafeBytes(of: UInt64(start).littleEndian, Array.init)
        try counter.write(RecipeFormat.magic + offset)
    }
}

func fileLength(_ descriptor: CInt) -> Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : -1
}

/// Copies a stretch of a file, which must be there.
func copy(_ range: TarEntry.Fragment, of file: CInt, to sink: any ByteSink) throws(ArchiveError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(min(range.length, 1 << 17)), alignment: 4096)
    defer { buffer.deallocate() }
    let source = FileSource(reading: file, from: range.offset, count: range.length)
    var left = range.length
    while left > 0 {
        let count = try source.read(into: buffer)
        if count == 0 { throw .damaged("a layer's file is shorter than it was") }
        try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        left -= Int64(count)
    }
}

/// Counts what passes.
private final class CountingSink: ByteSink {
    private let sink: any ByteSink
    private(set) var count: Int64 = 0

    init(_ sink: any ByteSink) { self.sink = sink }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        try sink.write(bytes)
        count += Int64(bytes.count)
    }
}
