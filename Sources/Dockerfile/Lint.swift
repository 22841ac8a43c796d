// SPDX-License-Identifier: Apache-2.0
internal import OCI

/// Checks a Dockerfile without building it.
///
/// Nothing here looks at images or files: what a base image sets is asked of the caller.
public struct Lint {
    /// What the caller knows of a base image.
    public struct BaseFacts: Hashable, Sendable {
        /// `NAME=value` of its configuration.
        public var environment: [String]
        /// Whether it names a shell of its own.
        public var hasShell: Bool

        /// Puts it together.
        public init(environment: [String], hasShell: Bool) {
            self.environment = environment
            self.hasShell = hasShell
        }
    }

    private let document: DockerfileDocument
    private let global: GlobalArguments
    private let options: LintOptions
    private let ignoreRules: IgnoreRules
    private let facts: (String) -> BaseFacts?
    private var warnings: [LintWarning] = []

    /// What was found, in the order of the file.
    ///
    /// - Parameters:
    ///   - document: the file.
    ///   - global: the variables that FROM sees.
    ///   - options: which rules are asked; `nil` takes them from the file.
    ///   - stages: numbers of the stages whose instructions are looked at, as a build looks only at those that it
    ///     needs; `nil` means all.
    ///   - ignoreRules: those of the context, for the rule that asks for them.
    ///   - facts: what is known of an image by its name; `nil` means that it is not there: nothing is then said about
    ///     variables that it may set.
    /// - Throws: `DockerfileError` for a mistake that ends a build: an expansion, a name, the check directive.
    public static func check(
        _ document: DockerfileDocument, _ global: GlobalArguments, options: LintOptions? = nil, stages: Set<Int>? = nil,
        ignoreRules: IgnoreRules = IgnoreRules(), facts: @escaping (String) -> BaseFacts? = { _ in nil }
    ) throws(DockerfileError) -> [LintWarning] {
        var chosen = options ?? LintOptions()
        if options == nil, let check = document.directives.check { chosen = try LintOptions(parsing: check) }
        var lint = Lint(document, global, chosen, ignoreRules, facts)
        lint.checkText()
        lint.checkCasing()
        lint.checkStageNames()
        lint.checkDefaults()
        for stage in document.stages { try lint.checkFrom(stage) }
        try lint.checkInstructions(of: stages)
        return lint.sorted
    }

    private init(
        _ document: DockerfileDocument, _ global: GlobalArguments, _ options: LintOptions, _ ignoreRules: IgnoreRules,
        _ facts: @escaping (String) -> BaseFacts?
    ) {
        self.document = document
        self.global = global
        self.options = options
        self.ignoreRules = ignoreRules
        self.facts = facts
    }

    /// By line, then by what they say, each once.
    private var sorted: [LintWarning] {
        var seen: Set<LintWarning> = []
        let lines = warnings.filter { seen.insert($0).inserted }
            .map { (line: document.text.position(of: $0.span.start).line, warning: $0) }
        return lines.sorted { ($0.line, $0.warning.message) < ($1.line, $1.warning.message) }.map(\.warning)
    }

    private mutating func warn(_ rule: LintRule, _ message: String, _ span: TextSpan, hint: String? = nil) {
        if options.includes(rule) { warnings.append(LintWarning(rule, message, span, hint: hint)) }
    }

    // MARK: What can be seen in each instruction alone

    private mutating func checkText() {
        for instruction in document.instructions {
            if let place = instruction.emptyContinuation {
                warn(.noEmptyContinuation, "Empty continuation line", place)
            }
            switch instruction.operation {
            case .from(let base): checkNaming(base, instruction)
            case .maintainer(let author):
                warn(
                    .maintainerDeprecated, "Maintainer instruction is deprecated in favor of using label",
                    instruction.span, hint: "LABEL org.opencontainers.image.authors=\(author.text.quoted)")
            case .arg(let declarations): checkDescription("ARG", declarations.map(\.name.text), instruction)
            default: break
            }
        }
    }

    private mutating func checkNaming(_ base: BaseImage, _ instruction: Instruction) {
        guard let name = base.stageName, let asKeyword = base.asKeyword else { return }
        if name.text != name.text.lowercased() {
            warn(.stageNameCasing, "Stage name '\(name.text)' should be lowercase", instruction.span)
        }
        let from = instruction.name.text
        let isLower = from == from.lowercased()
        let wanted = isLower ? asKeyword.text.lowercased() : asKeyword.text.uppercased()
        if isLower || from == from.uppercased(), asKeyword.text != wanted {
            warn(.fromAsCasing, "'\(asKeyword.text)' and '\(from)' keywords' casing do not match", instruction.span)
        }
        checkDescription("FROM", [name.text.lowercased()], instruction)
    }

