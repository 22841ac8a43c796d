// SPDX-License-Identifier: Apache-2.0
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

/// Text as Go prints it.
enum GoText {
    /// strconv.Quote: in double quotes, with what cannot be printed escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\\x" + hex(scalar.value, 2)
            case _ where Self.isUnprintable(scalar): result += "\\u" + hex(scalar.value, 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func hex(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
