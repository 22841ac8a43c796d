// SPDX-License-Identifier: Apache-2.0

import Engine
import Linux
import MonitorProtocol

/// Containers of this machine.
///
/// What is here works synchronously, on whichever thread calls: each step waits for the disk or for the monitor's answer
/// only. What may wait long (for an end, for output) goes to a thread of its own.
struct LocalContainers: ContainerOperations {
    let core: EngineCore
    let images: any ImageSource
    let networks: LocalNetworks

    var events: EventLog { EventLog(path: core.paths.events) }

    func files(_ id: ContainerID) -> ContainerFiles { ContainerFiles(core.paths, id.text) }

    func cgroup(_ id: ContainerID) -> ContainerCgroup { ContainerCgroup(core.paths, id.text) }

    /// The container that is meant, as it is now: an end that nobody has dealt with yet is dealt with first.
    ///
    /// - Throws: `.notFound`, `.invalid` when several ids begin so.
    func find(_ name: ContainerName) throws -> ContainerRecord {
        let record = try core.database.read { try ContainerRecord.find($0, name) }
        guard let present = try settled(record) else { throw EngineError.noSuchContainer(name) }
        return present
    }

    /// The same container after what its end requires; `nil` when that has removed it.
    func settled(_ record: ContainerRecord) throws -> ContainerRecord? {
        if record.isSettled { return record }
        return try isSupervised(record.id) ? record : settle(record.id)
    }

    /// Whether a monitor lives: it holds its lock for as long as it does.
    func isSupervised(_ id: ContainerID) throws -> Bool { try FileLock.isHeld(files(id).places.lock) }

    /// What the last start reported, while the container runs.
    func started(_ id: ContainerID) -> LaunchReport.Started? {
        // What is half-written is asked of the kernel, as below.
        if let bytes = SmallFile.read(files(id).started), let started = try? LaunchReport.Started(decoding: bytes) {
            return started
        }
        // Whoever started it was killed before this was written, and the monitor lives.
        return cgroup(id).firstProcess
    }

    /// Where the container is in its life.
    func state(_ record: ContainerRecord) -> ContainerState {
        let stored = record.state
        var state = ContainerState(
            status: record.status, exitCode: stored.exitCode, wasOutOfMemory: stored.wasOutOfMemory,
            error: stored.error,
            startedAt: Self.timestamp(stored.startedAt), finishedAt: Self.timestamp(stored.finishedAt))
        guard !record.isSettled else { return state }
        state.status = .running
        state.exitCode = 0
        state.error = ""
        if let started = started(record.id) {
            state.processID = started.pid
            if started.startedAt != 0 { state.startedAt = Timestamp(nanoseconds: started.startedAt) }
        }
        return state
    }

    static func timestamp(_ nanoseconds: Int64) -> Timestamp? {
        nanoseconds == 0 ? nil : Timestamp(nanoseconds: nanoseconds)
    }

    /// Whether containers that remove themselves at their end need no disk: their rows and files may be lost in a power cut.
    func durability(_ record: ContainerRecord) -> EngineDatabase.Durability {
        record.definition.request.removesItself ? .process : .machine
    }
}

extension EngineError {
    /// Names the failed step of the kernel's as Docker's sentence ends.
    init(_ error: SystemError, _ subject: Subject) {
        self.init(.system, subject, "\(error)", cause: error)
    }
}