    private mutating func checkDescription(_ keyword: String, _ names: [String], _ instruction: Instruction) {
        guard let comment = instruction.comments.last?.text, let name = names.first else { return }
        let first = comment.cut(atFirst: " ").0
        guard !names.contains(String(first)) else { return }
        let example = names.count > 1 ? "<arg_key>" : name
        warn(
            .invalidDefinitionDescription,
            "Comment for \(keyword) should follow the format: `# \(example) <description>`", instruction.span)
    }

    private mutating func checkCasing() {
        let instructions = document.stages.flatMap { [$0.from] + $0.instructions }
        let lower = instructions.count { $0.name.text == $0.name.text.lowercased() }
        let upper = instructions.count { $0.name.text == $0.name.text.uppercased() }
        let isLower = lower > upper
        for instruction in instructions {
            let name = instruction.name.text
            guard name != (isLower ? name.lowercased() : name.uppercased()) else { continue }
            let casing = isLower ? "lowercase" : "uppercase"
            warn(
                .consistentInstructionCasing,
                "Command '\(name)' should match the case of the command majority (\(casing))", instruction.span)
        }
    }

    private mutating func checkStageNames() {
        var seen: Set<String> = []
        for stage in document.stages {
            guard let name = stage.name else { continue }
            if name == "scratch" || name == "context" {
                warn(
                    .reservedStageName, "Stage name should not use the same name as reserved stage \(name.quoted)",
                    stage.from.span)
            }
            if !seen.insert(name).inserted {
                warn(
                    .duplicateStageName, "Duplicate stage name \(name.quoted), stage names should be unique",
                    stage.from.span)
            }
        }
    }

    // MARK: FROM

    private mutating func checkDefaults() {
        // A value that cannot be expanded ends the build by itself.
        guard let defaults = try? GlobalArguments(document, global.inputs, usesDefaultsOnly: true) else { return }
        for stage in document.stages {
            // The same holds for a base.
            guard let name = try? defaults.expand(stage.base.base).text else { return }
            // Whether it can be read as a reference is all that is asked.
            guard (try? Reference(parsing: name)) == nil else { continue }
            // BuildKit says so of names without any variable too; the build will refuse those in better words.
            guard stage.base.base.text.contains("$") else { continue }
            warn(
                .invalidDefaultArgInFrom,
                "Default value for ARG \(stage.base.base.text) results in empty or invalid base image name",
                stage.from.span)
        }
    }

    private mutating func checkFrom(_ stage: DockerfileDocument.Stage) throws(DockerfileError) {
        checkDeclared(try global.expand(stage.base.base), stage)
        guard let platform = stage.base.platform else { return }
        let expansion = try global.expand(platform)
        checkDeclared(expansion, stage)
        if expansion.unset.isEmpty, expansion.used == ["TARGETPLATFORM"],
            expansion.text == global.values["TARGETPLATFORM"]
        {
            warn(
                .redundantTargetPlatform,
                "Setting platform to predefined \(platform.text) in FROM is redundant as this is the default behavior",
                stage.from.span)
        }
        guard expansion.used.isEmpty, expansion.unset.isEmpty, let parts = Self.platform(expansion.text) else { return }
        let name = stage.name ?? ""
        if !name.contains(parts.os), !name.contains(parts.architecture) {
            warn(
                .fromPlatformFlagConstDisallowed,
                "FROM --platform flag should not use constant value \(expansion.text.quoted)", stage.from.span)
        }
    }

    private mutating func checkDeclared(_ expansion: Expansion, _ stage: DockerfileDocument.Stage) {
        let known = Set(global.values.keys).union(global.declared)
        for name in expansion.unset where !known.contains(name) {
            let near = nearestWord(to: name, among: known.sorted())
            warn(
                .undefinedArgInFrom,
                "FROM argument '\(name)' is not declared\(near.map { " (did you mean \($0)?)" } ?? "")", stage.from.span
            )
        }
    }

    private static func platform(_ text: String) -> (os: String, architecture: String)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }), (1...3).contains(parts.count) else { return nil }
        let current = Platform.current
        if parts.count > 1 { return (parts[0], parts[1]) }
        if ["linux", "windows", "darwin", "freebsd"].contains(parts[0]) { return (parts[0], current.architecture) }
        let known = ["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "mips64le", "x86_64", "aarch64"]
        return known.contains(parts[0]) ? (current.os, parts[0]) : nil
    }

    // MARK: What depends on the instructions before

    private mutating func checkInstructions(of chosen: Set<Int>?) throws(DockerfileError) {
        let graph = try StageGraph(document, global)
        var states: [StageLint] = []
        for stage in graph.stages {
            var state: StageLint
            switch stage.base {
            case .stage(let index): state = states[index].child
            case .scratch: state = StageLint(BaseFacts(environment: [], hasShell: false), global, document.directives)
            case .image(let name), .context(let name): state = StageLint(facts(name), global, document.directives)
            }
            for instruction in stage.triggers + stage.instructions {
                try state.read(instruction, ignoreRules)
            }
            if chosen?.contains(stage.index) ?? true {
                for warning in state.warnings where options.includes(warning.rule) { warnings.append(warning) }
            }
            states.append(state)
        }
    }
}
