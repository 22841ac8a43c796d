// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

extension LocalContainers {
    func create(_ request: ContainerRequest) async throws -> CreatedContainer {
        let held = try make(request, status: .created, inputEndsWithFirstClient: true)
        return CreatedContainer(
            id: held.record.id, name: held.record.name, adjustments: held.record.definition.adjustments)
    }

    func run(_ request: ContainerRequest, attaching: AttachRequest?) async throws -> StartedContainer {
        let held = try make(
            request, status: .running, inputEndsWithFirstClient: attaching?.input ?? false)
        return try launch(held.record, attaching: attaching)
    }

    func start(_ name: ContainerName, attaching: AttachRequest?) async throws -> StartedContainer {
        let record = try find(name)
        return try startStopped(record.id, name, attaching: attaching)
    }

    /// Starts a container that does not run; one that does is left alone, and attached to where that was asked.
    func startStopped(_ id: ContainerID, _ name: ContainerName, attaching: AttachRequest?) throws -> StartedContainer {
        guard let lock = try ContainerLock.take(files(id).directory) else {
            if let record = try core.database.read({ try ContainerRecord.find($0, id: id) }) {
                throw EngineError(
                    .system, .container(record.name),
                    "the directory \(files(id).directory) is missing: remove it with rm")
            }
            throw EngineError.noSuchContainer(name)
        }
        return try withExtendedLifetime(lock) {
            guard var record = try core.database.read({ try ContainerRecord.find($0, id: id) }) else {
                throw EngineError.noSuchContainer(name)
            }
            if !record.isSettled {
                if try isSupervised(id) { return try alreadyRunning(record, attaching) }
                guard let over = try conclude(record, nil) else { throw EngineError.noSuchContainer(name) }
                record = over
            }
            try prepareAgain(&record)
            return try launch(record, attaching: attaching)
        }
    }

    private func alreadyRunning(_ record: ContainerRecord, _ attaching: AttachRequest?) throws -> StartedContainer {
        StartedContainer(
            container: CreatedContainer(id: record.id, name: record.name),
            attachment: try attaching.map { try attach(to: record, $0) }, ports: publishedPorts(record))
    }

    /// Takes away what the last run left and writes the container down as running.
    private func prepareAgain(_ record: inout ContainerRecord) throws {
        try StartStep.writeRow.begin()
        let files = files(record.id)
        unlink(files.places.exitRecord)
        if record.definition.request.removesItself { VolatileMark.remove(files) }
        record.status = .running
        record.isSettled = false
        record.state.startedAt = Clocks.wall
        record.state.bootID = Self.bootID
        record.state.isRestarting = false
        let running = record
        try core.database.write(.process) { try running.update($0) }
    }
}
