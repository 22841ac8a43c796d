// SPDX-License-Identifier: Apache-2.0

/// A whole archive in memory: one buffer, then the end.
public final class MemoryInput: TarInput {
    private let bytes: UnsafeMutableRawBufferPointer
    private var isTaken = false

    /// Copies the bytes of an archive that is not compressed.
    public init(_ archive: some Collection<UInt8>) {
        bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: archive.count, alignment: 16)
        bytes.copyBytes(from: archive)
    }

    deinit { bytes.deallocate() }

    public func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        defer { isTaken = true }
        return isTaken || bytes.isEmpty ? nil : UnsafeRawBufferPointer(bytes)
    }

    public func skip(_ count: Int64) throws(ArchiveError) -> Int64 { 0 }
}
