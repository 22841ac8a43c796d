// SPDX-License-Identifier: Apache-2.0

import Content
import Engine
import OCI

extension LocalImages {
    func remove(_ name: ImageName, force: Bool, prune: Bool) async throws -> [ImageRemoval] {
        try await ImageWork.run { _ in
            let (removals, _) = try removing { removal in
                let found = try removal.database.image(name)
                try removal.remove(found, name, force: force)
                if prune { try removal.removeUnusedLayers() }
            }
            return removals
        }
    }

    func prune(all: Bool, _ filters: [Filter]) async throws -> PruneReport {
        let filter = try ImageFilter(pruning: filters)
        return try await ImageWork.run { _ in
            let (removals, reclaimed) = try removing { removal in
                let withNames = filter.asksForDangling.map { !$0 } ?? all
                for record in try ImageRecord.all(removal.database) where filter.admits(record) {
                    let labels = try ImageConfiguration(reading: record).config?.labels ?? [:]
                    guard filter.admits(labels: labels), try ImageUser.of(record.id, removal.database).isEmpty,
                        try withNames || ImageTag.of(record.id, removal.database).isEmpty
                    else { continue }
                    try removal.delete(record, hiding: false)
                }
                try removal.removeUnusedLayers()
            }
            return PruneReport(removed: removals.map(Self.pruneLine), reclaimed: ByteCount(reclaimed))
        }
    }

    private static func pruneLine(_ removal: ImageRemoval) -> String {
        switch removal {
        case .untagged(let name): "untagged: \(name)"
        case .deleted(let digest): "deleted: \(digest)"
        }
    }

    /// Removes rows in one transaction, then the files that belonged to them.
    ///
    /// - Returns: what was removed, and the bytes of disk that this gave back.
    func removing(_ body: (inout ImageRemovalTransaction) throws -> Void) throws -> ([ImageRemoval], Int64) {
        var reclaimed: Int64 = 0
        let lock = try lockStore()
        let (removals, unused) = try core.database.write(.machine) { database in
            var removal = ImageRemovalTransaction(database: database)
            removal.removals.manifests = try ImageRecord.removeHidden(database)
            try body(&removal)
            return (removal.removals, removal.unused)
        }
        let retired = try unused.compactMap { try layers.retire($0.directory) }
        let (recipes, manifests) = try core.database.read { database in
            (try Set(LayerRecord.all(database).map(\.recipe)), try ImageRecord.manifests(database))
        }
        for layer in unused where !recipes.contains(layer.recipe) { reclaimed += try blobs.remove(layer.recipe) }
        for digest in Set(removals.manifests) where !manifests.contains(digest) {
            reclaimed += try blobs.remove(digest)
        }
        _ = consume lock
        for layer in retired { reclaimed += try layer.finish() }
        return (removals.lines, reclaimed)
    }
}
