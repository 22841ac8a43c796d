// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Engine
import Terminal

/// A container as `ps` shows it, in Docker's words.
struct ContainerRow: Sendable {
    let summary: ContainerSummary
    /// Whether ids and commands are cut short.
    let isShort: Bool
    let now: Timestamp

    var id: String { isShort ? summary.id.short : summary.id.text }

    var image: String { summary.image.isEmpty ? "<no image>" : summary.image }

    /// In Go's quotes, cut to 20 columns.
    var command: String {
        let whole = summary.command.joined(separator: " ")
        return GoText.quoted(isShort ? whole.truncated(to: 20) : whole)
    }

    var runningFor: String { Age.text(from: summary.created, to: now) + " ago" }

    /// `Up 3 minutes`, `Exited (0) 2 hours ago`.
    ///
    /// - SeeAlso: moby, container/state.go, `State.String`.
    var status: String {
        let state = summary.state
        let since = { (moment: Timestamp?) in Age.text(from: moment ?? now, to: now) }
        switch state.status {
        case .running:
            let health = summary.health.map { $0 == "starting" ? " (health: starting)" : " (\($0))" } ?? ""
            return "Up \(since(state.startedAt))\(health)"
        case .paused: return "Up \(since(state.startedAt)) (Paused)"
        case .restarting: return "Restarting (\(state.exitCode)) \(since(state.finishedAt)) ago"
        case .created: return "Created"
        case .removing: return "Removal In Progress"
        case .dead: return "Dead"
        case .exited: return "Exited (\(state.exitCode)) \(since(state.finishedAt)) ago"
        }
    }

    var ports: String { PortsText(summary.ports).text }

    /// `1.2kB (virtual 80MB)`.
    var size: String {
        let own = (summary.ownSize ?? ByteCount(0)).decimalText()
        return summary.rootSize.map { "\(own) (virtual \($0.decimalText()))" } ?? own
    }

    var labels: String {
        summary.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    var mounts: String { summary.mounts.map { isShort ? $0.truncated(to: 15) : $0 }.joined(separator: ",") }
}

extension ContainerRow {
    /// What a list of containers can show, in Docker's names.
    ///
    /// - SeeAlso: docker/cli, cli/command/formatter/container.go.
    static let view = ListView<ContainerRow>(
        type: "*formatter.ContainerContext",
        fields: [
            .init("ID", "CONTAINER ID") { $0.id },
            .init("Image", "IMAGE", shrinksTo: 12) { $0.image },
            .init("Command", "COMMAND", shrinksTo: 10) { $0.command },
            .init("RunningFor", "CREATED") { $0.runningFor },
            .init("Status", "STATUS", shrinksTo: 12, isVital: true) { $0.status },
            .init("Ports", "PORTS", shrinksTo: 12, isVital: true) { $0.ports },
            .init("Names", "NAMES") { $0.summary.name },
            .init("Size", "SIZE") { $0.size },
            .init("CreatedAt", "CREATED AT") { $0.summary.created.listText },
            .init("State", "STATE") { $0.summary.state.status.rawValue },
            .init("Labels", "LABELS") { $0.labels },
            .init("Mounts", "MOUNTS") { $0.mounts },
            .init("LocalVolumes", "LOCAL VOLUMES") { _ in "0" },
            .init("Networks", "NETWORKS") { $0.summary.networks.joined(separator: ",") },
        ],
        standard: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"],
        lookups: [.init("Label") { $0.summary.labels }])
}
