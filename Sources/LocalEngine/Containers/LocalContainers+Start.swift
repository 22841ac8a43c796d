// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol
import OCI

extension LocalContainers {
    /// Starts a container that is written down as running, while its lock is held.
    ///
    /// - Throws: the failed step in Docker's words; the record then says so, or is gone where it removes itself.
    func launch(_ record: ContainerRecord, attaching: AttachRequest?) throws -> StartedContainer {
        do {
            return try tryLaunching(record, attaching)
        } catch {
            let failure = error as? StartFailure
            let shown = failure.map { Self.failure($0, of: record) } ?? error
            // What cannot be undone now the next command undoes: the row still says that it runs, and no monitor lives. What
            // went wrong first is what a person must read.
            try? abandon(record, code: failure.map { $0.cause == .engine ? 128 : $0.exitCode } ?? 128, "\(shown)")
            throw shown
        }
    }

    private func tryLaunching(_ record: ContainerRecord, _ attaching: AttachRequest?) throws -> StartedContainer {
        let (started, network, client) = try supervise(record, attaching)
        events.append(.container("start", record))
        try StartStep.handOver.begin()
        let adjustments =
            record.definition.adjustments + network.adjustments + started.adjustments.map(Engine.Adjustment.init)
        return StartedContainer(
            container: CreatedContainer(id: record.id, name: record.name, adjustments: adjustments),
            attachment: try client.map { try attachment(try $0.takeOurEnd(), record) }, ports: network.published)
    }

    /// Starts a supervisor for a container whose directory is made: with a row, or without one for a step of a build.
    func supervise(
        _ record: ContainerRecord, _ attaching: AttachRequest?, hosts: [BuildRequest.HostEntry] = []
    ) throws -> (started: LaunchReport.Started, network: PreparedNetwork, client: FirstClient?) {
        let request = record.definition.request
        let files = files(record.id)
        try StartStep.makeRunDirectory.begin()
        try makeRunDirectory(files)
        try StartStep.prepareNetwork.begin()
        let network = try networks.prepare(
            record.id, name: record.name, choice: request.network, ports: request.ports)
        try StartStep.writeFiles.begin()
        var networkFiles = NetworkFiles(
            hostname: record.definition.hostname, choice: request.network, address: network.address)
        if !hosts.isEmpty { networkFiles.add(hosts, gateway: try networks.subnet()?.gateway) }
        try networkFiles.write(to: files)
        try StartStep.makeSources.begin()
        try makeBindSources(request.binds)
        let capabilities = try CapabilitySet(
            adding: request.addedCapabilities, dropping: request.droppedCapabilities, isPrivileged: request.isPrivileged
        )
        let programs = try Programs.find()
        try StartStep.compileSeccomp.begin()
        let plan = LaunchPlan(
            record: record, files: files, cgroup: cgroup(record.id), programs: programs,
            settle: settleCommand(record.id, programs), terminalSize: attaching?.terminalSize, network: network,
            seccomp: request.isPrivileged
                ? [] : try SeccompStore(directory: core.paths.seccompPrograms).program(for: capabilities),
            capabilities: capabilities)
        let description = try plan.description()

        try StartStep.openClient.begin()
        let client = try attaching.map {
            try FirstClient(wantsOutput: $0.output, bringsInput: $0.input && request.keepsInputOpen)
        }
        try StartStep.startMonitor.begin()
        let start = MonitorStart(programs: programs)
        var started = try start(description, client: client?.monitorEnd, ports: network.descriptors)
        started.ports = description.ports
        try StartStep.noteStart.begin()
        try SmallFile.replace(files.started, with: started.encoded)
        return (started, network, client)
    }

