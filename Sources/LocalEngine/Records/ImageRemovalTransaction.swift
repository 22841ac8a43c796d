// SPDX-License-Identifier: Apache-2.0

import Content
import Engine
import GRDB
import OCI

/// What `rmi` does to the rows, in Docker's order and with its refusals.
///
/// - SeeAlso: github.com/moby/moby, daemon/images/image_delete.go, whose rules these are.
struct ImageRemovalTransaction {
    let database: Database
    /// What was removed so far.
    var removals = Removals()
    /// Layers whose rows are gone.
    var unused: [LayerRecord] = []
    /// For the lines about layers, which name their chain ids.
    private var chainIDs: [Digest: Digest] = [:]

    struct Removals {
        var lines: [ImageRemoval] = []
        var manifests: [Digest] = []
    }

    init(database: Database) { self.database = database }

    mutating func remove(_ found: FoundImage, _ name: ImageName, force: Bool) throws {
        let record = found.record
        let tags = try ImageTag.of(record.id, database)
        let users = try ImageUser.of(record.id, database)
        if let reference = found.reference, reference.digest == nil {
            if !force, tags.count == 1, let user = users.first {
                throw Conflict(name, record.id).reference(user)
            }
            try ImageTag.remove(reference, database)
            removals.lines.append(.untagged(reference.familiar))
            // A name was asked to go, and it went: a container keeps the image itself, without a word.
            if tags.count > 1 || users.contains(where: \.isRunning) || (!force && !users.isEmpty) { return }
        } else {
            if let user = users.first(where: \.isRunning) {
                throw Conflict(name, record.id).used(by: user, "cannot be forced")
            }
            if !force, tags.count > 1 { throw Conflict(name, record.id).manyNames }
            if !force, let user = users.first {
                throw Conflict(name, record.id).used(by: user, "must be forced")
            }
        }
        try delete(record, hiding: !users.isEmpty)
    }

    /// Removes an image with all its names.
    mutating func delete(_ record: ImageRecord, hiding: Bool) throws {
        for tag in try ImageTag.of(record.id, database) { removals.lines.append(.untagged(tag.reference.familiar)) }
        let diffIDs = try ImageConfiguration(reading: record).rootfs.diffIDs
        let chain = ChainID.ofLayers(diffIDs, hash: DigestHasher.digest)
        for (diffID, chainID) in zip(diffIDs, chain) { chainIDs[diffID] = chainID }
        try ImageRecord.remove(record.id, hiding: hiding, database)
        removals.lines.append(.deleted(record.id.text))
        if let manifest = record.manifest { removals.manifests.append(manifest) }
    }

    mutating func removeUnusedLayers() throws {
        let layers = try LayerRecord.removeUnused(database)
        unused += layers
        removals.lines += layers.map { .deleted("\($0.chainID ?? chainIDs[$0.diffID] ?? $0.diffID)") }
    }
}

/// Docker's sentence for why an image stays. What would let it go is the front end's to say.
private struct Conflict {
    private let name: ImageName
    private let id: ImageID

    init(_ name: ImageName, _ id: ImageID) {
        self.name = name
        self.id = id
    }

    func reference(_ user: ImageUser) -> EngineError {
        refuse(
            "unable to remove repository reference \"\(name)\" (must force) - container \(user.id.prefix(12)) "
                + "is using its referenced image \(id.short)")
    }

    func used(by user: ImageUser, _ force: String) -> EngineError {
        refuse(
            "unable to delete \(id.short) (\(force)) - image is being used by "
                + "\(user.isRunning ? "running" : "stopped") container \(user.id.prefix(12))")
    }

    var manyNames: EngineError {
        refuse("unable to delete \(id.short) (must be forced) - image is referenced in multiple repositories")
    }

    private func refuse(_ sentence: String) -> EngineError {
        EngineError(.conflict, .image(name.text), "conflict: \(sentence)")
    }
}
