// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Carries a stream from the thread that decompresses it to the one that unpacks it, in a few large buffers that are
/// filled and emptied in turn: the bytes are not copied on the way.
///
/// Each buffer but the last is full, and a multiple of 512 bytes long, so that no header of an archive lies across two.
///
/// `@unchecked`: everything that changes is guarded by `mutex`, and a buffer's bytes belong to the writer until it is
/// counted in `filled`, and to the reader from then on until it is released.
public final class ChunkQueue: @unchecked Sendable {
    /// Bytes of one buffer.
    static let chunkSize = 1 << 18
    private static let chunkCount = 8

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize * chunkCount, alignment: 4096)
    private var counts = [Int](repeating: 0, count: chunkCount)
    /// Buffers that were ever filled, taken and released; the buffer is the number modulo `chunkCount`.
    private var filled = 0
    private var taken = 0
    private var released = 0
    private var isFinished = false
    private var failure: ArchiveError?
    private var isAbandoned = false

    /// An empty queue.
    public init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
        storage.deallocate()
    }

    private func locked<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    private func chunk(_ number: Int) -> UnsafeMutableRawBufferPointer {
        let start = number % Self.chunkCount * Self.chunkSize
        return UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + Self.chunkSize])
    }

    // MARK: The writer

    /// Puts all of `source` into the queue, and its end; `tap` sees each buffer before the reader does.
    ///
    /// - Throws: what `source` throws, after telling the reader; `.abandoned` when the reader has given up.
    public func fill(
        from source: any ByteSource, tap: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws(ArchiveError) {
        do throws(ArchiveError) {
            while true {
                let buffer = try emptyChunk()
                let count = try source.fill(buffer)
                if count > 0 { tap(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
                let isLast = count < buffer.count
                publish(count: count, isLast: isLast)
                if isLast { return }
            }
        } catch {
            fail(error)
            throw error
        }
    }

    /// Waits for a buffer that the reader has released.
    fileprivate func emptyChunk() throws(ArchiveError) -> UnsafeMutableRawBufferPointer {
        let number = try locked { () throws(ArchiveError) in
            while filled - released == Self.chunkCount, !isAbandoned, failure == nil {
                pthread_cond_wait(changed, mutex)
            }
            if isAbandoned { throw .abandoned }
            if let failure { throw failure }
            return filled
        }
        return chunk(number)
    }

    /// Hands the buffer that `emptyChunk` gave to the reader.
    fileprivate func publish(count: Int, isLast: Bool) {
        locked {
            if count > 0 {
                counts[filled % Self.chunkCount] = count
                filled += 1
            }
            if isLast { isFinished = true }
            pthread_cond_broadcast(changed)
        }
    }

    /// Makes the reader fail at its next buffer. The first failure stays.
    public func fail(_ error: ArchiveError) {
        locked {
            if failure == nil { failure = error }
            pthread_cond_broadcast(changed)
        }
    }

    // MARK: The reader

    /// The next buffer, valid until the next call; `nil` at the end.
    public func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
        try locked { () throws(ArchiveError) in
            if released < taken {
                released = taken
                pthread_cond_broadcast(changed)
            }
            while filled == taken, !isFinished, failure == nil { pthread_cond_wait(changed, mutex) }
            if let failure { throw failure }
            if filled == taken { return nil }
            taken += 1
            return UnsafeRawBufferPointer(rebasing: chunk(taken - 1)[..<counts[(taken - 1) % Self.chunkCount]])
        }
    }

    /// Makes the writer stop: nobody reads any more.
    public func abandon() {
        locked {
            isAbandoned = true
            pthread_cond_broadcast(changed)
        }
    }
}

extension ChunkQueue {
    /// Writes all that comes through the queue to `sink`; `tap` sees each buffer before.
    public func drain(
        into sink: any ByteSink, tap: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws(ArchiveError) {
        while let chunk = try next() {
            tap(chunk)
            try sink.write(chunk)
        }
    }
}

/// Reads what comes through a queue: for those who want a source.
public final class QueueSource: ByteSource {
    private let queue: ChunkQueue
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Reads from `queue`.
    public init(_ queue: ChunkQueue) { self.queue = queue }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        if rest.isEmpty { rest = try queue.next() ?? rest }
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(buffer.count))
        buffer.copyMemory(from: part)
        rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        return part.count
    }
}

/// Puts what is written into a queue, buffer by buffer: the writer's end for those who have no source.
public final class QueueSink: ByteSink {
    private let queue: ChunkQueue
    private var buffer: UnsafeMutableRawBufferPointer?
    private var count = 0

    /// Writes into `queue`.
    public init(_ queue: ChunkQueue) { self.queue = queue }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        var rest = bytes
        while !rest.isEmpty {
            let target: UnsafeMutableRawBufferPointer
            if let buffer { target = buffer } else { target = try queue.emptyChunk() }
            buffer = target
            let part = rest.prefix(target.count - count)
            UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: part))
            count += part.count
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
            if count == target.count { flush(isLast: false) }
        }
    }

    /// Tells the reader that this was all.
    public func finish() { flush(isLast: true) }

    private func flush(isLast: Bool) {
        queue.publish(count: count, isLast: isLast)
        buffer = nil
        count = 0
    }
}
