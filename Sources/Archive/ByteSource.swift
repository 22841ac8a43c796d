// SPDX-License-Identifier: Apache-2.0

/// Bytes that come one buffer after another. One thread reads.
public protocol ByteSource: AnyObject {
    /// Puts up to `buffer.count` bytes into `buffer` and returns how many; 0 means that none will come any more.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
}

/// Takes bytes one buffer after another. One thread writes.
public protocol ByteSink: AnyObject {
    /// Takes all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError)
}

extension ByteSource {
    /// Fills the whole buffer unless the end comes before, and returns how much there is.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        var count = 0
        while count < buffer.count {
            let more = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if more == 0 { break }
            count += more
        }
        return count
    }
}

extension ByteSink {
    /// Takes all of an array.
    public func write(_ bytes: some Collection<UInt8>) throws(ArchiveError) {
        var failure: ArchiveError?
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            do throws(ArchiveError) { try write(UnsafeRawBufferPointer(buffer)) } catch { failure = error }
        }
        if isContiguous == nil { try write(Array(bytes)) }
        if let failure { throw failure }
    }
}

/// Passes a source on and shows each buffer to `tap` on the way: a digest, a counter.
public final class TappedSource: ByteSource {
    private let source: any ByteSource
    private let tap: (UnsafeRawBufferPointer) -> Void

    /// Shows to `tap` all that is read from `source`.
    public init(_ source: any ByteSource, tap: @escaping (UnsafeRawBufferPointer) -> Void) {
        self.source = source
        self.tap = tap
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let count = try source.read(into: buffer)
        if count > 0 { tap(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }
}

/// Bytes in memory.
public final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    /// Gives these bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let count = min(buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}

/// Collects bytes in memory.
public final class MemorySink: ByteSink {
    /// All that was written.
    public private(set) var bytes: [UInt8] = []

    /// Empty.
    public init() {}

    public func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) { self.bytes.append(contentsOf: bytes) }
}
