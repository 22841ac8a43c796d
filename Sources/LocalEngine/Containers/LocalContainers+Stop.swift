// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

extension LocalContainers {
    func stop(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws {
        let record = try find(name)
        if record.isSettled { return }
        try await onOwnThread { cancelled in try end(record, signal, grace, cancelled) }
    }

    func restart(_ name: ContainerName, signal: Signal?, grace: Duration?) async throws {
        var record = try find(name)
        if !record.isSettled {
            // Written down first: whoever settles the end meanwhile must not remove a `--rm` container.
            record.state.isRestarting = true
            let marked = record
            try core.database.write(.process) { try marked.update($0) }
            try await onOwnThread { cancelled in try end(marked, signal, grace, cancelled) }
        }
        _ = try startStopped(record.id, name, attaching: nil)
    }

    /// Signal, wait, kill, settle.
    func end(_ record: ContainerRecord, _ signal: Signal?, _ grace: Duration?, _ cancelled: CInt) throws {
        let grace = grace ?? record.definition.stopTimeout
        do {
            try StopStep.connect.begin()
            guard var link = try MonitorLink.connect(files(record.id), settles: true) else {
                try settleAbandoned(record.id)
                return
            }
            if grace != .zero {
                try StopStep.sendSignal.begin()
                try link.send(signal ?? record.definition.stopSignal)
                try StopStep.awaitEnd.begin()
                let deadline = grace < .zero ? nil : Clocks.steady + grace.nanoseconds
                let outcome = try link.waitForEnd(until: deadline, cancelled: cancelled)
                if try finish(record.id, outcome) { return }
            }
            try StopStep.sendKill.begin()
            try link.send(.kill)
            _ = try finish(record.id, link.waitForEnd(until: nil, cancelled: cancelled))
        } catch let error as SystemError {
            throw EngineError(
                .system, .container(record.name), "cannot stop container: \(record.name): \(error)", cause: error)
        }
    }

    /// Settles an end that was heard of; false when there was none yet.
    private func finish(_ id: ContainerID, _ outcome: MonitorLink.Outcome) throws -> Bool {
        switch outcome {
        case .ended(let record): try settle(id, ended: record)
        case .abandoned: try settleAbandoned(id)
        case .timedOut: return false
        }
        return true
    }

    /// Settles a container whose monitor closes its connections, or listens no more, without a last word: it is on its way
    /// out, and holds its lock until it is.
    ///
    /// - Returns: how the container ended, where the monitor had time to write that down.
    @discardableResult
    func settleAbandoned(_ id: ContainerID) throws -> ExitRecord? {
        try awaitMonitor(id)
        let exit = readExitRecord(files(id).places)
        try settle(id, ended: exit)
        return exit
    }

    /// Returns when no monitor of the container lives.
    func awaitMonitor(_ id: ContainerID) throws {
        let lock = files(id).places.lock
        if access(lock, F_OK) == 0 { _ = try FileLock.wait(lock) }
    }

    func kill(_ name: ContainerName, signal: Signal) async throws {
        let record = try find(name)
        func refuse() -> EngineError {
            EngineError(
                .conflict, .container(name.text),
                "cannot kill container: \(name): container \(record.id) is not running")
        }
        if record.isSettled { throw refuse() }
        if signal == .kill {
            return try await onOwnThread { cancelled in try end(record, .kill, .zero, cancelled) }
        }
        guard let link = try MonitorLink.connect(files(record.id), settles: false) else {
            try settleAbandoned(record.id)
            throw refuse()
        }
        try link.send(signal)
        link.leave()
        events.append(.container("kill", record, [.init(name: "signal", value: "\(signal.number)")]))
    }

    func wait(_ name: ContainerName) async throws -> Int32 {
        let record = try find(name)
        if record.isSettled { return record.state.exitCode }
        return try await onOwnThread { cancelled in
            guard var link = try MonitorLink.connect(files(record.id), settles: true) else {
                try settleAbandoned(record.id)
                return try exitCode(of: record)
            }
            guard case .ended(let exit) = try link.waitForEnd(until: nil, cancelled: cancelled) else {
                try settleAbandoned(record.id)
                return try exitCode(of: record)
            }
            try settle(record.id, ended: exit)
            return exit.exitCode
        }
    }

    private func exitCode(of record: ContainerRecord) throws -> Int32 {
        try core.database.read { try ContainerRecord.find($0, id: record.id) }?.state.exitCode ?? 137
    }

    func ignoresSignal(_ name: ContainerName, signal: Signal?) async throws -> IgnoredSignal? {
        let record = try find(name)
        let signal = signal ?? record.definition.stopSignal
        // SIGKILL and SIGSTOP cannot be ignored; docker-init passes everything on.
        guard !record.isSettled, signal != .kill, signal.number != SIGSTOP, !record.definition.request.usesInit,
            let pid = started(record.id)?.pid, let status = SmallFile.text("/proc/\(pid)/status")
        else { return nil }
        for line in status.split(separator: "\n") where line.hasPrefix("SigCgt:") {
            guard let mask = UInt64(line.dropFirst(7).filter { $0 != "\t" && $0 != " " }, radix: 16) else { return nil }
            if mask & (1 << UInt64(signal.number - 1)) != 0 { return nil }
        }
        return IgnoredSignal(signal: signal, program: record.definition.program.first ?? "")
    }
}

extension Duration {
    /// Whole nanoseconds, at most three hundred years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(seconds, 9_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
