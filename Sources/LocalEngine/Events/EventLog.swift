// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

/// The append-only file of what happened: one write(2) a record, so that records of several processes never mix.
struct EventLog: Sendable {
    /// `DSH_ROOT/events`.
    let path: String

    /// Appends records, each by a write of its own. What cannot be written is left out: no container fails for the want
    /// of a line about it.
    func append(_ records: EventRecord...) {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        for record in records { record.line.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) } }
    }
}

extension EventRecord {
    /// Something that happened to a container; image, name and labels are told with it, as Docker does.
    static func container(_ action: String, _ record: ContainerRecord, _ more: [Attribute] = []) -> EventRecord {
        let labels = record.definition.labels.sorted { $0.key < $1.key }
        let attributes =
            [Attribute(name: "image", value: record.definition.request.image.text)]
            + [Attribute(name: "name", value: record.name)] + more
            + labels.map { Attribute(name: $0.key.filter { $0 != "=" }, value: $0.value) }
        return EventRecord(
            time: Clocks.wall, type: "container", action: action, id: record.id.text, attributes: attributes)
    }
}
