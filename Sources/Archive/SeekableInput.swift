// SPDX-License-Identifier: Apache-2.0

/// An archive in a file of its own: what is not asked for is passed over without being read.
public final class SeekableInput: TarInput {
    private let descriptor: CInt
    private var offset: Int64 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 14, alignment: 4096)

    /// Reads the file from its beginning, wherever the descriptor stands; the descriptor stays the caller's.
    public init(reading descriptor: CInt) { self.descriptor = descriptor }

    deinit { buffer.deallocate() }

    public func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        let source = FileSource(reading: descriptor, from: offset, count: Int64(buffer.count))
        let count = try source.fill(buffer)
        offset += Int64(count)
        return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    public func skip(_ count: Int64) throws(ArchiveError) -> Int64 {
        offset += count
        return count
    }
}
