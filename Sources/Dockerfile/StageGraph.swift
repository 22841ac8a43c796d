// SPDX-License-Identifier: Apache-2.0

/// Where files or a base come from.
public enum StageSource: Hashable, Sendable {
    /// A stage of the same file, by its number.
    case stage(Int)
    /// An image, by the name that is written.
    case image(String)
    /// A context that the caller gave by name: `--build-context`.
    case context(String)
    /// Nothing: `scratch`.
    case scratch
}

/// The stages of a file, what each needs, and which of them a target needs.
public struct StageGraph: Hashable, Sendable {
    /// What an instruction reads from outside its own stage and context.
    public struct Dependency: Hashable, Sendable {
        /// Where from.
        public let source: StageSource
        /// The name or number that is written: the value of `--from` or of a mount's `from`.
        public let word: Word
    }

    /// A stage and what it needs.
    public struct Stage: Hashable, Sendable {
        /// Its number, from 0.
        public let index: Int
        /// Its name in lower case, or `stage-N` where it has none.
        public let displayName: String
        /// Its name in lower case; `nil` where it has none.
        public let name: String?
        /// The FROM instruction.
        public let from: Instruction
        /// What it is built on.
        public let base: StageSource
        /// `--platform`, expanded; `nil` means the target's.
        public let platform: String?
        /// ONBUILD instructions of the stage it is built on, which run first; an image's are in its configuration.
        public let triggers: [Instruction]
        /// Its own instructions.
        public let instructions: [Instruction]
        /// What its instructions and triggers need.
        public let dependencies: [Dependency]

        /// The stages it needs itself, each once, in order.
        public var neededStages: [Int] {
            let sources = [base] + dependencies.map(\.source)
            return Set(sources.compactMap { if case .stage(let index) = $0 { index } else { nil } }).sorted()
        }
    }

    /// What has to be built.
    public struct Plan: Hashable, Sendable {
        /// The stage that becomes the image.
        public let target: Int
        /// The stages that are built, in order: each stands behind those that it needs.
        public let needed: [Int]
        /// The stages that are not.
        public let skipped: [Int]
        /// The images that these stages start from or read, each once, in order.
        public let images: [String]
    }

    /// The stages in the order of the file.
    public let stages: [Stage]
    private let contexts: Set<String>
    private let numbers: [String: Int]

    /// Resolves every name.
    ///
    /// - Parameters:
    ///   - document: the file.
    ///   - global: the variables that FROM sees.
    ///   - contexts: names of `--build-context`: a stage or an image of that name is replaced by it.
    /// - Throws: `DockerfileError` for a FROM that expands to nothing, a `--from` with a variable or with a number that
    ///   no stage has.
    public init(
        _ document: DockerfileDocument, _ global: GlobalArguments, contexts: Set<String> = []
    ) throws(DockerfileError) {
        var stages: [Stage] = []
        var earlier: [String: Int] = [:]
        var all: [String: Int] = [:]
        for stage in document.stages { if let name = stage.name { all[name] = stage.index } }
        let names = StageNames(numbers: all, count: document.stages.count, contexts: contexts)
        for stage in document.stages {
            let expansion = try global.expand(stage.base.base)
            guard !expansion.text.isEmpty else { throw Self.blank(stage.base.base, expansion, global) }
            let base = try Self.base(expansion.text, of: stage, earlier, contexts)
            var triggers: [Instruction] = []
            if case .stage(let index) = base { triggers = stages[index].instructions.compactMap(Self.trigger) }
            let instructions = triggers + stage.instructions
            stages.append(
                Stage(
                    index: stage.index, displayName: stage.name ?? "stage-\(stage.index)", name: stage.name,
                    from: stage.from, base: base, platform: try Self.platform(stage.base.platform, global),
                    triggers: triggers, instructions: stage.instructions,
                    dependencies: try Self.dependencies(instructions, names)))
            if let name = stage.name { earlier[name] = stage.index }
        }
        self.stages = stages
        self.contexts = contexts
        numbers = all
    }

    private static func trigger(_ instruction: Instruction) -> Instruction? {
        if case .onbuild(let trigger) = instruction.operation { trigger.instruction } else { nil }
    }

    private static func base(
        _ name: String, of stage: DockerfileDocument.Stage, _ earlier: [String: Int], _ contexts: Set<String>
    ) throws(DockerfileError) -> StageSource {
        if let own = stage.name, contexts.contains(own) { return .context(own) }
        // An image's name has no capitals, so that a stage's may be written with them.
        if let index = earlier[name.lowercased()] { return .stage(index) }
        if name == "scratch" { return .scratch }
        return contexts.contains(name) ? .context(name) : .image(name)
    }

