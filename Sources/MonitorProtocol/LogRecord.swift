// SPDX-License-Identifier: Apache-2.0

/// The head of one piece of output in a container's log.
///
/// A log is a row of records: this head (16 bytes), the bytes as they were read from the program (any number of lines,
/// or part of one), and the record's whole size again (four bytes), so that the newest records are found from the end.
/// Nothing is split, escaped or copied while the program runs; readers split lines, and a line belongs to the time of
/// the record in which it began, however long it is.
///
/// A monitor that was killed can leave a cut record at the end. Readers stop there; the next monitor cuts it off.
public struct LogRecord: Hashable, Sendable {
    /// Where the bytes came from.
    public enum Stream: UInt8, Sendable { case output = 1, errorOutput }

    /// Bytes of the head.
    public static let headSize = 16
    /// Bytes after the payload.
    public static let tailSize = 4

    /// When the bytes were read: nanoseconds since 1970, UTC.
    public var time: Int64
    /// Bytes of the payload; at least one.
    public var count: Int
    /// Where the bytes came from; a terminal's are all `output`.
    public var stream: Stream
    /// The payload does not end with a newline, so the stream's next record goes on with the same line.
    public var endsInsideLine: Bool

    /// A head.
    public init(time: Int64, count: Int, stream: Stream, endsInsideLine: Bool) {
        self.time = time
        self.count = count
        self.stream = stream
        self.endsInsideLine = endsInsideLine
    }

    /// The size of head, payload and tail.
    public var recordSize: Int { Self.headSize + count + Self.tailSize }

    /// Writes the head into `buffer`, which has at least `headSize` bytes.
    public func writeHead(to buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBytes(of: time.littleEndian, toByteOffset: 0, as: Int64.self)
        buffer.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 8, as: UInt32.self)
        buffer[12] = stream.rawValue
        buffer[13] = endsInsideLine ? 1 : 0
        // Two bytes that random data seldom has, so that a damaged file is noticed.
        buffer[14] = 0xd5
        buffer[15] = 0x10
    }

    /// Writes the tail into `buffer`, which has at least `tailSize` bytes.
    public func writeTail(to buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBytes(of: UInt32(recordSize).littleEndian, as: UInt32.self)
    }

    /// Reads a head from the beginning of `bytes`; `nil` where there is none.
    public init?(head bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headSize, bytes[14] == 0xd5, bytes[15] == 0x10, bytes[13] <= 1,
            let stream = Stream(rawValue: bytes[12])
        else { return nil }
        let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        guard count > 0 else { return nil }
        self.init(
            time: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: Int64.self)), count: count,
            stream: stream, endsInsideLine: bytes[13] == 1)
    }

    /// The size of the record whose last bytes are those of `bytes`.
    public static func size(beforeTail bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= tailSize else { return nil }
        let size = Int(
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - tailSize, as: UInt32.self)))
        return size > headSize + tailSize ? size : nil
    }

    /// Calls `body` with each whole record in `bytes` and where its payload lies, in order.
    ///
    /// - Returns: how many bytes whole records took; what follows is the beginning of a record that is not all there.
    /// - Throws: what `body` throws, or `MalformedBytes` where no record begins.
    @discardableResult
    public static func forEach(
        in bytes: UnsafeRawBufferPointer, _ body: (LogRecord, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        var offset = 0
        while bytes.count - offset >= headSize {
            guard let record = LogRecord(head: UnsafeRawBufferPointer(rebasing: bytes[offset...])) else {
                throw MalformedBytes(format: "LogRecord")
            }
            guard bytes.count - offset >= record.recordSize else { break }
            let payload = offset + headSize
            try body(record, UnsafeRawBufferPointer(rebasing: bytes[payload..<payload + record.count]))
            offset += record.recordSize
        }
        return offset
    }
}
