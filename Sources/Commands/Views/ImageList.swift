// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// An image as `images` shows it, in Docker's words.
struct ImageRow: Sendable {
    let summary: ImageSummary
    /// Whether ids are cut short.
    let isShort: Bool
    let now: Timestamp

    var id: String { isShort ? summary.id.short : summary.id.text }
    var createdSince: String { summary.created.map { Age.text(from: $0, to: now) + " ago" } ?? "N/A" }

    /// What an image list can show, in Docker's names.
    ///
    /// - SeeAlso: docker/cli, cli/command/formatter/image.go.
    static let view = ListView<ImageRow>(
        type: "*formatter.imageContext",
        fields: [
            .init("Repository", "REPOSITORY", shrinksTo: 12) { $0.summary.repository ?? "<none>" },
            .init("Tag", "TAG", shrinksTo: 8) { $0.summary.tag ?? "<none>" },
            .init("Digest", "DIGEST", shrinksTo: 16) { $0.summary.digest ?? "<none>" },
            .init("ID", "IMAGE ID") { $0.id },
            .init("CreatedSince", "CREATED") { $0.createdSince },
            .init("Size", "SIZE") { $0.summary.size.decimalText() },
            .init("CreatedAt", "CREATED AT") { $0.summary.created?.listText ?? "N/A" },
            .init("Containers", "CONTAINERS") { "\($0.summary.containers)" },
            .init("SharedSize", "SHARED SIZE") { _ in "N/A" },
            .init("UniqueSize", "UNIQUE SIZE") { _ in "N/A" },
            .init("VirtualSize", "SIZE") { $0.summary.size.decimalText() },
        ],
        standard: ["Repository", "Tag", "ID", "CreatedSince", "Size"])
}

/// A step of an image's making as `history` shows it.
struct HistoryRow: Sendable {
    let entry: HistoryEntry
    /// Whether ids and instructions are cut short.
    let isShort: Bool
    /// Whether times and sizes are in words.
    let isHuman: Bool
    let now: Timestamp

    var id: String { entry.id.map { isShort ? $0.short : $0.text } ?? "<missing>" }
    var createdAt: String { entry.created?.rfc3339 ?? "N/A" }
    var createdSince: String {
        isHuman ? entry.created.map { Age.text(from: $0, to: now) + " ago" } ?? "N/A" : createdAt
    }
    var size: String { isHuman ? entry.size.decimalText() : "\(entry.size.bytes)" }

    /// Tabs become blanks; cut to 45 columns.
    var createdBy: String {
        let text = String(entry.createdBy.map { $0 == "\t" ? " " : $0 })
        return isShort ? text.truncated(to: 45) : text
    }

    /// What a history can show, in Docker's names.
    ///
    /// - SeeAlso: docker/cli, cli/command/image/formatter_history.go.
    static let view = ListView<HistoryRow>(
        type: "*image.historyContext",
        fields: [
            .init("ID", "IMAGE") { $0.id },
            .init("CreatedSince", "CREATED") { $0.createdSince },
            .init("CreatedBy", "CREATED BY", shrinksTo: 16) { $0.createdBy },
            .init("Size", "SIZE") { $0.size },
            .init("Comment", "COMMENT", shrinksTo: 8) { $0.entry.comment },
            .init("CreatedAt", "CREATED AT") { $0.createdAt },
        ],
        standard: ["ID", "CreatedSince", "CreatedBy", "Size", "Comment"])
}
