// SPDX-License-Identifier: Apache-2.0

import MonitorProtocol

/// Where the last lines of a log begin, found from its end.
struct LogTail {
    /// The record in which the first wanted line begins, by its offset in the file.
    var record: Int
    /// The place of that line's first byte in the record's payload.
    var place: Int
    /// Streams that are in the middle of an older, unwanted line there.
    var insideOlderLine: Set<LogRecord.Stream>

    /// Walks back over `log` until the last `count` lines of the wanted streams are found; with fewer lines, to its beginning.
    init(last count: Int, of wanted: Set<LogRecord.Stream>, in log: UnsafeRawBufferPointer) {
        /// Records whose first byte begins a line, or does not: that is known once the record before it has been seen.
        var undecided: [LogRecord.Stream: Int] = [:]
        var starts: [(record: Int, place: Int, stream: LogRecord.Stream)] = []
        var offset = log.count
        while starts.count < count || !undecided.isEmpty, let record = Self.record(before: offset, in: log) {
            offset -= record.recordSize
            guard wanted.contains(record.stream) else { continue }
            if let later = undecided.removeValue(forKey: record.stream), !record.endsInsideLine {
                starts.append((later, 0, record.stream))
            }
            guard starts.count < count else { continue }
            let payload = log[(offset + LogRecord.headSize)..<(offset + LogRecord.headSize + record.count)]
            var end = payload.endIndex - 1
            while starts.count < count, let newline = payload[..<end].lastIndex(of: UInt8(ascii: "\n")) {
                starts.append((offset, newline + 1 - payload.startIndex, record.stream))
                end = newline
            }
            undecided[record.stream] = offset
        }
        for (stream, record) in undecided { starts.append((record, 0, stream)) }
        starts.sort { ($0.record, $0.place) > ($1.record, $1.place) }
        guard count > 0 else {
            (record, place) = (log.count, 0)
            insideOlderLine = wanted.filter { Self.isInsideLine($0, at: log.count, in: log) }
            return
        }
        guard starts.count >= count else {
            (record, place, insideOlderLine) = (0, 0, [])
            return
        }
        let first = starts[count - 1]
        (record, place) = (first.record, first.place)
        insideOlderLine = wanted.filter { $0 != first.stream && Self.isInsideLine($0, at: first.record, in: log) }
    }

    /// The head of the record that ends at `offset`; `nil` at the beginning, and where the log is damaged.
    private static func record(before offset: Int, in log: UnsafeRawBufferPointer) -> LogRecord? {
        guard let size = LogRecord.size(beforeTail: UnsafeRawBufferPointer(rebasing: log[..<offset])), size <= offset,
            let record = LogRecord(head: UnsafeRawBufferPointer(rebasing: log[(offset - size)...])),
            record.recordSize == size
        else { return nil }
        return record
    }

    /// Whether the stream's last record before `offset` ends inside a line.
    private static func isInsideLine(
        _ stream: LogRecord.Stream, at offset: Int, in log: UnsafeRawBufferPointer
    ) -> Bool {
        var offset = offset
        while let record = record(before: offset, in: log) {
            if record.stream == stream { return record.endsInsideLine }
            offset -= record.recordSize
        }
        return false
    }
}
