// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Linux
import OCI

/// A layer that was unpacked and has no name yet.
struct UnpackedDraft: Sendable {
    let draft: LayerDraft
    let recipe: SealedBlob
    let digests: Digests
    let contents: UnpackedLayer

    /// What the thread that reads finds out.
    struct Digests: Sendable {
        var diffID: OCI.Digest
        /// Of the bytes as they came, compressed or not.
        var blob: OCI.Digest
        var blobLength: Int64
        var archiveLength: Int64
    }
}

/// Unpacks one layer from a stream: decompressed and hashed on one thread, unpacked on another.
struct LayerIntake: Sendable {
    let layers: LayerStore
    let blobs: BlobStore

    /// Reads the stream to its end; waits for it on the calling thread.
    ///
    /// - Parameters:
    ///   - source: called on the first thread.
    ///   - progress: is told how many bytes of the stream have been read.
    /// - Throws: `ArchiveError`; `EngineError` when a directory cannot be made.
    func take(
        _ source: @escaping @Sendable () throws(ArchiveError) -> any ByteSource,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws -> UnpackedDraft {
        let draft = try layers.begin()
        try LoadStep.unpackLayer.begin()
        let (digests, (contents, recipe)) = try Pipeline.run { (queue) throws(ArchiveError) in
            try Self.hash(source(), into: queue, progress)
        } consume: { (queue) throws(ArchiveError) in
            let blob = try archiving { () throws(BlobError) in try blobs.begin() }
            let recipe = try RecipeWriter(BlobSink(blob), scratchDirectory: layers.directory)
            let contents = try LayerUnpacker(into: draft.root.number, recipe: recipe).unpack(queue)
            return (contents, blob.seal())
        }
        return UnpackedDraft(draft: draft, recipe: recipe, digests: digests, contents: contents)
    }

    private static func hash(
        _ source: any ByteSource, into queue: ChunkQueue, _ progress: @Sendable (Int64) -> Void
    ) throws(ArchiveError) -> UnpackedDraft.Digests {
        let stream = HashedSource(source)
        let decompressed = try Decompressed(stream)
        // Without compression the stream is the archive itself, and is hashed once.
        if decompressed.compression == .none { stream.stopHashing() }
        var hasher = DigestHasher()
        var length: Int64 = 0
        try queue.fill(from: decompressed.source) {
            hasher.update($0)
            length += Int64($0.count)
            progress(stream.length)
        }
        let diffID = hasher.digest
        return UnpackedDraft.Digests(
            diffID: diffID, blob: try stream.finish() ?? diffID, blobLength: stream.length, archiveLength: length)
    }
}

/// Writes into a blob.
final class BlobSink: ByteSink {
    private let blob: BlobDraft

    init(_ blob: BlobDraft) { self.blob = blob }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        do throws(SystemError) { try blob.write(bytes) } catch { throw .system(error) }
    }
}

/// Calls something of the blob store as part of reading or writing an archive.
func archiving<Result>(_ body: () throws(BlobError) -> Result) throws(ArchiveError) -> Result {
    do { return try body() } catch {
        if case .system(let reason) = error { throw .system(reason) }
        throw .damaged("\(error)")
    }
}

/// Counts and hashes what is read.
private final class HashedSource: ByteSource {
    private let source: any ByteSource
    private var hasher: DigestHasher? = DigestHasher()
    private(set) var length: Int64 = 0

    init(_ source: any ByteSource) { self.source = source }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let count = try source.read(into: buffer)
        length += Int64(count)
        hasher?.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    func stopHashing() { hasher = nil }

    /// The digest of all that there is, whether the decompressor wanted it or not.
    func finish() throws(ArchiveError) -> OCI.Digest? {
        if hasher == nil { return nil }
        let rest = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 14, alignment: 16)
        defer { rest.deallocate() }
        while try read(into: rest) > 0 {}
        return hasher?.digest
    }
}
