// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

extension LocalContainers {
    /// Does what the end of a container requires: its row, its address and ports, its cgroup, its run directory, and with
    /// `--rm` the container itself. Doing it again does nothing.
    ///
    /// - Parameter ended: how it ended, where the caller was told; otherwise the exit record says so, and where there is
    ///   none although the monitor is gone, the monitor was killed.
    /// - Returns: the container as it is now; `nil` when it is gone.
    @discardableResult
    func settle(_ id: ContainerID, ended: ExitRecord? = nil) throws -> ContainerRecord? {
        try SettleStep.lockDirectory.begin()
        guard let lock = try ContainerLock.take(files(id).directory) else { return try settleWithoutDirectory(id) }
        return try withExtendedLifetime(lock) {
            guard let record = try core.database.read({ try ContainerRecord.find($0, id: id) }) else {
                // Its removal was cut short between the row and the directory.
                try TreeRemoval.remove(files(id).directory)
                return nil
            }
            if record.isSettled { return record }
            if ended == nil, try isSupervised(id) { return record }
            return try conclude(record, ended)
        }
    }

    /// A row whose directory somebody took away: nothing can be started from it.
    private func settleWithoutDirectory(_ id: ContainerID) throws -> ContainerRecord? {
        guard var record = try core.database.read({ try ContainerRecord.find($0, id: id) }) else { return nil }
        if record.isSettled { return record }
        // A removal that is going on right now has deleted the row by the time its directory is gone.
        record.status = .dead
        record.state.error = "the directory \(files(id).directory) is missing"
        record.isSettled = true
        let dead = record
        try core.database.write(.process) { try dead.update($0) }
        return dead
    }

    /// The end itself, while the lock is held and no program of the container runs any more, or its monitor is gone.
    func conclude(_ record: ContainerRecord, _ ended: ExitRecord?) throws -> ContainerRecord? {
        let files = files(record.id)
        let exit = ended ?? readExitRecord(files.places)
        try SettleStep.clearProcesses.begin()
        try clearProcesses(record, isOrphaned: exit == nil)
        try SettleStep.releaseNetwork.begin()
        try networks.release(record.id)
        var over = record
        over.state = finalState(record, exit)
        over.status = over.state.hasStarted ? .exited : .created
        over.isSettled = true
        try SettleStep.removeRunDirectory.begin()
        try TreeRemoval.remove(files.runDirectory)
        try SettleStep.writeRow.begin()
        events.append(
            .container("die", record, [.init(name: "exitCode", value: "\(over.state.exitCode)")]))
        if record.definition.request.removesItself, !record.state.isRestarting {
            try core.database.write(.process) { try ContainerRecord.delete($0, id: record.id) }
            try SettleStep.removeDirectory.begin()
            try TreeRemoval.remove(files.directory)
            events.append(.container("destroy", record))
            return nil
        }
        let kept = over
        try core.database.write(.process) { try kept.update($0) }
        return over
    }

    func readExitRecord(_ places: MonitorPlaces) -> ExitRecord? {
        // Unreadable is as good as missing: the monitor writes it beside its place and renames it.
        SmallFile.read(places.exitRecord).flatMap { try? ExitRecord(decoding: $0) }
    }

    /// No process of the container outlives its monitor, whatever it did to its parent-death signal.
    func clearProcesses(_ record: ContainerRecord, isOrphaned: Bool) throws {
        do throws(SystemError) {
            let group = try cgroup(record.id).group()
            if isOrphaned { try group.killAll() }
            do throws(SystemError) {
                try group.remove()
            } catch  where error.number == EBUSY {
                try group.killAll()
                try group.remove()
            }
        } catch {
            throw EngineError(error, .container(record.name))
        }
    }

    private func finalState(_ record: ContainerRecord, _ exit: ExitRecord?) -> StoredState {
        var state = record.state
        let started = started(record.id)
        state.hasStarted = true
        state.adjustments = started?.adjustments.map(Engine.Adjustment.init) ?? state.adjustments
        if let began = exit?.startedAt ?? started?.startedAt, began != 0 { state.startedAt = began }
        state.error = ""
        if let exit {
            state.exitCode = exit.exitCode
            state.wasOutOfMemory = exit.ranOutOfMemory
            state.finishedAt = exit.finishedAt
            if case .failed(let failure) = exit.ending { state.error = failure.message }
            return state
        }
        state.finishedAt = Clocks.wall
        if record.state.bootID == Self.bootID {
            state.exitCode = 137
            state.error = "the container's supervisor was killed, and everything in the container with it"
        } else {
            // Docker's code for containers that a restart of the machine ended.
            state.exitCode = 255
            state.error = "the machine was restarted while the container ran"
        }
        return state
    }
}
