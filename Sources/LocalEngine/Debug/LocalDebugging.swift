// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol
import OCI

/// Opens shells in images, containers and failed steps of builds, on this machine.
struct LocalDebugging: DebugOperations {
    let images: LocalImages
    let containers: LocalContainers

    private var paths: EnginePaths { images.core.paths }

    func failedStep() async throws -> FailedStep? {
        guard let record = try images.core.database.read({ try FailedStepRecord.find($0) }) else { return nil }
        return FailedStep(
            step: record.step, place: record.place, reason: record.reason, command: record.command,
            failed: Timestamp(nanoseconds: record.failed))
    }

    func debug(_ target: DebugTarget, _ request: DebugRequest) async throws -> DebugSession {
        let paths = paths
        let tools = try await ImageWork.run { _ in try DebugTools.prepare(paths) }
        switch target {
        case .image(let name): return try run(request, name, on: try images.resolve(name), tools)
        case .failedStep: return try runFailedStep(request, tools)
        case .container(let name):
            let record = try containers.find(name)
            guard record.isSettled else { return try join(record, request, tools) }
            return try runCopy(of: record, request, tools)
        }
    }

    // MARK: A container that runs

    private func join(
        _ record: ContainerRecord, _ request: DebugRequest, _ tools: DebugTools
    ) throws -> DebugSession {
        var program = ExecRequest(command: DebugTools.program(request.command))
        program.environment = [DebugTools.path(record.definition.environment)]
        program.user = request.user ?? "0"
        program.hasTerminal = request.hasTerminal
        program.keepsInputOpen = true
        program.terminalSize = request.terminalSize
        let name = ContainerName(record.name)
        let attach = AttachRequest(input: true, terminalSize: request.terminalSize)
        guard let attachment = try containers.exec(name, program, attaching: attach, mounts: [tools.mount]) else {
            throw EngineError.notRunning(name, id: record.id)
        }
        return DebugSession(container: name, attachment: attachment)
    }

    // MARK: A container of its own

    /// The files of a container that does not run, below an upper directory that is thrown away.
    private func runCopy(
        of record: ContainerRecord, _ request: DebugRequest, _ tools: DebugTools
    ) throws -> DebugSession {
        let definition = record.definition
        var settings = ImageSettings()
        settings.environment = definition.environment
        settings.workingDirectory = definition.workingDirectory
        let image = ResolvedImage(
            id: try ImageID(parsing: definition.imageID), settings: settings,
            layerDirectories: [containers.files(record.id).upper] + definition.lowerDirectories,
            architecture: definition.architecture)
        return try run(request, definition.request.image, on: image, tools)
    }

    private func runFailedStep(_ request: DebugRequest, _ tools: DebugTools) throws -> DebugSession {
        let found = try images.core.database.read { database in
            try FailedStepRecord.find(database).flatMap { record in
                try ImageRecord.ofFailedStep(database).map { base in
                    (record, base, try LayerRecord.of(image: base.id.text, database))
                }
            }
        }
        guard let (record, base, layers) = found else {
            throw EngineError(.notFound, .engine, "no failed step of a build is kept")
        }
        let configuration = try ImageConfiguration(reading: base)
        var request = request
        request.user = request.user ?? configuration.config?.user ?? ""
        let image = ResolvedImage(
            id: base.id, settings: ImageSettings(configuration.config),
            layerDirectories: layers.reversed().map { images.layers.path($0.directory) },
            architecture: configuration.architecture)
        let bind = try DebugTools.write(record, paths)
        return try run(request, ImageName(base.id.short), on: image, tools, binds: [bind])
    }

    private func run(
        _ request: DebugRequest, _ name: ImageName, on image: ResolvedImage, _ tools: DebugTools,
        binds: [BindMount] = []
    ) throws -> DebugSession {
        var image = image
        // An image may have no layer at all.
        if image.layerDirectories.isEmpty { image.layerDirectories = [tools.empty] }
        var wanted = ContainerRequest(image: name)
        wanted.name = ContainerName("debug-\(ContainerID.random().text.prefix(6))")
        wanted.entrypoint = DebugTools.program(request.command)
        wanted.environment = [DebugTools.path(image.settings.environment), "HISTFILE=\(DebugTools.step)/history"]
        wanted.user = request.user ?? "0"
        wanted.hasTerminal = request.hasTerminal
        wanted.terminalSize = request.terminalSize
        wanted.keepsInputOpen = true
        wanted.removesItself = true
        wanted.binds = [tools.bind] + binds
        let held = try containers.make(wanted, status: .running, inputEndsWithFirstClient: true, image: image)
        let attach = AttachRequest(input: true, terminalSize: request.terminalSize)
        let started = try containers.launch(held.record, attaching: attach)
        guard let attachment = started.attachment else {
            throw EngineError(.system, .container(started.container.name), "the shell has no connection")
        }
        return DebugSession(container: ContainerName(started.container.name), attachment: attachment)
    }
}
