// SPDX-License-Identifier: Apache-2.0

import Engine

/// The filters of `ps`, read: a container passes when for each key one of its values lets it through (labels: all).
struct ContainerFilter {
    private var values: [String: [String]] = [:]

    private static let keys: Set<String> = [
        "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name", "network",
        "publish", "since", "status", "volume",
    ]

    /// - Throws: `.invalid` for a key or a value that Docker refuses too.
    init(_ filters: [Filter]) throws(EngineError) {
        for filter in filters {
            guard Self.keys.contains(filter.key) else {
                throw EngineError(.invalid, .engine, "invalid filter '\(filter.key)'")
            }
            try Self.check(filter)
            values[filter.key, default: []].append(filter.value)
        }
    }

    private static func check(_ filter: Filter) throws(EngineError) {
        func refuse() -> EngineError {
            EngineError(.invalid, .engine, "invalid filter '\(filter.key)=\(filter.value)'")
        }
        switch filter.key {
        case "status":
            guard ContainerState.Status(rawValue: filter.value) != nil else { throw refuse() }
        case "exited":
            guard Int32(filter.value) != nil else { throw refuse() }
        case "health":
            guard ["starting", "healthy", "unhealthy", "none"].contains(filter.value) else { throw refuse() }
        case "is-task":
            guard ["true", "false", "1", "0"].contains(filter.value.lowercased()) else { throw refuse() }
        case "publish", "expose":
            guard portRange(filter.value) != nil else { throw refuse() }
        default: break
        }
    }

    /// Whether containers that do not run are asked for: then `-a` goes without saying.
    var namesState: Bool { values["status"] != nil || values["exited"] != nil }

    /// Moments between which a container must have been made.
    struct Neighbours {
        var before: [Int64] = []
        var since: [Int64] = []
    }

    /// Looks up the containers that `before` and `since` name.
    func resolve(_ find: (ContainerName) throws -> ContainerRecord) throws -> Neighbours {
        var neighbours = Neighbours()
        for name in values["before"] ?? [] { neighbours.before.append(try find(ContainerName(name)).created) }
        for name in values["since"] ?? [] { neighbours.since.append(try find(ContainerName(name)).created) }
        return neighbours
    }

    func passes(
        _ record: ContainerRecord, _ summary: ContainerSummary, _ neighbours: Neighbours, _ images: any ImageSource
    ) throws -> Bool {
        guard neighbours.before.allSatisfy({ record.created < $0 }),
            neighbours.since.allSatisfy({ record.created > $0 })
        else { return false }
        for (key, wanted) in values {
            let passes =
                switch key {
                case "label": wanted.allSatisfy { Self.hasLabel(summary.labels, $0) }
                case "ancestor": try wanted.contains { try isAncestor($0, record, images) }
                default: wanted.contains { Self.passes(key, $0, record, summary) }
                }
            if !passes { return false }
        }
        return true
    }

    private static func passes(
        _ key: String, _ value: String, _ record: ContainerRecord, _ summary: ContainerSummary
    ) -> Bool {
        switch key {
        case "id": summary.id.text.hasPrefix(value)
        case "name": NamePattern(value).matches(summary.name)
        case "status": summary.state.status.rawValue == value
        case "exited":
            (summary.state.status == .exited || summary.state.status == .dead)
                && summary.state.exitCode == Int32(value)
        case "network": summary.networks.contains(value) || summary.networks.contains("bridge") && value == "default"
        case "volume": record.definition.request.binds.contains { $0.source == value || $0.target == value }
        case "publish": summary.ports.contains { $0.mapping.hostPort != nil && Self.covers(value, $0.mapping) }
        case "expose": Self.isExposed(value, record)
        case "health": (summary.health ?? "none") == value
        case "is-task": ["false", "0"].contains(value.lowercased())
        // `before` and `since` were looked at above; `isolation` is Windows's, and `default` here.
        default: key != "isolation" || value == "default"
        }
    }

    private static func hasLabel(_ labels: [String: String], _ wanted: String) -> Bool {
        let (name, value) = wanted[...].cut(atFirst: "=")
        let held = labels[String(name)]
        return value.map { held == String($0) } ?? (held != nil)
    }

    private func isAncestor(_ name: String, _ record: ContainerRecord, _ images: any ImageSource) throws -> Bool {
        if let id = try images.id(of: ImageName(name)) { return id.text == record.definition.imageID }
        return false
    }

    /// `80`, `80/tcp`, `8000-8010/udp`: as Docker reads it, without a transport tcp.
    private static func portRange(_ text: String) -> (ClosedRange<UInt16>, String)? {
        let parts = text.split(separator: "/", maxSplits: 1)
        let bounds = (parts.first ?? "").split(separator: "-", maxSplits: 1).compactMap { UInt16($0) }
        guard let lower = bounds.first, let upper = bounds.last, lower <= upper else { return nil }
        return (lower...upper, parts.count > 1 ? parts[1].lowercased() : "tcp")
    }

    private static func covers(_ value: String, _ mapping: PortMapping) -> Bool {
        guard let (range, transport) = portRange(value), let port = mapping.hostPort else { return false }
        return range.contains(port.number) && transport == mapping.transport.rawValue
    }

    private static func isExposed(_ value: String, _ record: ContainerRecord) -> Bool {
        guard let (range, transport) = portRange(value) else { return false }
        return record.definition.exposedPorts.contains { port in
            let parts = port.split(separator: "/")
            return parts.first.flatMap { UInt16($0) }.map(range.contains) ?? false && parts.last ?? "" == transport
        }
    }
}

/// The `name` filter: Docker takes a regular expression there; what people write is a part of the name, or one with `^` and
/// `$` at its ends, and that is what is read.
struct NamePattern {
    private let text: Substring
    private let isAnchoredAtStart: Bool
    private let isAnchoredAtEnd: Bool

    init(_ value: String) {
        isAnchoredAtStart = value.hasPrefix("^")
        isAnchoredAtEnd = value.hasSuffix("$")
        var text = value.dropFirst(isAnchoredAtStart ? 1 : 0).dropLast(isAnchoredAtEnd ? 1 : 0)
        // Docker's own names begin with a slash, and scripts say so: `^/web$`.
        if text.hasPrefix("/") { text = text.dropFirst() }
        self.text = text
    }

    func matches(_ name: String) -> Bool {
        switch (isAnchoredAtStart, isAnchoredAtEnd) {
        case (true, true): name == text
        case (true, false): name.hasPrefix(text)
        case (false, true): name.hasSuffix(text)
        case (false, false): text.isEmpty || name.contains(text)
        }
    }
}
