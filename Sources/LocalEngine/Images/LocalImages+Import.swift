// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import OCI

extension LocalImages {
    func importArchive(_ request: ImportRequest, progress: ProgressObserver?) async throws -> ImageID {
        let name = try request.name.map { name in
            let reference = try Self.reference(name)
            guard reference.digest == nil else {
                throw EngineError(.invalid, .image(name.text), "cannot import digest reference")
            }
            return reference.withDefaultTag
        }
        var settings = ImageConfiguration.Settings()
        for change in request.changes { try ConfigurationChange.apply(change, to: &settings) }
        return try await ImageWork.run(progress) { [settings] work in
            let progress = work.progress("", "Importing", total: nil)
            let unpacked = try intake.take { () throws(ArchiveError) in
                FileSource(reading: request.input, interrupt: work.interrupt)
            } progress: {
                progress($0)
            }
            return try store(unpacked, settings, message: request.message, name: name, work)
        }
    }

    private func store(
        _ unpacked: UnpackedDraft, _ settings: ImageConfiguration.Settings, message: String, name: Reference?,
        _ work: ImageWork
    ) throws -> ImageID {
        let diffID = unpacked.digests.diffID
        let created = Timestamp(nanoseconds: Self.now).rfc3339
        var configuration = ImageConfiguration(platform: .current, diffIDs: [diffID])
        configuration.created = created
        configuration.config = settings
        configuration.comment = message.isEmpty ? "Imported from -" : message
        configuration.history = [.init(created: created, createdBy: nil, comment: configuration.comment)]
        let bytes = try ImageDocument.bytes(configuration)
        let image = PlannedImage(
            id: try ImageID(parsing: DigestHasher.digest(of: bytes).description), configuration: bytes,
            decoded: configuration, manifest: nil, names: name.map { [$0] } ?? [],
            layers: [.init(path: "", diffID: diffID, blob: nil, length: nil)])
        while true {
            let assembly = ImageAssembly(self, work, drafts: [unpacked])
            try assembly.stage(image)
            do { try assembly.commit() } catch is ImageAssembly.StoreChanged { continue }
            return image.id
        }
    }
}
