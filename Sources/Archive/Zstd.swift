// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// Takes off zstd: any number of frames after one another, checksums checked where frames have them.
final class ZstdSource: ByteSource {
    private let source: any ByteSource
    private let context: OpaquePointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    /// What was read and not decompressed yet.
    private var input = ZSTD_inBuffer()
    /// What the library wants to see next; 0 between two frames.
    private var hint = 0

    init(_ source: any ByteSource) throws(ArchiveError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
        self.source = source
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
        buffer.deallocate()
    }

    func read(into output: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        var produced = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        while produced.pos == 0, produced.size > 0 {
            if input.pos == input.size {
                let count = try source.read(into: buffer)
                input = ZSTD_inBuffer(src: buffer.baseAddress, size: count, pos: 0)
            }
            let isAtEnd = input.size == 0
            if isAtEnd, hint == 0 { return 0 }
            hint = ZSTD_decompressStream(context, &produced, &input)
            if ZSTD_isError(hint) != 0 {
                throw .damaged("the zstd stream is damaged: \(String(cString: ZSTD_getErrorName(hint)))")
            }
            if isAtEnd, produced.pos == 0 { throw .damaged("unexpected end of the zstd stream") }
        }
        return produced.pos
    }
}

/// Compresses by zstd at level 1 on the way to another sink.
final class ZstdSink: ByteSink {
    private let sink: any ByteSink
    private let context: OpaquePointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)

    init(_ sink: any ByteSink) throws(ArchiveError) {
        guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
        self.sink = sink
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
        buffer.deallocate()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) { try compress(bytes, ZSTD_e_continue) }

    /// Ends the frame; what is written afterwards starts another.
    func finish() throws(ArchiveError) { try compress(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end) }

    private func compress(_ bytes: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective) throws(ArchiveError) {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            let left = ZSTD_compressStream2(context, &output, &input, directive)
            if ZSTD_isError(left) != 0 {
                throw .damaged("the stream cannot be compressed: \(String(cString: ZSTD_getErrorName(left)))")
            }
            if output.pos > 0 { try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<output.pos])) }
            if directive == ZSTD_e_end ? left == 0 : input.pos == input.size { return }
        }
    }
}
