// SPDX-License-Identifier: Apache-2.0

internal import CISAL

/// Takes off gzip: any number of members after one another, each with its checksum checked.
final class GzipSource: ByteSource {
    private let source: any ByteSource
    private let state: OpaquePointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    /// What was read and not inflated yet.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isInsideMember = true

    init(_ source: any ByteSource) throws(ArchiveError) {
        guard let state = cisal_inflate_new() else { throw .outOfMemory }
        self.source = source
        self.state = state
    }

    deinit {
        cisal_inflate_free(state)
        buffer.deallocate()
    }

    func read(into output: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        var next = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let wanted = UInt32(clamping: output.count)
        var room = wanted
        while room == wanted, wanted > 0 {
            let isAtEnd = try !refill()
            if !isInsideMember {
                if isAtEnd { return 0 }
                guard try startNextMember() else { return 0 }
                continue
            }
            var from = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var left = UInt32(input.count)
            let result = cisal_inflate_step(state, &from, &left, &next, &room)
            // Of a damaged stream ISA-L may say that less than nothing is left.
            guard result != CISAL_DAMAGED, Int(left) <= input.count else {
                throw .damaged("the gzip stream is damaged")
            }
            input = UnsafeRawBufferPointer(rebasing: input[(input.count - Int(left))...])
            if result == CISAL_END {
                isInsideMember = false
            } else if isAtEnd, room == wanted {
                throw .damaged("unexpected end of the gzip stream")
            }
        }
        return Int(wanted - room)
    }

    /// Whether there is input, after reading some where there was none.
    private func refill() throws(ArchiveError) -> Bool {
        if input.isEmpty {
            let count = try source.read(into: buffer)
            input = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        }
        return !input.isEmpty
    }

    /// After a member: zeros (tapes and some tools pad with them), or the next one; whether there is one.
    private func startNextMember() throws(ArchiveError) -> Bool {
        while try refill() {
            if let start = input.firstIndex(where: { $0 != 0 }) {
                input = UnsafeRawBufferPointer(rebasing: input[start...])
                cisal_inflate_reset(state)
                isInsideMember = true
                return true
            }
            input = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return false
    }
}

/// Compresses by gzip on the way to another sink: one member, no name and no time, so that the same bytes always become
/// the same bytes.
public final class GzipSink: ByteSink {
    private let sink: any ByteSink
    private let state: OpaquePointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)

    /// Compresses towards `sink`.
    public init(_ sink: any ByteSink) throws(ArchiveError) {
        guard let state = cisal_deflate_new() else { throw .outOfMemory }
        self.sink = sink
        self.state = state
    }

    deinit {
        cisal_deflate_free(state)
        buffer.deallocate()
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        var rest = bytes
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            try deflate(part, isLast: false)
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        }
    }

    /// Ends the member; nothing may be written afterwards.
    public func finish() throws(ArchiveError) {
        try deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    }

    private func deflate(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(ArchiveError) {
        var from = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var left = UInt32(bytes.count)
        while true {
            var next = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var room = UInt32(buffer.count)
            let result = cisal_deflate_step(state, &from, &left, &next, &room, isLast ? 1 : 0)
            if result == CISAL_DAMAGED { throw .damaged("the stream cannot be deflated") }
            let count = buffer.count - Int(room)
            if count > 0 { try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            if isLast ? result == CISAL_END : left == 0 && room > 0 { return }
        }
    }
}
