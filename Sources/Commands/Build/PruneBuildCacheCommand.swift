// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `builder prune [OPTIONS]`: forgets finished steps of builds.
struct PruneBuildCacheCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "builder prune", "buildx prune", usage: "[OPTIONS]", summary: Text("Remove build cache", "빌드 캐시를 지웁니다"),
        flags: [.allCache, .cacheFilter, .noQuestion, .reservedSpace],
        absentFlags: "builder= D/debug max-used-space= min-free-space= verbose")

    @Flag(.allCache) var all = false
    @Option(.cacheFilter) var filters: [String] = []
    @Flag(.noQuestion) var force = false
    @Option(.reservedSpace, transform: ByteCount.init(parsing:)) var reserved: ByteCount?

    func run(in session: Session) async throws {
        let unused = try filters.map(Self.unused).max()
        let warning =
            all ? "WARNING! This will remove all build cache." : "WARNING! This will remove all dangling build cache."
        let command = all ? "builder prune -a -f" : "builder prune -f"
        guard try session.confirms(Text(verbatim: warning), isForced: force, command: command) else { return }
        session.print(
            try await session.engine.builds.pruneCache(CachePruning(all: all, keeping: reserved, unusedFor: unused)),
            heading: "Deleted build cache objects:")
    }
}

extension PruneBuildCacheCommand {
    /// `until=24h` or its old spelling `unused-for=24h`.
    private static func unused(_ filter: String) throws(UsageError) -> Duration {
        let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["until", "unused-for"].contains(parts[0]) else {
            throw .refusedBuild("invalid filter '\(filter)': until=DURATION is there, as in until=24h")
        }
        guard let age = Moment.age(parts[1]) else {
            throw .refusedBuild("parsing \"\(parts[0])\" expected a duration (e.g. '24h'): \"\(parts[1])\"")
        }
        return .nanoseconds(age)
    }
}

/// `builder du [OPTIONS]`: lists what the cache holds.
struct ListBuildCacheCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "builder du", "buildx du", usage: "[OPTIONS]", summary: Text("Disk usage", "빌드 캐시가 쓰는 자리를 보여 줍니다"),
        flags: [.format, .noTrunc], absentFlags: "builder= D/debug filter= timeout= verbose")

    @Option(.format) var format: String?
    @Flag(.noTrunc) var noTrunc = false

    func run(in session: Session) async throws {
        let now = Timestamp.now
        let steps = try await session.engine.builds.cachedSteps()
        let rows = steps.map { CachedStepRow(step: $0, isShort: !noTrunc, now: now) }
        try CachedStepRow.view.print(rows, as: .init(format: format), in: session)
        guard format == nil || format == "table", !steps.isEmpty else { return }
        let total = steps.reduce(0) { $0 + $1.size.bytes }
        let shared = steps.reduce(0) { $0 + ($1.isShared ? $1.size.bytes : 0) }
        session.output.line()
        if shared > 0 {
            session.output.line("Shared:       \(ByteCount(shared).decimalText(precision: 4))")
            session.output.line("Private:      \(ByteCount(total - shared).decimalText(precision: 4))")
        }
        // What no build uses just now, whether an image has it too or not: as buildx counts.
        session.output.line("Reclaimable:  \(ByteCount(total).decimalText(precision: 4))")
        session.output.line("Total:        \(ByteCount(total).decimalText(precision: 4))")
    }
}

/// A step of the cache as `builder du` shows it, in Docker's words.
struct CachedStepRow: Sendable {
    let step: CachedStep
    /// Whether ids and instructions are cut short.
    let isShort: Bool
    let now: Timestamp

    /// On one line; cut to 45 columns, as `history` cuts.
    var instruction: String {
        let text = String(step.instruction.map { $0 == "\t" || $0.isNewline ? " " : $0 })
        return isShort ? text.truncated(to: 45) : text
    }

    /// What the cache's list can show: buildx's columns, with the instruction that a step was.
    ///
    /// - SeeAlso: docker/buildx, commands/diskusage.go; docker/cli, cli/command/formatter/buildcache.go.
    static let view = ListView<CachedStepRow>(
        type: "*formatter.buildCacheContext",
        fields: [
            .init("ID", "ID") { $0.isShort ? String($0.step.id.prefix(12)) : $0.step.id },
            .init("Description", "INSTRUCTION", shrinksTo: 16, isVital: true) { $0.instruction },
            .init("Reclaimable", "RECLAIMABLE") { _ in "true" },
            .init("Size", "SIZE") { $0.step.size.decimalText() },
            .init("CreatedSince", "CREATED") { Age.text(from: $0.step.created, to: $0.now) + " ago" },
            .init("LastUsedSince", "LAST ACCESSED") { Age.text(from: $0.step.used, to: $0.now) + " ago" },
            .init("CreatedAt", "CREATED AT") { $0.step.created.listText },
            .init("LastUsedAt", "LAST ACCESSED AT") { $0.step.used.listText },
            .init("Shared", "SHARED") { "\($0.step.isShared)" },
            .init("CacheType", "CACHE TYPE") { _ in "regular" },
        ],
        standard: ["ID", "Description", "Reclaimable", "Size", "LastUsedSince"])
}

extension FlagDeclaration {
    fileprivate static let allCache = FlagDeclaration(
        "all", "a", .none, Text("Remove all unused build cache, not just dangling ones", "쓰지 않는 빌드 캐시를 모두 지웁니다"))
    fileprivate static let cacheFilter = FlagDeclaration(
        "filter", nil, .many("filter"),
        Text("Provide filter values (e.g., \"until=24h\")", "조건에 맞는 것만 지웁니다 (예: \"until=24h\")"))
    fileprivate static let reservedSpace = FlagDeclaration(
        "reserved-space", nil, .one("bytes"),
        Text("Amount of disk space always allowed to keep for cache", "이만큼은 캐시로 남겨 둡니다 (예: 2GB)"),
        olderNames: ["keep-storage"])
}
