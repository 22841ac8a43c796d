// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// The file that keeps a container's output; the monitor alone writes it. See `LogRecord` for the format.
struct OutputLog: ~Copyable {
    private let file: Descriptor
    private var size: Int

    /// Opens the log to go on after its last whole record: what a killed monitor left behind that is cut off.
    init(_ path: String) throws(SystemError) {
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o640)
        let end = Int(try attempt("seek in \(path)") { lseek(file.number, 0, SEEK_END) })
        let whole = Self.endsWithRecord(file, end) ? end : try Self.wholeRecords(of: file, end)
        if whole < end { try attempt("truncate \(path)") { ftruncate(file.number, off_t(whole)) } }
        try attempt("seek in \(path)") { lseek(file.number, off_t(whole), SEEK_SET) }
        self.file = file
        size = whole
    }

    /// Writes one record; the bytes are not copied.
    ///
    /// - Throws: ENOSPC and the like; then nothing of the record is left, and the next may be tried.
    mutating func append(_ bytes: UnsafeRawBufferPointer, from stream: LogRecord.Stream) throws(SystemError) {
        let record = LogRecord(
            time: Clocks.wall, count: bytes.count, stream: stream,
            endsInsideLine: bytes.last != UInt8(ascii: "\n"))
        var ends = (UInt64(0), UInt64(0), UInt64(0))
        let written = withUnsafeMutableBytes(of: &ends) { buffer in
            let head = UnsafeMutableRawBufferPointer(rebasing: buffer[..<LogRecord.headSize])
            let tail = UnsafeMutableRawBufferPointer(
                rebasing: buffer[LogRecord.headSize...][..<(LogRecord.headSize + LogRecord.tailSize)])
            record.writeHead(to: head)
            record.writeTail(to: tail)
            return Result { () throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(head), bytes, UnsafeRawBufferPointer(tail))
            }
        }
        if case .success(record.recordSize) = written {
            size += record.recordSize
            return
        }
        // A torn record would hide all later ones.
        ftruncate(file.number, off_t(size))
        lseek(file.number, off_t(size), SEEK_SET)
        _ = try written.get()
        throw SystemError(step: "write the log", number: ENOSPC)
    }

    private static func endsWithRecord(_ file: borrowing Descriptor, _ end: Int) -> Bool {
        if end == 0 { return true }
        let tail = bytes(of: file, at: end - LogRecord.tailSize, LogRecord.tailSize)
        guard let size = tail.withUnsafeBytes({ LogRecord.size(beforeTail: $0) }), size <= end else { return false }
        let head = bytes(of: file, at: end - size, LogRecord.headSize)
        return head.withUnsafeBytes { LogRecord(head: $0) }?.recordSize == size
    }

    private static func wholeRecords(of file: borrowing Descriptor, _ end: Int) throws(SystemError) -> Int {
        var offset = 0
        while let record = bytes(of: file, at: offset, LogRecord.headSize).withUnsafeBytes({ LogRecord(head: $0) }),
            offset + record.recordSize <= end
        {
            offset += record.recordSize
        }
        return offset
    }

    private static func bytes(of file: borrowing Descriptor, at offset: Int, _ count: Int) -> [UInt8] {
        guard offset >= 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        let number = file.number
        let got = bytes.withUnsafeMutableBytes { pread(number, $0.baseAddress, count, off_t(offset)) }
        return got == count ? bytes : []
    }
}
