// SPDX-License-Identifier: Apache-2.0
import Archive
import Glibc
import Linux
import TestSupport
import Testing

private func plain(_ bytes: [UInt8]) throws -> ([UInt8], Compression) {
    let decompressed = try Decompressed(MemorySource(bytes))
    let sink = MemorySink()
    var buffer = [UInt8](repeating: 0, count: 100_000)
    while true {
        let count = try buffer.withUnsafeMutableBytes { try decompressed.source.read(into: $0) }
        if count == 0 { return (sink.bytes, decompressed.compression) }
        try sink.write(buffer[..<count])
    }
}

/// Compressible, but not to nothing.
private let sample = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

struct StreamTests {
    @Test(
        arguments: [
            ("cat", Compression.none), ("gzip -1", .gzip), ("gzip -9", .gzip), ("zstd -q -1", .zstd),
            ("zstd -q --long", .zstd),
            ("(head -c 1000000 | gzip; cat | gzip)", .gzip), ("(gzip; head -c 700 /dev/zero)", .gzip),
            ("(head -c 1000000 | zstd -q; cat | zstd -q)", .zstd),
        ])
    func `what other programs compress comes out as it went in`(command: String, compression: Compression) async throws
    {
        let compressed = try await shell(command, in: "/tmp", input: sample)
        let (bytes, found) = try plain(compressed)
        #expect(found == compression)
        #expect(bytes == sample)
    }

    @Test
    func `what we compress comes out of gzip, and is the same every time`() async throws {
        func compressed() throws -> [UInt8] {
            let sink = MemorySink()
            let gzip = try GzipSink(sink)
            try gzip.write(sample)
            try gzip.finish()
            return sink.bytes
        }
        let bytes = try compressed()
        #expect(try compressed() == bytes)
        #expect(try await shell("gzip -dc", in: "/tmp", input: bytes) == sample)
        #expect(try plain(bytes).0 == sample)
    }

    @Test(arguments: ["gzip", "zstd -q"], [0.1, 0.5, 0.999])
    func `a stream that was cut short is refused`(command: String, part: Double) async throws {
        let compressed = try await shell(command, in: "/tmp", input: sample)
        #expect(throws: ArchiveError.self) { try plain(Array(compressed.prefix(Int(Double(compressed.count) * part)))) }
    }

    @Test(arguments: ["gzip", "zstd -q"])
    func `a stream with a changed byte is refused`(command: String) async throws {
        var compressed = try await shell(command, in: "/tmp", input: sample)
        compressed[compressed.count / 2] ^= 0x10
        #expect(throws: ArchiveError.self) { try plain(compressed) }
    }

    @Test(arguments: ["xz", "bzip2"])
    func `other compressions are named`(program: String) throws {
        let magic: [String: [UInt8]] = ["xz": [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "bzip2": Array("BZh91AY&SY".utf8)]
        let failure = #expect(throws: ArchiveError.self) { try plain(magic[program] ?? []) }
        #expect(failure.map { "\($0)".contains(program) } == true)
    }

    @Test
    func `a reader that gives up ends the writer, and its reason is the one that is told`() throws {
        let failure = #expect(throws: ArchiveError.self) {
            try Pipeline.run { (queue) throws(ArchiveError) in
                try queue.fill(from: Zeros())
            } consume: { (queue) throws(ArchiveError) in
                _ = try queue.next()
                throw .damaged("enough")
            }
        }
        #expect(failure.map { "\($0)" } == "enough")
    }

    @Test func `a gzip stream of two members is the same wherever a read cuts it`() throws {
        let contents = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let packed = MemorySink()
        for part in [contents[..<1_000], contents[1_000...]] {
            let gzip = try GzipSink(packed)
            try gzip.write(part)
            try gzip.finish()
        }
        for cut in 0..<packed.bytes.count {
            let source = try Decompressed(InTwo(packed.bytes, cut)).source
            var all: [UInt8] = []
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 700, alignment: 1)
            defer { room.deallocate() }
            while case let count = try source.read(into: room), count > 0 { all += room[..<count] }
            #expect(all == contents, "cut at \(cut)")
        }
    }

    /// Bytes that come in two reads, and then one by one.
    private final class InTwo: ByteSource {
        private var parts: [ArraySlice<UInt8>]

        init(_ bytes: [UInt8], _ cut: Int) {
            let second = min(cut + 3, bytes.count)
            parts = [bytes[..<cut], bytes[cut..<second], bytes[second...]].filter { !$0.isEmpty }
        }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
            guard let part = parts.first else { return 0 }
            let count = min(part.count, buffer.count)
            buffer.copyBytes(from: part.prefix(count))
            parts[0] = part.dropFirst(count)
            if parts[0].isEmpty { parts.removeFirst() }
            return count
        }
    }

    @Test
    func `an interrupt ends the wait for a pipe that nobody writes to`() throws {
        let pipe = try Pipe()
        let reading = pipe.reading.number
        let interrupt = try Interrupt()
        let worker = Worker { () -> ArchiveError? in
            do throws(ArchiveError) {
                _ = try Pipeline.run { (queue) throws(ArchiveError) in
                    try queue.fill(from: FileSource(reading: reading, interrupt: interrupt))
                } consume: { (queue) throws(ArchiveError) in
                    while try queue.next() != nil {}
                }
                return nil
            } catch {
                return error
            }
        }
        interrupt.raise()
        let failure = worker.wait()
        guard case .cancelled = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        _ = pipe.writing.number
    }
}

/// Zeros without end.
private final class Zeros: ByteSource {
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        return buffer.count
    }
}
