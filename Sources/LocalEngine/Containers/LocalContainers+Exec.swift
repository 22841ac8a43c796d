// SPDX-License-Identifier: Apache-2.0

import Engine
import Linux
import MonitorProtocol

extension LocalContainers {
    func exec(_ name: ContainerName, _ request: ExecRequest, attaching: AttachRequest?) async throws -> (
        any Attachment
    )? {
        try exec(name, request, attaching: attaching, mounts: [])
    }

    /// - Parameter mounts: what this program alone sees, in a mount namespace of its own.
    func exec(
        _ name: ContainerName, _ request: ExecRequest, attaching: AttachRequest?, mounts: [LaunchDescription.Mount]
    ) throws -> (any Attachment)? {
        let record = try find(name)
        guard !record.isSettled, let started = started(record.id) else {
            throw EngineError.notRunning(name, id: record.id)
        }
        let programs = try Programs.find()
        let files = ExecFiles(core.paths)
        try ExecStep.makeDirectory.begin()
        let lock = try files.make(core.paths)
        // Until the monitor has a lock of its own this one says that somebody is at work here.
        defer { withExtendedLifetime(lock) {} }
        do {
            try ExecStep.describe.begin()
            var description = try describe(request, in: record, started, files, programs, attaching)
            description.mounts = mounts
            try ExecStep.openClient.begin()
            let client = try attaching.map { request in
                try FirstClient(
                    wantsOutput: request.output,
                    bringsInput: request.input && description.process.keepsInputOpen)
            }
            try ExecStep.startMonitor.begin()
            let start = MonitorStart(programs: programs)
            _ = try start(description, client: client?.monitorEnd)
            try ExecStep.handOver.begin()
            let attributes = [EventRecord.Attribute(name: "execID", value: files.id.text)]
            events.append(.container("exec_start: \(request.command.joined(separator: " "))", record, attributes))
            return try client.map { try execAttachment(try $0.takeOurEnd(), record, request, files) }
        } catch {
            // Its supervisor may still be writing there; what is left goes when it settles, or is found by `system check`.
            try? TreeRemoval.remove(files.directory)
            if let failure = error as? StartFailure { throw Self.failure(failure, of: record) }
            throw error
        }
    }

    private func execAttachment(
        _ socket: consuming Descriptor, _ record: ContainerRecord, _ request: ExecRequest, _ files: ExecFiles
    ) throws -> any Attachment {
        try MonitorAttachment(
            socket: socket, hasTerminal: request.hasTerminal,
            settle: { exit in
                try ExecStep.removeDirectory.begin()
                try TreeRemoval.remove(files.directory)
                let code = EventRecord.Attribute(name: "exitCode", value: "\(exit.exitCode)")
                events.append(.container("exec_die", record, [.init(name: "execID", value: files.id.text), code]))
            },
            abandoned: {
                let exit = readExitRecord(files.places)
                try TreeRemoval.remove(files.directory)
                if let exit { return exit }
                throw EngineError(
                    .unreachable, .container(record.name),
                    "the supervisor of the program in container \(record.name) was killed, and the program with it")
            })
    }

    private func describe(
        _ request: ExecRequest, in record: ContainerRecord, _ started: LaunchReport.Started, _ files: ExecFiles,
        _ programs: Programs, _ attaching: AttachRequest?
    ) throws -> LaunchDescription {
        let definition = record.definition
        guard let first = request.command.first, !first.isEmpty else {
            throw EngineError(.invalid, .container(record.name), "No exec command specified")
        }
        let own = try CapabilitySet(
            adding: definition.request.addedCapabilities, dropping: definition.request.droppedCapabilities,
            isPrivileged: definition.request.isPrivileged)
        let capabilities = request.isPrivileged ? CapabilitySet.all : own
        var launch = LaunchDescription()
        launch.kind = .exec
        launch.id = record.id.text
        launch.name = record.name
        launch.directory = files.directory
        launch.runDirectory = files.directory
        launch.target = LaunchDescription.Target(pid: started.pid, startTicks: started.startTicks)
        launch.cgroup = cgroup(record.id).placement
        launch.log.isOn = false
        launch.settle = settleCommand(files.id, programs)
        launch.fault = Fault.current?.text ?? ""
        launch.process.arguments = request.command
        var environment = ProcessEnvironment.make(
            definition.environment, hostname: definition.hostname, hasTerminal: request.hasTerminal)
        ProcessEnvironment.apply(request.environment, to: &environment)
        launch.process.environment = environment
        launch.process.directory = request.workingDirectory ?? definition.workingDirectory
        guard launch.process.directory.hasPrefix("/") else {
            throw EngineError(.programNotInvocable, .container(record.name), "Cwd must be an absolute path")
        }
        launch.process.user = request.user ?? definition.user
        launch.process.hasTerminal = request.hasTerminal
        launch.process.keepsInputOpen = request.keepsInputOpen
        let size = attaching?.terminalSize ?? request.terminalSize ?? TerminalSize(rows: 24, columns: 80)
        launch.process.terminalSize = LaunchDescription.TerminalSize(rows: size.rows, columns: size.columns)
        launch.process.capabilities.bounding = capabilities.bits
        launch.process.capabilities.effective = capabilities.bits
        launch.process.capabilities.permitted = capabilities.bits
        launch.process.limits = Confinement.processLimits
        launch.protection.isPrivileged = definition.request.isPrivileged
        if !definition.request.isPrivileged {
            launch.protection.seccomp =
                try SeccompStore(directory: core.paths.seccompPrograms).program(for: own)
        }
        return launch
    }
}

/// Where the monitor of one more program works: `DSH_RUN/execs/ID`, gone when the program has ended.
struct ExecFiles: Hashable, Sendable {
    let id: ContainerID
    let directory: String

    /// A new one.
    init(_ paths: EnginePaths) { self.init(paths, ContainerID.random()) }

    var places: MonitorPlaces { MonitorPlaces(directory: directory, runDirectory: directory) }

    init(_ paths: EnginePaths, _ id: ContainerID) {
        self.id = id
        directory = paths.runRoot + "/execs/" + id.text
    }

    func make(_ paths: EnginePaths) throws(EngineError) -> ContainerLock {
        try SmallFile.makeDirectory(paths.runRoot + "/execs")
        return try ContainerLock.make(directory)
    }
}
