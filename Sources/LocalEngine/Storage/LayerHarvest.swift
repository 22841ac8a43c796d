// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Linux
import OCI

extension LayerIntake {
    /// Makes a layer of an upper directory, which is moved into the store as it is.
    ///
    /// - Parameter latest: seconds since 1970 that later times become; `nil` leaves all as they are.
    /// - Throws: `ArchiveError`; `EngineError` when the directory cannot be moved.
    func take(directory: String, latest: Int64?) throws -> UnpackedDraft {
        let draft = try LayerDraft(adopting: directory, in: layers.directory)
        let blob = try archiving { () throws(BlobError) in try blobs.begin() }
        let archive = CountingHasher()
        let recipe = try RecipeWriter(BlobSink(blob), scratchDirectory: layers.directory)
        let contents = try LayerMaker(archive: archive, recipe: recipe, latest: latest).make(from: draft.root.number)
        let digests = UnpackedDraft.Digests(
            diffID: archive.digest, blob: archive.digest, blobLength: archive.length, archiveLength: archive.length)
        return UnpackedDraft(draft: draft, recipe: blob.seal(), digests: digests, contents: contents)
    }
}

/// Hashes and counts what is written, and keeps nothing of it.
final class CountingHasher: ByteSink {
    private var hasher = DigestHasher()
    private(set) var length: Int64 = 0
    var digest: OCI.Digest { hasher.digest }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        hasher.update(bytes)
        length += Int64(bytes.count)
    }
}
