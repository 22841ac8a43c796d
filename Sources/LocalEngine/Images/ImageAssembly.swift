// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import Linux
import OCI

/// Puts unpacked layers and planned images into the store: first everything on disk, then one transaction.
final class ImageAssembly {
    private let images: LocalImages
    private let work: ImageWork
    /// Layers that were unpacked just now, by their diffIDs.
    private let drafts: [OCI.Digest: UnpackedDraft]
    /// Those of them that have got a name, by it.
    private var pending: [String: Pending] = [:]
    private var order: [String] = []
    private var staged: [Staged] = []

    private struct Pending {
        let unpacked: UnpackedDraft
        let record: LayerRecord
    }

    private struct Staged {
        let image: PlannedImage
        /// Lowest first.
        let directories: [String]
        let size: Int64
    }

    /// Another process removed a layer meanwhile that was found in the store.
    struct StoreChanged: Error {}

    init(_ images: LocalImages, _ work: ImageWork, drafts: [UnpackedDraft]) {
        self.images = images
        self.work = work
        self.drafts = Dictionary(drafts.map { ($0.digests.diffID, $0) }) { first, _ in first }
    }

    // MARK: Layers

    /// Finds or makes a directory for each of an image's layers.
    func stage(_ image: PlannedImage) throws {
        let diffIDs = image.layers.map(\.diffID)
        let chain = ChainID.ofLayers(diffIDs, hash: DigestHasher.digest)
        var lowers: [String] = []
        var directories: [String] = []
        var size: Int64 = 0
        for (diffID, chainID) in zip(diffIDs, chain) {
            let record: LayerRecord
            if let known = try known(diffID, chainID) {
                record = known
                lowers.append(images.layers.path(known.directory))
            } else if let waiting = pending[chainID.hex]
                ?? pending[diffID.hex].flatMap({ $0.record.chainID == nil ? $0 : nil })
            {
                record = waiting.record
                lowers.append(waiting.unpacked.draft.path)
            } else {
                let unpacked = try unpacked(diffID)
                record = try name(unpacked, chainID, over: lowers)
                lowers.append(unpacked.draft.path)
            }
            directories.append(record.directory)
            size += record.size
        }
        staged.append(Staged(image: image, directories: directories, size: size))
    }

    /// A layer of the store that serves here.
    private func known(_ diffID: OCI.Digest, _ chainID: OCI.Digest) throws -> LayerRecord? {
        try images.core.database.read { try LayerRecord.of(diffID: diffID, $0) }
            .first { $0.chainID == nil || $0.chainID == chainID }
    }

    /// A directory of this layer that nobody uses yet.
    private func unpacked(_ diffID: OCI.Digest) throws -> UnpackedDraft {
        if let draft = drafts[diffID] {
            // With other layers below, the same archive needs a second directory.
            guard let taken = pending.values.first(where: { $0.unpacked.draft === draft.draft }) else { return draft }
            return try again(diffID, directory: taken.unpacked.draft.path, recipe: taken.unpacked.recipe.descriptor)
        }
        guard let record = try images.core.database.read({ try LayerRecord.of(diffID: diffID, $0) }).first else {
            throw EngineError(.invalid, .engine, "invalid archive: layer \(diffID) is missing")
        }
        let recipe = try images.blobs.open(record.recipe)
        return try again(diffID, directory: images.layers.path(record.directory), recipe: recipe.number)
    }

    /// Unpacks a layer once more, from the archive that its directory and recipe make.
    private func again(_ diffID: OCI.Digest, directory: String, recipe: CInt) throws -> UnpackedDraft {
        let source = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
        let number = source.number
        let scratch = images.layers.directory
        let queue = ChunkQueue()
        let packer = Worker {
            do throws(ArchiveError) {
                let sink = QueueSink(queue)
                try LayerPacker(recipe: recipe, directory: number, scratchDirectory: scratch).write(to: sink)
                sink.finish()
            } catch {
                queue.fail(error)
            }
        }
        defer {
            queue.abandon()
            packer.wait()
        }
        let unpacked = try images.intake.take { () throws(ArchiveError) in QueueSource(queue) }
        guard unpacked.digests.diffID == diffID else {
            throw EngineError(.system, .path(directory), "layer \(diffID) was changed on disk: \(directory)")
        }
        return unpacked
    }

