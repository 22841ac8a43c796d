// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import MonitorProtocol
import Synchronization
import Testing

@testable import LocalEngine

/// A log written as a monitor writes it, and what a request makes of it.
struct LogReaderTests {
    /// One reading by the monitor: second, stream, bytes.
    struct Reading: Sendable {
        let second: Int64
        let stream: LogRecord.Stream
        let text: String

        init(_ second: Int64, _ text: String, _ stream: LogRecord.Stream = .output) {
            self.second = second
            self.stream = stream
            self.text = text
        }
    }

    static let prompt = [
        Reading(1, "one\ntwo\nthr"), Reading(2, "ee\n"), Reading(3, "oops\n", .errorOutput), Reading(4, "name? "),
        Reading(5, "warn", .errorOutput), Reading(6, "Kim\nlast"),
    ]

    private static func stamp(_ second: Int64) -> String {
        Timestamp(nanoseconds: second * 1_000_000_000).rfc3339Nano
    }

    static let cases: [(name: String, change: @Sendable (inout LogsRequest) -> Void, output: String, error: String)] = [
        ("everything", { _ in }, "one\ntwo\nthree\nname? Kim\nlast", "oops\nwarn"),
        ("standard error only", { $0.output = false }, "", "oops\nwarn"),
        ("the last line", { $0.tail = 1 }, "last", ""),
        ("the last two lines", { $0.tail = 2 }, "last", "warn"),
        ("the last three lines", { $0.tail = 3 }, "name? Kim\nlast", "warn"),
        ("a tail that begins inside a record", { $0.tail = 6 }, "two\nthree\nname? Kim\nlast", "oops\nwarn"),
        ("a tail longer than the log", { $0.tail = 99 }, "one\ntwo\nthree\nname? Kim\nlast", "oops\nwarn"),
        ("no lines", { $0.tail = 0 }, "", ""),
        (
            "a moment, the equal one included",
            { $0.since = Timestamp(nanoseconds: 4_000_000_000) }, "name? Kim\nlast", "warn"
        ),
        (
            "up to a moment, the equal one included", { $0.until = Timestamp(nanoseconds: 3_000_000_000) },
            "one\ntwo\nthree\n", "oops\n"
        ),
        (
            "one time a line, that of its beginning", { $0.timestamps = true },
            "\(stamp(1)) one\n\(stamp(1)) two\n\(stamp(1)) three\n\(stamp(4)) name? Kim\n\(stamp(6)) last",
            "\(stamp(3)) oops\n\(stamp(5)) warn"
        ),
    ]

    @Test(arguments: cases.indices)
    func `a request gets its lines and no others`(row: Int) throws {
        let (name, change, output, error) = Self.cases[row]
        var request = LogsRequest()
        change(&request)
        let collected = try Self.read(Self.prompt, request)
        #expect(collected.text(.output) == output, "\(name)")
        #expect(collected.text(.error) == error, "\(name)")
    }

    @Test func `a line of 40,000 bytes in three records is one line with one time`() throws {
        let long = String(repeating: "x", count: 16_000)
        var request = LogsRequest()
        request.timestamps = true
        let collected = try Self.read([Reading(1, long), Reading(2, long), Reading(3, "y\n")], request)
        #expect(collected.text(.output) == "\(Self.stamp(1)) \(long)\(long)y\n")
    }

    @Test func `a record that was cut off by a power failure is left out`() throws {
        let whole = Self.bytes([Reading(1, "one\n")])
        let cut = Self.bytes([Reading(2, "two\n")]).dropLast(7)
        #expect(try Self.read(whole + cut, LogsRequest()).text(.output) == "one\n")
    }