    private static func blank(_ word: Word, _ expansion: Expansion, _ global: GlobalArguments) -> DockerfileError {
        let name = expansion.unset.first
        let near = name.flatMap { nearestWord(to: $0, among: global.values.keys.sorted()) }
        let hint = name.map {
            global.declared.contains($0)
                ? "give it a value: ARG \($0)=… in the file, or --build-arg \($0)=…"
                : "ARG \($0)=… must stand before FROM"
        }
        return DockerfileError("base name (\(word.text)) should not be blank", word.span, suggestion: near, hint: hint)
    }

    private static func platform(_ word: Word?, _ global: GlobalArguments) throws(DockerfileError) -> String? {
        guard let word else { return nil }
        let expansion = try global.expand(word)
        guard expansion.text.isEmpty else { return expansion.text }
        let near = expansion.unset.first.flatMap { nearestWord(to: $0, among: global.values.keys.sorted()) }
        throw DockerfileError("empty platform value from expression \(word.text)", word.span, suggestion: near)
    }

    private static func dependencies(
        _ instructions: [Instruction], _ names: StageNames
    ) throws(DockerfileError) -> [Dependency] {
        var dependencies: [Dependency] = []
        for instruction in instructions {
            switch instruction.operation {
            case .copy(let copy):
                guard let word = copy.from else { continue }
                dependencies.append(Dependency(source: try names.source(word), word: word))
            case .run(let run):
                for mount in run.mounts {
                    guard let word = mount.from else { continue }
                    dependencies.append(Dependency(source: try names.source(word), word: word))
                }
            default: break
            }
        }
        return dependencies
    }

    /// Where a `--from` of an instruction of this file leads, also one that an image's trigger brings along.
    public func source(of word: Word) throws(DockerfileError) -> StageSource {
        try StageNames(numbers: numbers, count: stages.count, contexts: contexts).source(word)
    }

    /// What has to be built for a target.
    ///
    /// - Parameter target: a stage's name or number; `nil` means the last stage.
    /// - Throws: `DockerfileError` for a target that is not there, and for a stage that reads from a later one.
    public func plan(target: String? = nil) throws(DockerfileError) -> Plan {
        let last = stages.count - 1
        let chosen = try target.map { name throws(DockerfileError) in try index(ofTarget: name) } ?? last
        var needed: Set<Int> = [chosen]
        // What a stage needs stands before it, so one pass from the end finds everything.
        for stage in stages[...chosen].reversed() where needed.contains(stage.index) {
            for dependency in stage.dependencies { try check(dependency, of: stage) }
            needed.formUnion(stage.neededStages)
        }
        var images: [String] = []
        for stage in stages where needed.contains(stage.index) {
            for case .image(let name) in [stage.base] + stage.dependencies.map(\.source) where !images.contains(name) {
                images.append(name)
            }
        }
        let skipped = stages.map(\.index).filter { !needed.contains($0) }
        return Plan(target: chosen, needed: needed.sorted(), skipped: skipped, images: images)
    }

    private func index(ofTarget name: String) throws(DockerfileError) -> Int {
        if let index = numbers[name.lowercased()] { return index }
        if let index = Int(name), stages.indices.contains(index) { return index }
        let near = nearestWord(to: name.lowercased(), among: stages.compactMap(\.name))
        let names = stages.compactMap(\.name).joined(separator: ", ")
        throw DockerfileError(
            "target stage \(name.quoted) could not be found", stages[stages.count - 1].from.span, suggestion: near,
            hint: names.isEmpty ? "no stage has a name: FROM IMAGE AS NAME gives one" : "the stages are: \(names)")
    }

    private func check(_ dependency: Dependency, of stage: Stage) throws(DockerfileError) {
        guard case .stage(let index) = dependency.source, index >= stage.index else { return }
        if index == stage.index {
            throw DockerfileError(
                "circular dependency detected on stage: \(stage.displayName)", dependency.word.span,
                hint: "a stage cannot read from itself; what is in it needs no --from")
        }
        throw DockerfileError(
            "cannot copy from stage \(dependency.word.text.quoted), "
                + "it needs to be defined before current stage \(stage.displayName.quoted)", dependency.word.span)
    }
}

/// The names that `--from` can mean.
private struct StageNames {
    /// The last stage of each name.
    let numbers: [String: Int]
    let count: Int
    let contexts: Set<String>

    func source(_ word: Word) throws(DockerfileError) -> StageSource {
        guard !word.text.contains("$") else {
            throw DockerfileError(
                "variable expansion is not supported for --from, define a new stage with FROM using ARG "
                    + "from global scope as a workaround", word.span)
        }
        if let index = Int(word.text) {
            guard index >= 0, index < count else {
                throw DockerfileError(
                    "invalid stage index \(index)", word.span,
                    hint: count == 1 ? "there is one stage: 0" : "there are \(count) stages: 0 to \(count - 1)")
            }
            return .stage(index)
        }
        let name = word.text.lowercased()
        if contexts.contains(word.text) { return .context(word.text) }
        if let index = numbers[name] { return .stage(index) }
        return word.text == "scratch" ? .scratch : .image(word.text)
    }
}
