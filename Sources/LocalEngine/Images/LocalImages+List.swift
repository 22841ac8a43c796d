// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import OCI

extension LocalImages {
    func list(_ query: ImageQuery) async throws -> [ImageSummary] {
        let filter = try ImageFilter(query, self)
        let (records, tags, users) = try core.database.read { database in
            (try ImageRecord.all(database), try ImageTag.all(database), try ImageUser.counts(database))
        }
        let tagsOf = Dictionary(grouping: tags, by: \.image)
        return try records.flatMap { record -> [ImageSummary] in
            guard filter.admits(record) else { return [] }
            let labels = try ImageConfiguration(reading: record).config?.labels ?? [:]
            guard filter.admits(labels: labels) else { return [] }
            let names = tagsOf[record.id] ?? []
            func row(_ reference: Reference?) -> ImageSummary {
                ImageSummary(
                    id: record.id, repository: reference?.familiarName, tag: reference?.tag,
                    digest: record.manifest?.description, created: record.created.map(Timestamp.init),
                    size: ByteCount(record.size), labels: labels, containers: users[record.id.text] ?? 0)
            }
            if names.isEmpty { return filter.admitsNameless ? [row(nil)] : [] }
            return names.filter { filter.admits($0.reference) }.map { row($0.reference) }
        }
    }
}

/// Which images `images` and `image prune` mean.
struct ImageFilter: Sendable {
    private var patterns: [[String]] = []
    private var dangling: Bool?
    private var labels: [(key: String, value: String?)] = []
    private var excludedLabels: [(key: String, value: String?)] = []
    private var before: Int64?
    private var since: Int64?
    private var until: Int64?

    /// Reads the filters of a listing; `before` and `since` look their images up.
    ///
    /// - Throws: `.invalid` for a filter that there is not, in Docker's words.
    init(_ query: ImageQuery, _ images: LocalImages) throws {
        if let reference = query.reference { patterns.append([reference]) }
        var references: [String] = []
        for filter in query.filters {
            switch filter.key {
            case "reference": references.append(filter.value)
            case "before": before = try Self.created(filter.value, images)
            case "since": since = try Self.created(filter.value, images)
            case "label": labels.append(Self.label(filter.value))
            case "dangling": dangling = try Self.boolean(filter)
            case "until": until = try Self.moment(filter.value)
            default: throw EngineError(.invalid, .engine, "invalid filter '\(filter.key)'")
            }
        }
        // Any of several references will do.
        if !references.isEmpty { patterns.append(references) }
    }

    /// Reads the filters of a removal of unused images.
    init(pruning filters: [Filter]) throws {
        for filter in filters {
            switch filter.key {
            case "label": labels.append(Self.label(filter.value))
            case "label!": excludedLabels.append(Self.label(filter.value))
            case "until": until = try Self.moment(filter.value)
            case "dangling": dangling = try Self.boolean(filter)
            default: throw EngineError(.invalid, .engine, "invalid filter '\(filter.key)'")
            }
        }
    }

    /// What `dangling` was set to.
    var asksForDangling: Bool? { dangling }

    var admitsNameless: Bool { patterns.isEmpty && dangling != false }

    func admits(_ record: ImageRecord) -> Bool {
        let created = record.created ?? 0
        if let before, created >= before { return false }
        if let since, created <= since { return false }
        if let until, created >= until { return false }
        return true
    }

    func admits(labels present: [String: String]) -> Bool {
        func has(_ label: (key: String, value: String?)) -> Bool {
            guard let value = present[label.key] else { return false }
            return label.value == nil || label.value == value
        }
        return labels.allSatisfy(has) && !excludedLabels.contains(where: has)
    }

    func admits(_ reference: Reference) -> Bool {
        dangling != true && patterns.allSatisfy { $0.contains { Self.matches(reference, $0) } }
    }

    /// As Docker's `reference.FamiliarMatch`: a pattern of the shell's for the whole name, or for the name without its tag.
    private static func matches(_ reference: Reference, _ pattern: String) -> Bool {
        func matches(_ name: String) -> Bool { fnmatch(pattern, name, FNM_PATHNAME) == 0 }
        return matches(reference.familiar) || matches(reference.familiarName)
    }

    private static func label(_ text: String) -> (key: String, value: String?) {
        let (key, value) = text[...].cut(atFirst: "=")
        return (String(key), value.map(String.init))
    }

    private static func boolean(_ filter: Filter) throws(EngineError) -> Bool {
        switch filter.value.lowercased() {
        case "1", "t", "true": return true
        case "0", "f", "false": return false
        default: throw EngineError(.invalid, .engine, "invalid filter '\(filter.key)=\(filter.value)'")
        }
    }

    private static func created(_ name: String, _ images: LocalImages) throws -> Int64 {
        try images.core.database.read { try $0.image(ImageName(name)).record.created ?? 0 }
    }

    /// `10m`, `24h`, or a date.
    private static func moment(_ text: String) throws(EngineError) -> Int64 {
        if let age = Self.age(text) { return LocalImages.now - age }
        guard let moment = Timestamp(rfc3339: text) else {
            throw EngineError(.invalid, .engine, "invalid filter 'until=\(text)'")
        }
        return moment.nanoseconds
    }

    /// Go's durations: numbers with units after one another, `1h30m`.
    static func age(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        var seconds = 0.0
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits), let unit = rest.popFirst().flatMap({ units[$0] }) else { return nil }
            seconds += number * Double(unit)
        }
        return text.isEmpty || seconds > 9e9 ? nil : Int64(seconds * 1e9)
    }
}
