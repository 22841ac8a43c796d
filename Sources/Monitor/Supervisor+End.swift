// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Supervisor {
    /// How long a client that is not patient may take for what it was sent before the end.
    private static let lastPatience: Int64 = 5_000

    /// Goes towards the end as far as it can: the program is dead **and** all its output is out.
    func proceedToEnd() {
        guard !isOver, let ending else { return }
        for output in outputs { pump(output) }
        // More is left than one round takes, or a patient client has to catch up: the loop comes back.
        guard outputs.isEmpty else { return }
        isOver = true
        let finishedAt = Clocks.wall
        let ranOutOfMemory = description.kind == .container && group.outOfMemoryKills > 0
        stopServing()
        // A group that stays is removed by whoever settles.
        if MonitorStep.removeCgroup.isToSucceed(description), description.kind == .container { removeGroup() }
        var record = ExitRecord()
        switch ending {
        case .exited(let status): record.ending = .exited(status)
        case .signaled(let signal): record.ending = .signaled(signal)
        }
        record.ranOutOfMemory = ranOutOfMemory
        record.startedAt = startedAt
        record.finishedAt = finishedAt
        if MonitorStep.writeExitRecord.isToSucceed(description) {
            // Where it cannot be written (a full disk), the next command sees that the lock is free, and knows no status.
            try? record.write(to: places)
        }
        tellClients(record)
    }

    private func tellClients(_ record: ExitRecord) {
        guard MonitorStep.tellClients.isToSucceed(description) else {
            // Whoever is not told meets the exit record.
            for client in clients.values { client.close() }
            return
        }
        for client in clients.values where client.hello != nil { client.finish(with: .exit(record)) }
        loop.after(milliseconds: Self.lastPatience) { [unowned self] in
            for client in clients.values where client.hello?.isPatient != true { client.close() }
        }
    }

    /// Takes no more clients, no more input, and frees the published ports before anybody hears of the end.
    private func stopServing() {
        input?.end()
        if let ports { loop.forget(ports.descriptor) }
        ports = nil
        terminal = nil
        if let listener { loop.forget(listener.descriptor.number) }
        listener = nil
        for client in clients.values where client.hello == nil { client.close() }
    }

    /// The group of a container with its own pid namespace is empty by now; what shares the host's is killed here.
    private func removeGroup() {
        do throws(SystemError) {
            try group.remove()
        } catch {
            // Whoever still lives in it is met by the removal's failure.
            try? group.killAll()
            // A group that cannot be removed even so is empty at best and found by `system check`.
            try? group.remove()
        }
    }
}

extension ExitRecord {
    /// Writes the record beside its place and renames it into it, so that nobody reads half of it.
    func write(to places: MonitorPlaces) throws(SystemError) {
        let draft = "\(places.exitRecord).new"
        let file = try Descriptor(opening: draft, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.writeAll(encoded)
        try attempt("rename \(draft)") { rename(draft, places.exitRecord) }
    }
}