    @Test func `following shows an unfinished prompt at once and ends when the writer has gone`() async throws {
        let file = try TemporaryLog(Self.bytes([Reading(1, "name? ")]))
        let collected = CollectedLog()
        var request = LogsRequest()
        request.follow = true
        let running = Mutex(true)
        let follow = request
        async let reading: Void = onOwnThread { cancelled in
            guard var reader = try LogReader(path: file.path, request: follow, sink: collected) else { return }
            try reader.read(isRunning: { running.withLock { $0 } }, cancelled: cancelled)
        }
        await collected.waits(for: "name? ")
        file.append(Self.bytes([Reading(2, "Kim\n")]))
        await collected.waits(for: "name? Kim\n")
        running.withLock { $0 = false }
        file.append(Self.bytes([Reading(3, "bye\n")]))
        try await reading
        #expect(collected.text(.output) == "name? Kim\nbye\n")
    }

    @Test func `following ends when the log is closed, whoever still holds the lock`() async throws {
        var file: TemporaryLog? = try TemporaryLog(Self.bytes([Reading(1, "up\n")]))
        let path = try #require(file).path
        let collected = CollectedLog()
        var request = LogsRequest()
        request.follow = true
        let follow = request
        async let reading: Void = onOwnThread { cancelled in
            guard var reader = try LogReader(path: path, request: follow, sink: collected) else { return }
            try reader.read(isRunning: { true }, cancelled: cancelled)
        }
        await collected.waits(for: "up\n")
        file?.append(Self.bytes([Reading(2, "bye\n")]))
        file = nil
        try await reading
        #expect(collected.text(.output) == "up\nbye\n")
    }

    private static func read(_ readings: [Reading], _ request: LogsRequest) throws -> CollectedLog {
        try read(bytes(readings), request)
    }

    private static func read(_ bytes: [UInt8], _ request: LogsRequest) throws -> CollectedLog {
        let file = try TemporaryLog(bytes)
        let collected = CollectedLog()
        guard var reader = try LogReader(path: file.path, request: request, sink: collected) else { return collected }
        try reader.read(isRunning: { false }, cancelled: -1)
        return collected
    }

    static func bytes(_ readings: [Reading]) -> [UInt8] {
        readings.flatMap { reading in
            let payload = Array(reading.text.utf8)
            let record = LogRecord(
                time: reading.second * 1_000_000_000, count: payload.count, stream: reading.stream,
                endsInsideLine: payload.last != UInt8(ascii: "\n"))
            var head = [UInt8](repeating: 0, count: LogRecord.headSize)
            var tail = [UInt8](repeating: 0, count: LogRecord.tailSize)
            head.withUnsafeMutableBytes { record.writeHead(to: $0) }
            tail.withUnsafeMutableBytes { record.writeTail(to: $0) }
            return head + payload + tail
        }
    }
}

/// A file that goes away with this value.
private final class TemporaryLog: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ bytes: [UInt8]) throws {
        var template = Array("/tmp/dsh-log-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try #require(descriptor >= 0)
        append(bytes)
    }

    func append(_ bytes: [UInt8]) { #expect(write(descriptor, bytes, bytes.count) == bytes.count) }

    deinit {
        close(descriptor)
        unlink(path)
    }
}

/// What a sink was given, and whoever waits for it.
private final class CollectedLog: LogSink {
    private struct Content {
        var output: [UInt8] = []
        var error: [UInt8] = []
        var waiter: (text: String, continuation: CheckedContinuation<Void, Never>)?
    }
    private let content = Mutex(Content())

    func write(_ stream: OutputStream, _ bytes: UnsafeRawBufferPointer) throws {
        let woken = content.withLock { content -> CheckedContinuation<Void, Never>? in
            if stream == .output { content.output += bytes } else { content.error += bytes }
            guard let waiter = content.waiter, String(decoding: content.output, as: UTF8.self) == waiter.text else {
                return nil
            }
            content.waiter = nil
            return waiter.continuation
        }
        woken?.resume()
    }

    func text(_ stream: OutputStream) -> String {
        content.withLock { String(decoding: stream == .output ? $0.output : $0.error, as: UTF8.self) }
    }

    /// Returns once exactly this has been written to standard output.
    func waits(for text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = content.withLock { content in
                if String(decoding: content.output, as: UTF8.self) == text { return true }
                content.waiter = (text, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
