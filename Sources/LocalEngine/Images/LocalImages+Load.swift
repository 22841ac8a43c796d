// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import Linux
import OCI
import Synchronization

extension LocalImages {
    func load(from input: Int32, progress: ProgressObserver?) async throws -> [LoadedImage] {
        try await ImageWork.run(progress) { try loadNow(from: input, $0) }
    }

    /// Loads on the calling thread.
    func loadNow(from input: Int32, _ work: ImageWork) throws -> [LoadedImage] {
        try LoadStep.readArchive.begin()
        guard try Self.canBeReadAgain(input) else { return try loadStream(input, work) }
        let bundle = try ImageBundle(indexing: input)
        let planned = try LoadPlan(bundle).images()
        while true {
            let missing = try missingLayers(planned)
            let drafts = try ImageWork.sideBySide(missing) { layer in
                guard let stretch = bundle.blobs[layer.path] else { throw Self.missing(layer) }
                let progress = work.progress(layer.diffID.short, "Loading layer", total: stretch.length)
                return try Self.check(
                    intake.take { () throws(ArchiveError) in
                        FileSource(
                            reading: input, from: stretch.offset, count: stretch.length, interrupt: work.interrupt)
                    } progress: {
                        progress($0)
                    }, layer)
            }
            do { return try assemble(planned, drafts, work) } catch is ImageAssembly.StoreChanged { continue }
        }
    }

    /// A file that is not compressed: its layers are found without reading it, and unpacked side by side.
    private static func canBeReadAgain(_ input: Int32) throws -> Bool {
        var status = stat()
        guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG, lseek(input, 0, SEEK_CUR) == 0 else {
            return false
        }
        return try Decompressed(FileSource(reading: input, from: 0, count: Int64(status.st_size))).compression == .none
    }

    /// Layers that the store does not have, each once.
    private func missingLayers(_ planned: [PlannedImage]) throws -> [PlannedImage.Layer] {
        var seen: Set<OCI.Digest> = []
        let all = planned.flatMap(\.layers).filter { seen.insert($0.diffID).inserted }
        return try core.database.read { database in
            try all.filter { try LayerRecord.of(diffID: $0.diffID, database).isEmpty }
        }
    }

    private static func missing(_ layer: PlannedImage.Layer) -> EngineError {
        EngineError(.invalid, .engine, "invalid archive: layer \(layer.path) is missing")
    }

    /// Whether a layer is what configuration and manifest promise.
    private static func check(
        _ unpacked: UnpackedDraft, _ layer: PlannedImage.Layer
    ) throws(EngineError) -> UnpackedDraft {
        let digests = unpacked.digests
        func refuse(_ what: String, _ expected: Any, _ actual: Any) -> EngineError {
            EngineError(.invalid, .engine, "invalid archive: \(what): expected \(expected), got \(actual)")
        }
        if let blob = layer.blob, blob != digests.blob {
            throw refuse("digest mismatch of a layer", blob, digests.blob)
        }
        if let length = layer.length, length != digests.blobLength {
            throw refuse("wrong length of layer \(layer.diffID.short)", length, digests.blobLength)
        }
        guard layer.diffID == digests.diffID else {
            throw refuse("invalid diffID for a layer", layer.diffID, digests.diffID)
        }
        return unpacked
    }

    private func assemble(
        _ planned: [PlannedImage], _ drafts: [UnpackedDraft], _ work: ImageWork
    ) throws -> [LoadedImage] {
        let assembly = ImageAssembly(self, work, drafts: drafts)
        for image in planned { try assembly.stage(image) }
        if work.interrupt.isRaised { throw CancellationError() }
        try assembly.commit()
        return planned.map { LoadedImage(id: $0.id, names: $0.names.map(\.familiar)) }
    }
}

extension LocalImages {
    /// Layers that were unpacked as they came by, before anybody knew which of them are wanted.
    private typealias Unpacking = Worker<Result<UnpackedDraft, any Error>>

    /// A pipe, or a compressed archive: read once, layers unpacked on the way.
    private func loadStream(_ input: Int32, _ work: ImageWork) throws -> [LoadedImage] {
        var workers: [String: Unpacking] = [:]
        var bundle = ImageBundle()
        defer { for worker in workers.values { _ = worker.wait() } }
        _ = try Pipeline.run { (queue) throws(ArchiveError) in
            try queue.fill(from: Decompressed(FileSource(reading: input, interrupt: work.interrupt)).source)
        } consume: { (queue) throws(ArchiveError) in
            let reader = TarReader(queue)
            while let entry = try reader.next() {
                try read(entry, reader, into: &bundle) { path, queue in
                    // The last of several files of one name counts.
                    _ = workers.removeValue(forKey: path)?.wait()
                    workers[path] = unpacking(queue, entry, work)
                }
            }
        }
        let planned = try LoadPlan(bundle).images()
        var results: [String: Result<UnpackedDraft, any Error>] = [:]
        for (path, worker) in workers { results[path] = worker.wait() }
        workers = [:]
        var drafts: [OCI.Digest: UnpackedDraft] = [:]
        for layer in planned.flatMap(\.layers) where drafts[layer.diffID] == nil {
            guard let result = results[layer.path] else {
                guard try missingLayers(planned).contains(where: { $0.diffID == layer.diffID }) else { continue }
                throw Self.missing(layer)
            }
            drafts[layer.diffID] = try Self.check(result.get(), layer)
        }
        return try assemble(planned, Array(drafts.values), work)
    }

    private func unpacking(_ queue: ChunkQueue, _ entry: TarEntry, _ work: ImageWork) -> Unpacking {
        let intake = intake
        let name = entry.path.split(separator: UInt8(ascii: "/")).last { $0 != Array("layer.tar".utf8)[...] } ?? []
        let progress = work.progress(
            String(decoding: name.prefix(12), as: UTF8.self), "Loading layer", total: entry.size)
        return Worker {
            let result = Result {
                try intake.take { () throws(ArchiveError) in
                    QueueSource(queue)
                } progress: {
                    progress($0)
                }
            }
            // Where it failed before it read anything, somebody still writes.
            queue.abandon()
            return result
        }
    }

    /// Keeps a document; hands everything else to `unpack`, through a queue.
    private func read(
        _ entry: TarEntry, _ reader: TarReader, into bundle: inout ImageBundle, unpack: (String, ChunkQueue) -> Void
    ) throws(ArchiveError) {
        let offset = reader.position
        let first = try reader.contents()
        let beginning = first?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        switch try bundle.add(entry, at: offset, beginning: beginning) {
        case .nothing: return
        case .document:
            var document = Array(beginning)
            while let (_, more) = try reader.contents() { document.append(contentsOf: more) }
            bundle.set(document: document, of: entry)
        case .blob(let path):
            let queue = ChunkQueue()
            unpack(path, queue)
            do throws(ArchiveError) {
                let sink = QueueSink(queue)
                try sink.write(beginning)
                while let (_, more) = try reader.contents() { try sink.write(more) }
                sink.finish()
            } catch {
                // Given up: what this file holds is no layer, which is a failure only if an image wants it.
                if case .abandoned = error { return }
                queue.fail(error)
                throw error
            }
        }
    }
}
