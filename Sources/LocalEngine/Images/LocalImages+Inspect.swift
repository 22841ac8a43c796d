// SPDX-License-Identifier: Apache-2.0

import Engine
import OCI

extension LocalImages {
    func inspect(_ name: ImageName) async throws -> ImageDetails {
        let (record, layerRecords, tags) = try core.database.read { database in
            let record = try database.image(name).record
            return (record, try LayerRecord.of(image: record.id.text, database), try ImageTag.of(record.id, database))
        }
        let configuration = try ImageConfiguration(reading: record)
        var details = ImageDetails(id: record.id)
        details.names = tags.map(\.reference.familiar)
        if let manifest = record.manifest {
            // One for each repository, however many tags it has.
            var seen: Set<String> = []
            details.digests = tags.map { $0.reference.pinned(to: manifest).familiar }.filter {
                seen.insert($0).inserted
            }
        }
        details.created = record.created.map(Timestamp.init)
        details.author = configuration.author ?? ""
        details.architecture = configuration.architecture
        details.variant = configuration.variant ?? ""
        details.operatingSystem = configuration.os
        details.size = ByteCount(record.size)
        details.settings = ImageSettings(configuration.config)
        details.diffIDs = configuration.rootfs.diffIDs.map(\.description)
        details.layerDirectories = layerRecords.reversed().map { layers.path($0.directory) }
        details.comment = configuration.comment ?? configuration.history?.last?.comment ?? ""
        details.lastTagged = tags.map(\.tagged).max().map(Timestamp.init)
        return details
    }

    func history(_ name: ImageName) async throws -> [HistoryEntry] {
        let (record, layerRecords, tags) = try core.database.read { database in
            let record = try database.image(name).record
            return (record, try LayerRecord.of(image: record.id.text, database), try ImageTag.of(record.id, database))
        }
        let configuration = try ImageConfiguration(reading: record)
        var sizes = layerRecords.map(\.size)[...]
        var entries = (configuration.history ?? []).map { step in
            HistoryEntry(
                id: nil, created: Timestamp(rfc3339: step.created), createdBy: step.createdBy ?? "",
                size: ByteCount(step.emptyLayer == true ? 0 : sizes.popFirst() ?? 0), comment: step.comment ?? "",
                tags: [])
        }
        // Some tools write no history, or less than there are layers.
        entries += sizes.map {
            HistoryEntry(id: nil, created: nil, createdBy: "", size: ByteCount($0), comment: "", tags: [])
        }
        guard !entries.isEmpty else { return [] }
        entries[entries.count - 1].id = record.id
        entries[entries.count - 1].tags = tags.map(\.reference.familiar)
        return entries.reversed()
    }
}

extension LocalImages: ImageSource {
    func resolve(_ name: ImageName) throws -> ResolvedImage {
        let (record, layerRecords) = try core.database.read { database in
            let record = try database.image(name).record
            return (record, try LayerRecord.of(image: record.id.text, database))
        }
        let configuration = try ImageConfiguration(reading: record)
        return ResolvedImage(
            id: record.id, settings: ImageSettings(configuration.config),
            layerDirectories: layerRecords.reversed().map { layers.path($0.directory) },
            architecture: configuration.architecture)
    }

    func id(of name: ImageName) throws -> ImageID? {
        do { return try core.database.read { try $0.image(name).record.id } } catch let error as EngineError {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    func size(of id: ImageID) throws -> ByteCount {
        try core.database.read { database in
            guard let record = try ImageRecord.find(id.text, database) else {
                throw EngineError.noSuchImage(ImageName(id.text))
            }
            return ByteCount(record.size)
        }
    }
}

extension ImageSettings {
    init(_ settings: ImageConfiguration.Settings?) {
        self.init()
        guard let settings else { return }
        user = settings.user ?? ""
        exposedPorts = settings.exposedPorts?.keys.sorted() ?? []
        environment = settings.environment ?? []
        // Go does not tell an empty list from none.
        entrypoint = settings.entrypoint.flatMap { $0.isEmpty ? nil : $0 }
        command = settings.command.flatMap { $0.isEmpty ? nil : $0 }
        volumes = settings.volumes?.keys.sorted() ?? []
        workingDirectory = settings.workingDirectory ?? ""
        labels = settings.labels ?? [:]
        stopSignal = settings.stopSignal.flatMap { $0.isEmpty ? nil : $0 }
        shell = settings.shell
    }
}

extension Timestamp {
    /// A moment as images write it; `nil` where there is none or it is none.
    init?(rfc3339 text: String?) {
        // A configuration may hold any text there; the image is none the worse for it.
        guard let text, let moment = try? Timestamp(parsing: text, zoneOffset: { _ in 0 }) else { return nil }
        self = moment
    }
}
