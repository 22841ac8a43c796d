// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import MonitorProtocol
import OCI

/// Finished steps: what the next build need not do again.
struct StepStore: Sendable {
    let images: LocalImages

    private var core: EngineCore { images.core }

    /// A step that is done already, with its layer; `nil` where it must be done.
    func find(_ key: String) throws -> FinishedStep? {
        guard let found = try core.database.read({ try BuildStepRecord.find(key, $0) }),
            access(images.layers.path(found.layer.directory), F_OK) == 0
        else { return nil }
        return found
    }

    /// Puts a layer that was made just now into the store, with the key that leads to it.
    func add(_ unpacked: UnpackedDraft, key: String, instruction: String) throws -> FinishedStep {
        let now = LocalImages.now
        let digests = unpacked.digests
        let record = LayerRecord(
            directory: digests.diffID.hex, diffID: digests.diffID, chainID: nil, size: unpacked.contents.size,
            stored: DiskUsage.bytes(below: unpacked.draft.path) + unpacked.recipe.stored,
            archiveLength: digests.archiveLength, recipe: unpacked.recipe.digest,
            unsyncedBoot: LocalContainers.bootID)
        try BuildPoint.lockStore.begin()
        let lock = try images.lockStore()
        defer { withExtendedLifetime(lock) {} }
        try BuildPoint.publishRecipe.begin()
        try unpacked.recipe.publish()
        try BuildPoint.publishLayer.begin()
        while try !images.layers.publish(unpacked.draft, as: record.directory) {
            // The same layer, made before: this one is forgotten.
            if try core.database.read({ try LayerRecord.number(ofDirectory: record.directory, $0) }) != nil { break }
            // No row: somebody was killed between the two.
            _ = try images.layers.retire(record.directory)?.finish()
        }
        try BuildPoint.insertStep.begin()
        return try core.database.write(.process) { database in
            let number =
                try LayerRecord.number(ofDirectory: record.directory, database) ?? record.insert(database)
            try BuildStepRecord.put(key: key, layer: number, instruction: instruction, at: now, database)
            return FinishedStep(layer: try LayerRecord.of(buildStep: key, database) ?? record, created: now)
        }
    }

    /// What a COPY at this place read in a former build.
    func inputs(at place: String) throws -> CopiedFiles? {
        // What another version of dsh wrote is as good as nothing.
        try core.database.read { try BuildInputRecord.read(place, $0) }.flatMap { try? CopiedFiles(decoding: $0) }
    }

    /// A stage as a former build did it.
    func stage(at place: String) throws -> RememberedStage {
        // As above.
        try core.database.read { try BuildInputRecord.read(place, $0) }.flatMap { try? RememberedStage(decoding: $0) }
            ?? RememberedStage()
    }

    /// Notes what a build did, for the next one: all of it in one transaction.
    func note(_ memory: BuildMemory) throws {
        try BuildPoint.noteMemory.begin()
        let now = LocalImages.now
        // A month without a build is long: then files are read again, which costs some time and nothing else.
        let month: Int64 = 30 * 24 * 3600 * 1_000_000_000
        try core.database.write(.process) { database in
            for (place, inputs) in memory.inputs { try BuildInputRecord.put(place, inputs.encoded, at: now, database) }
            for (place, stage) in memory.stages { try BuildInputRecord.put(place, stage.encoded, at: now, database) }
            try BuildStepRecord.markUsed(memory.used, at: now, database)
            try BuildInputRecord.removeUnused(since: now - month, database)
        }
    }
}

/// A step that is done.
struct FinishedStep: Sendable {
    let layer: LayerRecord
    /// Nanoseconds since 1970.
    let created: Int64
}

/// What a build found out that serves the next one.
struct BuildMemory: Sendable {
    var inputs: [String: CopiedFiles] = [:]
    var stages: [String: RememberedStage] = [:]
    /// Keys of the steps that were used.
    var used: [String] = []
}
