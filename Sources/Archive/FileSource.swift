// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// Reads a descriptor to its end, or a stretch of a file.
///
/// The descriptor stays the caller's, who keeps it open as long as this is used.
public final class FileSource: ByteSource {
    private let descriptor: CInt
    /// Where the next byte is in the file; `nil` reads a pipe, or from where the descriptor stands.
    private var offset: Int64?
    private var remaining: Int64
    private let interrupt: Interrupt?

    /// Reads from where the descriptor stands to its end.
    ///
    /// - Parameter interrupt: ends a read that waits for a pipe or a terminal.
    public init(reading descriptor: CInt, interrupt: Interrupt? = nil) {
        self.descriptor = descriptor
        self.interrupt = interrupt
        offset = nil
        remaining = .max
    }

    /// Reads `count` bytes from `offset` on, without moving the descriptor: several may read one file at once.
    public init(reading descriptor: CInt, from offset: Int64, count: Int64, interrupt: Interrupt? = nil) {
        self.descriptor = descriptor
        self.interrupt = interrupt
        self.offset = offset
        remaining = count
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let room = Int(min(Int64(buffer.count), remaining))
        if room == 0 { return 0 }
        if let offset {
            if interrupt?.isRaised == true { throw .cancelled }
            let count = try systemCall("read archive") { pread(descriptor, buffer.baseAddress, room, off_t(offset)) }
            self.offset = offset + Int64(count)
            remaining -= Int64(count)
            return count
        }
        try interrupt?.wait(forInputOn: descriptor)
        return try systemCall("read archive") { Glibc.read(descriptor, buffer.baseAddress, room) }
    }
}

/// Writes to a descriptor, which stays the caller's.
public final class FileSink: ByteSink {
    private let descriptor: CInt

    /// Writes where the descriptor stands.
    public init(writing descriptor: CInt) { self.descriptor = descriptor }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = try systemCall("write") { Glibc.write(descriptor, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
