// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

/// Turns the records of one stream of a log, which hold bytes as they were read, into the lines that a request asks for.
///
/// A line belongs to the moment at which it began, however long it is and however many records it fills.
struct LogLines {
    private let stream: OutputStream
    private let request: LogsRequest
    private let sink: any LogSink
    /// The last record ended inside a line.
    private var isInsideLine: Bool
    /// The current line is wanted.
    private var isWanted: Bool
    /// Lines that are to be handed out; the last one may lack its end.
    private var held: [UInt8] = []

    /// - Parameter isInsideOlderLine: what comes first is the end of a line that is not wanted.
    init(stream: OutputStream, request: LogsRequest, sink: any LogSink, isInsideOlderLine: Bool) {
        self.stream = stream
        self.request = request
        self.sink = sink
        isInsideLine = isInsideOlderLine
        isWanted = !isInsideOlderLine
    }

    /// Takes the bytes of one record, which were read at `time`.
    mutating func take(_ payload: UnsafeRawBufferPointer, at time: Timestamp) throws {
        if !request.timestamps, request.since == nil, request.until == nil, isWanted {
            return try sink.write(stream, payload)
        }
        let isInTime = (request.since.map { time >= $0 } ?? true) && (request.until.map { time <= $0 } ?? true)
        let mark = request.timestamps ? Array((time.rfc3339Nano + " ").utf8) : []
        var rest = payload
        var finished = 0
        while !rest.isEmpty {
            if !isInsideLine {
                isWanted = isInTime
                if isWanted { held.append(contentsOf: mark) }
            }
            let newline = rest.firstIndex(of: UInt8(ascii: "\n"))
            let end = newline.map { $0 + 1 } ?? rest.count
            if isWanted { held.append(contentsOf: rest[..<end]) }
            if newline != nil { finished = held.count }
            isInsideLine = newline == nil
            rest = UnsafeRawBufferPointer(rebasing: rest[end...])
        }
        // A line without an end is held back a while, lest the other stream's lines come into its middle.
        try handOut(held.count - finished > 1 << 16 ? held.count : finished)
    }

    /// Hands out the beginning of a line whose end has not come yet.
    mutating func flush() throws { try handOut(held.count) }

    private mutating func handOut(_ count: Int) throws {
        guard count > 0 else { return }
        try held.withUnsafeBytes { try sink.write(stream, UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        held.removeFirst(count)
    }
}