    /// Decides under which name a directory goes into the store, and gives what its archive left out the look of what is
    /// below.
    private func name(
        _ unpacked: UnpackedDraft, _ chainID: OCI.Digest, over lowers: [String]
    ) throws -> LayerRecord {
        let digests = unpacked.digests
        let implied = ImpliedDirectories(paths: unpacked.contents.impliedDirectories)
        if !implied.paths.isEmpty { try implied.adopt(in: unpacked.draft.root, from: lowers) }
        let servesEverywhere = implied.paths.isEmpty
        let record = LayerRecord(
            directory: servesEverywhere ? digests.diffID.hex : chainID.hex, diffID: digests.diffID,
            chainID: servesEverywhere ? nil : chainID, size: unpacked.contents.size,
            stored: DiskUsage.bytes(below: unpacked.draft.path) + unpacked.recipe.stored,
            archiveLength: digests.archiveLength, recipe: unpacked.recipe.digest, unsyncedBoot: LocalContainers.bootID)
        pending[record.directory] = Pending(unpacked: unpacked, record: record)
        order.append(record.directory)
        return record
    }

    // MARK: The store

    /// Makes everything visible at once.
    ///
    /// - Throws: `StoreChanged` when the work must be done again.
    func commit() throws {
        try LoadStep.lockStore.begin()
        let lock = try images.lockStore()
        var published: [String] = []
        do {
            for directory in order {
                guard let layer = pending[directory] else { continue }
                try LoadStep.publishRecipe.begin()
                try layer.unpacked.recipe.publish()
                try LoadStep.publishLayer.begin()
                if try publish(layer) { published.append(directory) }
            }
            try LoadStep.storeManifest.begin()
            for image in staged { if let manifest = image.image.manifest { _ = try images.blobs.store(manifest) } }
            try LoadStep.insertRows.begin()
            try insert()
        } catch {
            // What cannot be taken away now is found by the next sweep.
            for directory in published { _ = try? images.layers.retire(directory)?.finish() }
            throw error
        }
        _ = consume lock
    }

    /// Whether it is ours now; another process may have been first.
    private func publish(_ layer: Pending) throws -> Bool {
        let name = layer.record.directory
        while try !images.layers.publish(layer.unpacked.draft, as: name) {
            if try images.core.database.read({ try LayerRecord.number(ofDirectory: name, $0) }) != nil { return false }
            // No row: somebody was killed between the two.
            _ = try images.layers.retire(name)?.finish()
        }
        return true
    }

    private func insert() throws {
        let now = LocalImages.now
        try images.core.database.write(.machine) { database in
            for staged in staged {
                let layers = try staged.directories.map { directory in
                    if let number = try LayerRecord.number(ofDirectory: directory, database) { return number }
                    guard let layer = pending[directory] else { throw StoreChanged() }
                    return try layer.record.insert(database)
                }
                let image = staged.image
                try ImageRecord(
                    id: image.id, manifest: image.manifest.map(DigestHasher.digest),
                    created: Timestamp(rfc3339: image.decoded.created)?.nanoseconds, size: staged.size, loaded: now,
                    configuration: image.configuration
                ).insert(layers, database)
                for name in image.names { try ImageTag(reference: name, image: image.id, tagged: now).put(database) }
            }
        }
    }
}

extension LocalImages {
    /// Held while files and rows of images change together: between the two nobody else looks.
    func lockStore() throws(EngineError) -> FileLock {
        let path = core.paths.root + "/images.lock"
        do { return try FileLock.wait(path) } catch { throw EngineError(error, .path(path)) }
    }
}
