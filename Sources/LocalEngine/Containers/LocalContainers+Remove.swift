// SPDX-License-Identifier: Apache-2.0

import Engine
import Linux

extension LocalContainers {
    func remove(_ name: ContainerName, force: Bool, volumes: Bool) async throws {
        let record = try find(name)
        if !record.isSettled {
            guard force else {
                throw EngineError(
                    .conflict, .container(name.text),
                    "cannot remove container \"/\(record.name)\": container is running: "
                        + "stop the container before removing or force remove")
            }
            try await onOwnThread { cancelled in try end(record, .kill, .zero, cancelled) }
        }
        guard try delete(record.id) || (force && record.definition.request.removesItself) else {
            throw EngineError.noSuchContainer(name)
        }
    }

    /// Deletes the row, then the files.
    ///
    /// - Returns: false when somebody else did, or when it was started meanwhile.
    private func delete(_ id: ContainerID) throws -> Bool {
        let files = files(id)
        try RemoveStep.lockDirectory.begin()
        let lock = try ContainerLock.take(files.directory)
        return try withExtendedLifetime(lock) {
            let record = try core.database.read { try ContainerRecord.find($0, id: id) }
            guard let record else { return false }
            if !record.isSettled, try isSupervised(id) {
                throw EngineError(
                    .conflict, .container(record.name),
                    "cannot remove container \"/\(record.name)\": container is running: "
                        + "stop the container before removing or force remove")
            }
            try RemoveStep.deleteRow.begin()
            try core.database.write(durability(record)) { try ContainerRecord.delete($0, id: id) }
            try RemoveStep.removeDirectory.begin()
            try TreeRemoval.remove(files.directory)
            events.append(.container("destroy", record))
            return true
        }
    }

    func prune(_ filters: [Filter]) async throws -> PruneReport {
        let filter = try PruneFilter(filters)
        var report = PruneReport(removed: [], reclaimed: ByteCount(0))
        for row in try core.database.read({ try ContainerRecord.all($0) }) {
            try Task.checkCancellation()
            guard let record = try settled(row), record.isSettled, filter.passes(record) else { continue }
            let size = DiskUsage.bytes(below: files(record.id).directory)
            // Started or removed by somebody else meanwhile: not ours to take.
            do {
                guard try delete(record.id) else { continue }
            } catch let error as EngineError where error.code == .conflict {
                continue
            }
            report.removed.append(record.id.text)
            report.reclaimed = ByteCount(report.reclaimed.bytes + size)
        }
        return report
    }
}

/// The filters of `container prune`.
struct PruneFilter {
    private var untils: [Int64] = []
    private var labels: [(name: Substring, value: Substring?, isWanted: Bool)] = []

    /// - Throws: `.invalid` for a key that Docker refuses too, or a time that cannot be read.
    init(_ filters: [Filter]) throws(EngineError) {
        for filter in filters {
            switch filter.key {
            case "until": untils.append(try Self.moment(filter.value))
            case "label", "label!":
                let (name, value) = filter.value[...].cut(atFirst: "=")
                labels.append((name, value, filter.key == "label"))
            default: throw EngineError(.invalid, .engine, "invalid filter '\(filter.key)'")
            }
        }
    }

    func passes(_ record: ContainerRecord) -> Bool {
        untils.allSatisfy { record.created < $0 }
            && labels.allSatisfy { label in
                let value = record.definition.labels[String(label.name)]
                let has = value.map { present in label.value.map { $0 == present } ?? true } ?? false
                return has == label.isWanted
            }
    }

    private static func moment(_ text: String) throws(EngineError) -> Int64 {
        if let age = Duration(goText: text) { return Clocks.wall - age.nanoseconds }
        do {
            return try Timestamp(parsing: text) { Machine.zoneOffset(at: $0) }.nanoseconds
        } catch {
            throw EngineError(.invalid, .engine, "invalid filter 'until=\(text)'", cause: error)
        }
    }
}

extension Duration {
    /// Reads Go's form: `10m`, `1h30m`, `1.5s`.
    init?(goText text: String) {
        let units: [Substring: Double] = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600]
        var rest = text[...]
        var seconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = units[unit], number * factor < 1e9 else { return nil }
            seconds += number * factor
        }
        self = .seconds(seconds)
    }
}
