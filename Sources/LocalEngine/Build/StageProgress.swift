// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

/// A step as the next build of the same Dockerfile finds it.
struct RememberedStep: Hashable, Sendable, Transferable {
    /// The instruction as it is written.
    var words = ""
    /// What stands for all that its layer depends on; for FROM the layers of its base. Empty where there is none.
    var key = ""
    /// `NAME=value` that its command saw.
    var environment: [String] = []
    /// What else its layer depends on: names and values by turns.
    var settings: [String] = []

    mutating func transfer(through wire: inout Wire) {
        wire.carry(&words)
        wire.carry(&key)
        wire.carry(&environment)
        wire.carry(&settings)
    }

    /// What differs from how the former step saw the world; `nil` where nothing does.
    func difference(from former: RememberedStep) -> CacheReason? {
        let (before, now) = (Self.values(former.environment), Self.values(environment))
        let names = environment.map(Self.name) + former.environment.map(Self.name)
        if let name = names.first(where: { before[$0] != now[$0] }) {
            return .variable(name, former: before[name], now: now[name])
        }
        let formerSettings = former.settingValues
        for (name, value) in settingValues {
            let old = formerSettings.first { $0.name == name }?.value ?? ""
            if old != value { return .setting(name, former: old, now: value) }
        }
        return nil
    }

    private var settingValues: [(name: String, value: String)] {
        stride(from: 0, to: settings.count - 1, by: 2).map { (settings[$0], settings[$0 + 1]) }
    }

    private static func name(_ entry: String) -> String { String(entry.prefix { $0 != "=" }) }

    private static func values(_ environment: [String]) -> [String: String] {
        Dictionary(
            environment.map { (name($0), String($0.dropFirst(name($0).count + 1))) }, uniquingKeysWith: { $1 })
    }
}

/// The steps of a stage, in order.
struct RememberedStage: Hashable, Sendable, Transferable {
    var steps: [RememberedStep] = []

    mutating func transfer(through wire: inout Wire) { wire.carry(&steps) }
}

/// How far a stage has come, compared with the last build of the same file.
struct StageProgress: Sendable {
    private let former: [RememberedStep]
    private let mayUseCache: Bool
    /// The words of all instructions of this stage.
    private let all: [String]
    /// The former step that the next one is compared with.
    private var cursor = 0
    /// The former step that the present one is, in the same words.
    private(set) var counterpart: RememberedStep?
    /// What the words alone tell; `nil` where they are the former ones.
    private var wordsReason: CacheReason?
    /// The number of the first step that made its layer, or found its base, anew.
    private var firstMiss: Int?
    /// The steps so far.
    private(set) var steps: [RememberedStep] = []

    init(former: [RememberedStep], mayUseCache: Bool, all: [String]) {
        self.former = former
        self.mayUseCache = mayUseCache
        self.all = all
    }

    /// Whether a finished step may be looked up.
    var looksUp: Bool { mayUseCache }

    /// An instruction begins.
    mutating func begin(_ words: String) {
        steps.append(RememberedStep(words: words))
        (counterpart, wordsReason) = (nil, nil)
        guard former.indices.contains(cursor) else {
            wordsReason = .first
            return
        }
        if former[cursor].words == words {
            counterpart = former[cursor]
            cursor += 1
        } else if all[(steps.count)...].contains(former[cursor].words) {
            wordsReason = .added
        } else if let later = former[cursor...].firstIndex(where: { $0.words == words }) {
            wordsReason = .removed(former: former[cursor].words)
            cursor = later + 1
        } else {
            wordsReason = .edited(former: former[cursor].words)
            cursor += 1
        }
    }

    /// Notes what the present step depends on.
    mutating func depends(key: String, environment: [String] = [], settings: [String] = []) {
        guard let last = steps.indices.last else { return }
        steps[last].key = key
        steps[last].environment = environment
        steps[last].settings = settings
    }

    /// Why a step without a layer counts as cached or done.
    var reason: CacheReason {
        if !mayUseCache { return .notUsed }
        if let firstMiss { return .below(step: firstMiss) }
        return wordsReason ?? .unchanged(files: nil)
    }

    /// The present step is FROM: whether its base is the former one.
    mutating func base(_ name: String) -> CacheReason {
        if !mayUseCache { return .notUsed }
        if let wordsReason { return miss(wordsReason) }
        return counterpart?.key == steps.last?.key ? .unchanged(files: nil) : miss(.base(name))
    }

    /// The present step is not in the cache.
    ///
    /// - Parameter files: what a COPY or a mount reads and did not read before.
    mutating func miss(files: () throws -> [CacheReason.FileChange]) rethrows -> CacheReason {
        if !mayUseCache || firstMiss != nil { return miss(reason) }
        if let wordsReason { return miss(wordsReason) }
        let changes = try files()
        if !changes.isEmpty { return miss(.files(changes)) }
        guard let counterpart, let now = steps.last else { return miss(.first) }
        return miss(now.difference(from: counterpart) ?? .forgotten)
    }

    private mutating func miss(_ reason: CacheReason) -> CacheReason {
        if firstMiss == nil { firstMiss = steps.count }
        return reason
    }

    /// The present step failed: it was not done.
    mutating func fail() { _ = steps.popLast() }
}
