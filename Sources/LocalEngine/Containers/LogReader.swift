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
        var patience = LogWatch.firstPatience
        while true {
            let mayContinue = try watch.map { try !$0.isClosed && isRunning() } ?? false
            try readToEnd(cancelled: cancelled)
            // A prompt has no newline: whoever follows sees it now, and what completes it later.
            for stream in wanted { try lines[stream]?.flush() }
            guard mayContinue, let watch else { return }
            try watch.wait(atMost: patience, cancelled: cancelled)
            patience = -1
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
/// The writer lets go of the log and of its lock in an order that is the kernel's, so that the lock may be held for a moment
/// after the last event: that the log was closed is the end by itself.
/// - SeeAlso: inotify(7).
private final class LogWatch {
    /// Milliseconds after which the first wait ends without news: a writer that was just dying when the watch began may have
    /// closed the log before and its lock after that, and would never be heard of.
    static let firstPatience: Int32 = 200

    /// The one writer has gone.
    private(set) var isClosed = false
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

    /// Waits for news.
    ///
    /// - Parameter milliseconds: how long at most; -1 is for ever.
    func wait(atMost milliseconds: Int32, cancelled: Int32) throws {
        var watched = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: cancelled, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&watched, 2, milliseconds) < 0 {
            guard errno == EINTR else {
                throw EngineError(.system, .engine, "poll: \(String(cString: strerror(errno)))")
            }
        }
        if watched[1].revents != 0 { throw CancellationError() }
        takeEvents()
    }

    /// How much the log grew does not matter: the file itself is read next.
    private func takeEvents() {
        // struct inotify_event: wd, mask, cookie, len, then len bytes of a name.
        let header = 16
        var events = [UInt8](repeating: 0, count: 4096)
        while case let count = Glibc.read(descriptor, &events, events.count), count > 0 {
            events.withUnsafeBytes { bytes in
                var offset = 0
                while offset + header <= count {
                    let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    if mask & UInt32(IN_CLOSE_WRITE) != 0 { isClosed = true }
                    offset += header + Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                }
            }
        }
    }
}