    /// Undoes a start that failed and keeps why.
    private func abandon(_ record: ContainerRecord, code: Int32, _ reason: String) throws {
        try UndoStep.clearProcesses.begin()
        // A monitor that was killed on the way leaves its group, and perhaps a program that it cannot take along.
        try clearProcesses(record, isOrphaned: true)
        // Where it lives, it follows its program.
        try awaitMonitor(record.id)
        try UndoStep.releaseNetwork.begin()
        try networks.release(record.id)
        let files = files(record.id)
        try UndoStep.removeRunDirectory.begin()
        try TreeRemoval.remove(files.runDirectory)
        try UndoStep.writeRow.begin()
        if record.definition.request.removesItself {
            try core.database.write(.process) { try ContainerRecord.delete($0, id: record.id) }
            events.append(.container("destroy", record))
            try UndoStep.removeDirectory.begin()
            return try TreeRemoval.remove(files.directory)
        }
        var failed = record
        failed.status = record.state.hasStarted ? .exited : .created
        failed.isSettled = true
        failed.state.exitCode = code
        failed.state.error = reason
        let kept = failed
        try core.database.write(.process) { try kept.update($0) }
    }

    private func makeRunDirectory(_ files: ContainerFiles) throws(EngineError) {
        if mkdir(files.runDirectory, 0o700) == 0 || errno == EEXIST { return }
        try SmallFile.makeDirectory(core.paths.runRoot)
        try SmallFile.makeDirectory(core.paths.runRoot + "/containers")
        try SmallFile.makeDirectory(files.runDirectory)
    }

    /// Docker makes what `-v` names and the host does not have, as directories.
    private func makeBindSources(_ binds: [BindMount]) throws(EngineError) {
        for bind in binds where access(bind.source, F_OK) != 0 {
            var path = ""
            for part in bind.source.split(separator: "/") {
                path += "/" + part
                try SmallFile.makeDirectory(path, mode: 0o755)
            }
        }
    }

    /// `dsh settle ID`, for an end that nobody watches.
    func settleCommand(_ id: ContainerID, _ programs: Programs) -> LaunchDescription.Command {
        LaunchDescription.Command(
            path: programs.shell,
            arguments: ["dsh", "--root", core.paths.root, "--run-root", core.paths.runRoot, "settle", id.text])
    }

    /// The monitor's finding as an error that a person can act on.
    static func failure(_ failure: StartFailure, of record: ContainerRecord) -> EngineError {
        let code: EngineError.Code =
            switch failure.cause {
            case .engine: .system
            case .cannotInvoke: .programNotInvocable
            case .notFound: .programNotFound
            }
        let fault = ProgramFault(failure)
        return EngineError(
            code, fault.map { .program($0) } ?? .container(record.name), failure.message, cause: failure)
    }
}

extension ProgramFault {
    /// `nil` where the failure is none of a program that is there.
    fileprivate init?(_ failure: StartFailure) {
        if !failure.interpreter.isEmpty {
            self = failure.isLoader ? .missingLoader(failure.interpreter) : .missingInterpreter(failure.interpreter)
        } else if failure.number == ENOEXEC {
            let own = Platform.current.architecture
            let isForeign = !failure.processor.isEmpty && failure.processor != own
            self = isForeign ? .otherProcessor(failure.processor, own: own) : .unknownFormat
        } else {
            return nil
        }
    }
}

extension Engine.Adjustment {
    /// The monitor's finding in the contract's terms.
    init(_ found: MonitorProtocol.Adjustment) {
        let (kind, name): (Kind, String) =
            if found.setting.hasPrefix("capability ") {
                (.capability, Capability.fullName(ofNumber: found.setting.dropFirst("capability ".count)))
            } else if ["nofile", "nproc", "core", "memlock", "stack"].contains(found.setting) {
                (.resourceLimit, found.setting)
            } else if ["memory", "memsw", "cpu", "cpuset", "pids", "devices"].contains(found.setting) {
                (.controller, found.setting)
            } else {
                (.other, found.setting)
            }
        self.init(kind: kind, name: name, asked: found.asked, given: found.given)
    }
}

extension NetworkFiles {
    fileprivate func write(to files: ContainerFiles) throws(EngineError) {
        try SmallFile.write(hosts.utf8, to: files.hosts, mode: 0o644)
        try SmallFile.write(hostname.utf8, to: files.hostname, mode: 0o644)
        try SmallFile.write(resolvConf.utf8, to: files.resolvConf, mode: 0o644)
    }
}
