// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import MonitorProtocol

/// Reads a container's log, as much of it as a request asks for, and goes on with what is added.
///
/// The file is mapped, so that the bytes go from the page cache to the sink without a copy of ours.
struct LogReader: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private let request: LogsRequest
    private let sink: any LogSink
    private let wanted: Set<LogRecord.Stream>
    /// Where the next record begins; `nil` before the first reading.
    private var offset: Int?
    private var lines: [LogRecord.Stream: LogLines] = [:]

    /// Opens the log; `nil` where the container never started and has none.
    init?(path: String, request: LogsRequest, sink: any LogSink) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw EngineError(.system, .path(path), "open \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.request = request
        self.sink = sink
        wanted = Set((request.output ? [.output] : []) + (request.error ? [.errorOutput] : []))
    }

    deinit { close(descriptor) }

    /// Hands out what is there now, then, with `follow`, what comes until the container has ended.
    ///
    /// - Parameters:
    ///   - isRunning: whether more can still come.
    ///   - cancelled: becomes readable when the reader should stop.
    mutating func read(isRunning: () throws -> Bool, cancelled: Int32) throws {
        // The watch comes before the first reading, so that nothing is written between the two unnoticed.
        let watch = request.follow ? try LogWatch(path: path) : nil
        while true {
            let mayContinue = try request.follow && isRunning()
            try readToEnd(cancelled: cancelled)
            // A prompt has no newline: whoever follows sees it now, and what completes it later.
            for stream in wanted { try lines[stream]?.flush() }
            guard mayContinue, let watch else { return }
            try watch.wait(cancelled: cancelled)
        }
    }

    private mutating func readToEnd(cancelled: Int32) throws {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            throw EngineError(.system, .path(path), "fstat \(path): \(String(cString: strerror(errno)))")
        }
        let size = Int(facts.st_size)
        guard size > offset ?? 0 else { return begin(nil) }
        let base = (offset ?? 0) & ~(Int(sysconf(Int32(_SC_PAGESIZE))) - 1)
        guard let mapping = mmap(nil, size - base, PROT_READ, MAP_SHARED, descriptor, off_t(base)),
            mapping != MAP_FAILED
        else { throw EngineError(.system, .path(path), "mmap \(path): \(String(cString: strerror(errno)))") }
        defer { munmap(mapping, size - base) }
        let log = UnsafeRawBufferPointer(start: mapping, count: size - base)
        var skipped = 0
        if offset == nil {
            let tail = request.tail.map { LogTail(last: $0, of: wanted, in: log) }
            begin(tail)
            skipped = tail?.place ?? 0
        }
        let start = offset ?? 0
        var unchecked = 0
        do {
            let unread = UnsafeRawBufferPointer(rebasing: log[(start - base)...])
            offset =
                try start
                + LogRecord.forEach(in: unread) { record, payload in
                    let fresh = UnsafeRawBufferPointer(rebasing: payload[skipped...])
                    skipped = 0
                    try lines[record.stream]?.take(fresh, at: Timestamp(nanoseconds: record.time))
                    unchecked += fresh.count
                    if unchecked > 1 << 20 {
                        unchecked = 0
                        try throwIfReadable(cancelled)
                    }
                }
        } catch let error as MalformedBytes {
            throw EngineError(.system, .path(path), "the log \(path) is damaged after byte \(start)", cause: error)
        }
    }

    /// Settles where the reading begins.
    private mutating func begin(_ tail: LogTail?) {
        guard offset == nil else { return }
        offset = tail?.record ?? 0
        for stream in wanted {
            lines[stream] = LogLines(
                stream: stream == .output ? .output : .error, request: request, sink: sink,
                isInsideOlderLine: tail?.insideOlderLine.contains(stream) ?? false)
        }
    }
}

/// Ends the work when the surrounding task was cancelled.
func throwIfReadable(_ cancelled: Int32) throws {
    var watched = pollfd(fd: cancelled, events: Int16(POLLIN), revents: 0)
    if poll(&watched, 1, 0) > 0 { throw CancellationError() }
}

/// Wakes whoever follows a log: when it grows, and when its writer closes it, be it by being killed.
///
/// - SeeAlso: inotify(7).
private final class LogWatch {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else {
            throw EngineError(.system, .engine, "inotify_init1: \(String(cString: strerror(errno)))")
        }
        guard inotify_add_watch(descriptor, path, UInt32(IN_MODIFY | IN_CLOSE_WRITE)) >= 0 else {
            throw EngineError(.system, .path(path), "inotify_add_watch \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    func wait(cancelled: Int32) throws {
        var watched = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: cancelled, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&watched, 2, -1) < 0 {
            guard errno == EINTR else {
                throw EngineError(.system, .engine, "poll: \(String(cString: strerror(errno)))")
            }
        }
        if watched[1].revents != 0 { throw CancellationError() }
        // What happened does not matter, only that something did: the file itself is read next.
        var events = [UInt8](repeating: 0, count: 4096)
        while Glibc.read(descriptor, &events, events.count) > 0 {}
    }
}
