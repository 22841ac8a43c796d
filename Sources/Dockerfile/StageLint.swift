// SPDX-License-Identifier: Apache-2.0

/// Goes through the instructions of one stage and notes what they do wrong in their place.
struct StageLint {
    private(set) var warnings: [LintWarning] = []
    private var variables: StageVariables
    /// Whether all variables of the base are known.
    private var isBaseKnown: Bool
    private var hasShell: Bool
    private var hasWorkingDirectory = false
    /// The last CMD, ENTRYPOINT and HEALTHCHECK.
    private var single: [Keyword: Instruction] = [:]

    private static let secretWords: Set<String> = [
        "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token",
    ]
    private static let harmlessWords: Set<String> = ["public", "file", "version"]

    init(_ facts: Lint.BaseFacts?, _ global: GlobalArguments, _ directives: ParserDirectives) {
        variables = StageVariables(environment: facts?.environment ?? [], global: global, directives: directives)
        isBaseKnown = facts != nil
        // A base that is not there may have a shell of its own; BuildKit would know, and mostly there is none.
        hasShell = facts?.hasShell ?? false
    }

    /// The state of a stage that is built on this one.
    var child: StageLint {
        var child = self
        child.warnings = []
        child.single = [:]
        return child
    }

    private mutating func warn(_ rule: LintRule, _ message: String, _ place: Instruction, hint: String? = nil) {
        warnings.append(LintWarning(rule, message, place.span, hint: hint))
    }

    mutating func read(_ written: Instruction, _ ignoreRules: IgnoreRules) throws(DockerfileError) {
        let known = variables.allNames
        let (instruction, unset) = try variables.apply(written)
        if isBaseKnown {
            for variable in unset { reportUndefined(variable, known, instruction) }
        }
        switch instruction.operation {
        case .arg(let declarations):
            for declaration in declarations { checkSecret("ARG", declaration.name.text, instruction) }
        case .env(let pairs):
            checkFormat(pairs, instruction)
            for pair in pairs { checkSecret("ENV", pair.name.text, instruction) }
        case .label(let pairs): checkFormat(pairs, instruction)
        case .shell: hasShell = true
        case .workdir(let path):
            if !hasWorkingDirectory, !path.text.hasPrefix("/") {
                warn(
                    .workdirRelativePath,
                    "Relative workdir \(path.text.quoted) can have unexpected results if the base image changes",
                    instruction, hint: "WORKDIR /\(path.text)")
            }
            hasWorkingDirectory = true
        case .cmd(let line), .entrypoint(let line):
            checkOnce(instruction)
            checkForm(line, instruction)
        case .healthcheck: checkOnce(instruction)
        case .expose(let ports): for port in ports { try checkPort(port, instruction) }
        case .copy(let copy) where copy.from == nil: checkIgnored(copy, "Copy", instruction, ignoreRules)
        case .add(let copy): checkIgnored(copy, "Add", instruction, ignoreRules)
        default: break
        }
    }

    private mutating func reportUndefined(
        _ variable: StageVariables.Unset, _ known: [String], _ instruction: Instruction
    ) {
        let near = nearestWord(to: variable.name, among: known)
        let isForgotten = variables.global.declared.contains(variable.name)
        warn(
            .undefinedVar,
            "Usage of undefined variable '$\(variable.name)'\(near.map { " (did you mean $\($0)?)" } ?? "")",
            instruction,
            hint: isForgotten ? "ARG before FROM is for FROM alone: repeat ARG \(variable.name) in this stage" : nil)
    }

    private mutating func checkSecret(_ keyword: String, _ name: String, _ instruction: Instruction) {
        let words = name.lowercased().split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard words.contains(where: Self.secretWords.contains), !words.contains(where: Self.harmlessWords.contains)
        else { return }
        warn(
            .secretsUsedInArgOrEnv,
            "Do not use ARG or ENV instructions for sensitive data (\(keyword) \(name.quoted))", instruction,
            hint: "RUN --mount=type=secret,id=\(name.lowercased()) keeps it out of the image")
    }

    private mutating func checkFormat(_ pairs: [KeyValuePair], _ instruction: Instruction) {
        guard pairs.contains(where: \.isLegacy) else { return }
        let name = instruction.name.text
        warn(
            .legacyKeyValueFormat,
            "\"\(name) key=value\" should be used instead of legacy \"\(name) key value\" format", instruction)
    }

    private mutating func checkOnce(_ instruction: Instruction) {
        if let earlier = single[instruction.keyword] {
            // The earlier one is what will not be used.
            warn(
                .multipleInstructionsDisallowed,
                "Multiple \(instruction.name.text) instructions should not be used in the same stage "
                    + "because only the last one will be used", earlier)
        }
        single[instruction.keyword] = instruction
    }

    private mutating func checkForm(_ line: CommandLine, _ instruction: Instruction) {
        guard !hasShell, case .shell(let command) = line else { return }
        let isMeant = command.text.hasPrefix("[")
        warn(
            .jsonArgsRecommended,
            "JSON arguments recommended for \(instruction.name.text) to prevent unintended behavior "
                + "related to OS signals", instruction,
            hint: isMeant
                ? "this is no JSON array, so the shell gets it as it stands: use double quotes, and commas" : nil)
    }

    private mutating func checkPort(_ port: Word, _ instruction: Instruction) throws(DockerfileError) {
        let parts = ExposedPort.Parts(port.text)
        if parts.transport != parts.transport.lowercased() {
            warn(
                .exposeProtoCasing, "Defined protocol '\(port.text)' in EXPOSE instruction should be lowercase",
                instruction)
        }
        if !parts.address.isEmpty || !parts.hostPort.isEmpty {
            warn(
                .exposeInvalidFormat,
                "EXPOSE instruction should not define an IP address or host-port mapping, found '\(port.text)'",
                instruction, hint: "EXPOSE \(parts.port); a port is published by run -p")
        }
        _ = try ExposedPort.parse(port)
    }

    /// Only where no rule takes anything back in: with exceptions one must see the files to know.
    private mutating func checkIgnored(
        _ copy: FileCopy, _ name: String, _ instruction: Instruction, _ rules: IgnoreRules
    ) {
        guard !rules.rules.isEmpty, !rules.hasExceptions else { return }
        for path in copy.paths {
            let clean = ("/" + path.text).cleanedPath.dropFirst()
            let isRoot = clean.isEmpty
            let isExcluded =
                isRoot
                ? rules.rules.contains { ["*", "**", "**/*"].contains($0.pattern) }
                : rules.verdict(on: String(clean)).isExcluded
            guard isExcluded else { continue }
            let file = isRoot ? "." : String(clean)
            warn(
                .copyIgnoredFile, "Attempting to \(name) file \(file.quoted) that is excluded by .dockerignore",
                instruction)
        }
    }
}
