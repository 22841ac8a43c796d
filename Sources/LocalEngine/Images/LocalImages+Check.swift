// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import Linux
import OCI

extension LocalImages {
    /// Looks for what a crash can leave of images: half-made and unlisted layers, unlisted blobs, listed layers that are
    /// gone or never reached the disk.
    func check(mend: Bool) throws -> [CheckFinding] {
        do {
            let lock = try lockStore()
            defer { withExtendedLifetime(lock) {} }
            // Their manifests are found below, as blobs that nobody lists.
            if mend { _ = try core.database.write(.machine) { try ImageRecord.removeHidden($0) } }
            let records = try core.database.read { try LayerRecord.all($0) }
            return try checkLayers(records, mend) + checkBlobs(records, mend) + checkRecords(records, mend)
        } catch {
            throw ImageWork.engineError(error)
        }
    }

    private func checkLayers(_ records: [LayerRecord], _ mend: Bool) throws -> [CheckFinding] {
        var findings = try layers.leftovers().map { left in
            if mend { _ = try left.finish() }
            return CheckFinding(kind: .halfMadeFile, subject: left.path, isMended: mend)
        }
        let known = Set(records.map(\.directory))
        for name in try layers.names() where !known.contains(name) {
            if mend { _ = try layers.retire(name)?.finish() }
            findings.append(CheckFinding(kind: .orphanedLayer, subject: layers.path(name), isMended: mend))
        }
        return findings
    }

    private func checkBlobs(_ records: [LayerRecord], _ mend: Bool) throws -> [CheckFinding] {
        let known = try core.database.read { try ImageRecord.manifests($0) }.union(records.map(\.recipe))
        return try blobs.all().filter { !known.contains($0) }.map { digest in
            if mend { try blobs.remove(digest) }
            return CheckFinding(kind: .orphanedBlob, subject: blobs.path(digest), isMended: mend)
        }
    }

    /// A layer is written out by the kernel in its own time. One that was unpacked before the last restart is read once, and
    /// made an archive again: then it is known to be whole.
    private func checkRecords(_ records: [LayerRecord], _ mend: Bool) throws -> [CheckFinding] {
        var findings: [CheckFinding] = []
        var whole: [String] = []
        for record in records {
            let path = layers.path(record.directory)
            let isOld = record.unsyncedBoot.map { $0 != LocalContainers.bootID } ?? false
            if access(path, F_OK) == 0, !isOld { continue }
            if isOld, isWhole(record) {
                whole.append(record.directory)
            } else {
                findings.append(CheckFinding(kind: .missingLayer, subject: path, isMended: false))
            }
        }
        if mend, !whole.isEmpty {
            // Read back, they are in memory for sure; on disk they are after this.
            try Descriptor(opening: layers.directory, O_RDONLY | O_DIRECTORY).syncFileSystem()
            try core.database.write(.machine) { try LayerRecord.markSynced(whole, $0) }
        }
        return findings
    }

    private func isWhole(_ record: LayerRecord) -> Bool {
        do {
            let recipe = try blobs.open(record.recipe)
            let directory = try Descriptor(opening: layers.path(record.directory), O_RDONLY | O_DIRECTORY)
            let sink = CountingHasher()
            try LayerPacker(
                recipe: recipe.number, directory: directory.number, scratchDirectory: layers.directory
            ).write(to: sink)
            return sink.digest == record.diffID
        } catch {
            // Whatever is wrong with it: it is not whole.
            return false
        }
    }
}
