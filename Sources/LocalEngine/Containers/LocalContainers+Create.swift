// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

extension LocalContainers {
    /// Makes the container's directory, then its row.
    ///
    /// - Parameters:
    ///   - status: `.running` when it is to be started at once, so that one transaction does for both.
    ///   - image: what it stands on; `nil` finds the image by the request's name.
    /// - Returns: the record, and the right to change it.
    func make(
        _ request: ContainerRequest, status: ContainerState.Status, inputEndsWithFirstClient: Bool,
        image: ResolvedImage? = nil
    ) throws -> HeldContainer {
        try MakeStep.resolveImage.begin()
        let image = try image ?? images.resolve(request.image)
        let id = ContainerID.random()
        var definition = try ContainerDefinition(request, id: id, image: image)
        definition.inputEndsWithFirstClient = inputEndsWithFirstClient
        let files = files(id)
        try MakeStep.makeDirectory.begin()
        let lock = try ContainerLock.make(files.directory)
        do {
            try MakeStep.makeLayer.begin()
            try makeLayer(files, below: image.layerDirectories)
            try MakeStep.insertRow.begin()
            let record = try insert(id, definition, status)
            events.append(.container("create", record))
            return HeldContainer(record: record, lock: lock)
        } catch {
            // Whatever is left is found by `system check`.
            try? TreeRemoval.remove(files.directory)
            throw error
        }
    }

    /// Writes the row, under the name that was asked for or one of two words that nobody has.
    private func insert(
        _ id: ContainerID, _ definition: ContainerDefinition, _ status: ContainerState.Status
    ) throws -> ContainerRecord {
        var state = StoredState()
        if status == .running {
            state.startedAt = Clocks.wall
            state.bootID = Self.bootID
        }
        var record = ContainerRecord(
            id: id, name: definition.request.name?.text ?? "", created: Clocks.wall, status: status,
            isSettled: status != .running, definition: definition, state: state)
        return try core.database.write(durability(record)) { database in
            var attempt = 0
            while definition.request.name == nil {
                record.name = TwoWordNames.random(attempt: attempt)
                if try ContainerRecord.holder(database, ofName: record.name) == nil { break }
                attempt += 1
            }
            try record.insert(database)
            return record
        }
    }

    /// The upper directory stands for the container's `/`: it has the owner and the bits of the topmost layer's.
    func makeLayer(_ files: ContainerFiles, below layers: [String]) throws(EngineError) {
        var root = stat()
        let isKnown = layers.first.map { stat($0, &root) == 0 } ?? false
        try SmallFile.makeDirectory(files.upper)
        try SmallFile.makeDirectory(files.work)
        guard chmod(files.upper, isKnown ? root.st_mode & 0o7777 : 0o755) == 0 else {
            throw .failed("chmod \(files.upper)", .path(files.upper))
        }
        if isKnown, root.st_uid != 0 || root.st_gid != 0, chown(files.upper, root.st_uid, root.st_gid) != 0 {
            throw .failed("chown \(files.upper)", .path(files.upper))
        }
    }

    /// The boot id is read once: it cannot change while this process lives.
    static let bootID = (try? Clocks.bootID()) ?? ""
}

/// A container together with the right to change it.
struct HeldContainer: ~Copyable {
    var record: ContainerRecord
    let lock: ContainerLock
}
