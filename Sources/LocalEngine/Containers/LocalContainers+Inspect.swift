// SPDX-License-Identifier: Apache-2.0

import Engine
import Linux
import MonitorProtocol

extension LocalContainers {
    func inspect(_ name: ContainerName) async throws -> ContainerDetails {
        let record = try find(name)
        var imageNames = ImageNames(images)
        let definition = record.definition
        let files = files(record.id)
        var details = ContainerDetails(summary: try summary(record, &imageNames), request: definition.request)
        details.program = definition.program
        details.environment = definition.environment
        details.workingDirectory = definition.workingDirectory
        details.user = definition.user
        details.hostname = definition.hostname
        details.entrypoint = definition.entrypoint
        details.command = definition.command
        details.exposedPorts = definition.exposedPorts
        details.stopSignal = definition.stopSignal
        details.networks = try attachments(record)
        details.logPath = files.log
        details.upperDirectory = files.upper
        details.lowerDirectories = definition.lowerDirectories
        details.hostnamePath = files.hostname
        details.hostsPath = files.hosts
        details.resolvConfPath = files.resolvConf
        details.adjustments = adjustments(record)
        details.platform = "linux"
        details.restartCount = Int(record.state.restartCount)
        return details
    }

    private func attachments(_ record: ContainerRecord) throws -> [NetworkAttachment] {
        let present = record.isSettled ? [] : try networks.attachments(of: record.id)
        if !present.isEmpty { return present }
        let name = record.definition.request.network.name
        return [NetworkAttachment(network: name, address: nil, prefixLength: 0, gateway: nil, hardwareAddress: "")]
    }

    private func adjustments(_ record: ContainerRecord) -> [Engine.Adjustment] {
        guard !record.isSettled, let started = started(record.id) else { return record.state.adjustments }
        return started.adjustments.map(Engine.Adjustment.init)
    }

    func rename(_ name: ContainerName, to newName: ContainerName) async throws {
        var record = try find(name)
        let old = record.name
        guard newName.isValidForNew else {
            throw EngineError(
                .invalid, .container(newName.text),
                "Invalid container name (\(newName)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
        }
        if old == newName.text {
            throw EngineError(
                .invalid, .container(newName.text), "Renaming a container with the same name as its current name")
        }
        record.name = newName.text
        let renamed = record
        try core.database.write(durability(record)) { database in
            guard let present = try ContainerRecord.find(database, id: renamed.id) else {
                throw EngineError.noSuchContainer(name)
            }
            if let holder = try ContainerRecord.holder(database, ofName: renamed.name) {
                throw EngineError.nameInUse(renamed.name, by: holder)
            }
            // Only the name: its state may have changed since it was read.
            var changed = present
            changed.name = renamed.name
            try changed.update(database)
        }
        events.append(.container("rename", renamed, [.init(name: "oldName", value: "/" + old)]))
    }

    func logs(_ name: ContainerName, _ request: LogsRequest, to sink: any LogSink) async throws {
        let record = try find(name)
        let path = files(record.id).log
        try await onOwnThread { cancelled in
            guard var reader = try LogReader(path: path, request: request, sink: sink) else { return }
            try reader.read(isRunning: { try isSupervised(record.id) }, cancelled: cancelled)
        }
    }
}
