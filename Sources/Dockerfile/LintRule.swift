// SPDX-License-Identifier: Apache-2.0

/// A check of a Dockerfile, by the name under which BuildKit publishes it.
///
/// - SeeAlso: docs.docker.com, "Build checks".
public enum LintRule: String, CaseIterable, Sendable {
    case stageNameCasing = "StageNameCasing"
    case fromAsCasing = "FromAsCasing"
    case noEmptyContinuation = "NoEmptyContinuation"
    case consistentInstructionCasing = "ConsistentInstructionCasing"
    case duplicateStageName = "DuplicateStageName"
    case reservedStageName = "ReservedStageName"
    case jsonArgsRecommended = "JSONArgsRecommended"
    case maintainerDeprecated = "MaintainerDeprecated"
    case undefinedArgInFrom = "UndefinedArgInFrom"
    case undefinedVar = "UndefinedVar"
    case workdirRelativePath = "WorkdirRelativePath"
    case multipleInstructionsDisallowed = "MultipleInstructionsDisallowed"
    case legacyKeyValueFormat = "LegacyKeyValueFormat"
    /// Raised by the engine, which alone knows what it pulled.
    case invalidBaseImagePlatform = "InvalidBaseImagePlatform"
    case redundantTargetPlatform = "RedundantTargetPlatform"
    case secretsUsedInArgOrEnv = "SecretsUsedInArgOrEnv"
    case invalidDefaultArgInFrom = "InvalidDefaultArgInFrom"
    case fromPlatformFlagConstDisallowed = "FromPlatformFlagConstDisallowed"
    case copyIgnoredFile = "CopyIgnoredFile"
    case invalidDefinitionDescription = "InvalidDefinitionDescription"
    case exposeProtoCasing = "ExposeProtoCasing"
    case exposeInvalidFormat = "ExposeInvalidFormat"

    /// Whether it is asked only where `# check=experimental=…` names it.
    public var isExperimental: Bool { self == .copyIgnoredFile || self == .invalidDefinitionDescription }

    /// The page that explains it; `nil` where there is none.
    public var page: String? {
        guard self != .invalidBaseImagePlatform else { return nil }
        var name = ""
        let letters = Array(rawValue)
        for (index, letter) in letters.enumerated() {
            let isStart = letter.isUppercase && index > 0
            let beforeIsSmall = isStart && letters[index - 1].isLowercase
            let afterIsSmall = isStart && index + 1 < letters.count && letters[index + 1].isLowercase
            if isStart, beforeIsSmall || afterIsSmall { name += "-" }
            name += letter.lowercased()
        }
        return "https://docs.docker.com/go/dockerfile/rule/\(name)/"
    }

    /// What it is about, in one sentence.
    public var summary: String {
        switch self {
        case .stageNameCasing: "Stage names should be lowercase"
        case .fromAsCasing: "The 'as' keyword should match the case of the 'from' keyword"
        case .noEmptyContinuation: "Empty continuation lines will become errors in a future release"
        case .consistentInstructionCasing:
            "All commands within the Dockerfile should use the same casing (either upper or lower)"
        case .duplicateStageName: "Stage names should be unique"
        case .reservedStageName: "Reserved words should not be used as stage names"
        case .jsonArgsRecommended:
            "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"
        case .maintainerDeprecated:
            "The MAINTAINER instruction is deprecated, use a label instead to define an image author"
        case .undefinedArgInFrom: "FROM command must use declared ARGs"
        case .undefinedVar: "Variables should be defined before their use"
        case .workdirRelativePath:
            "Relative workdir without an absolute workdir declared within the build can have unexpected results "
                + "if the base image changes"
        case .multipleInstructionsDisallowed:
            "Multiple instructions of the same type should not be used in the same stage"
        case .legacyKeyValueFormat: "Legacy key/value format with whitespace separator should not be used"
        case .invalidBaseImagePlatform: "Base image platform does not match expected target platform"
        case .redundantTargetPlatform:
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"
        case .secretsUsedInArgOrEnv: "Sensitive data should not be used in the ARG or ENV commands"
        case .invalidDefaultArgInFrom:
            "Default value for global ARG results in an empty or invalid base image name"
        case .fromPlatformFlagConstDisallowed: "FROM --platform flag should not use a constant value"
        case .copyIgnoredFile: "Attempting to Copy file that is excluded by .dockerignore"
        case .invalidDefinitionDescription:
            "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. "
                + "If this is not intended to be a description comment, add an empty line or comment between the "
                + "instruction and the comment."
        case .exposeProtoCasing: "Protocol in EXPOSE instruction should be lowercase"
        case .exposeInvalidFormat:
            "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a "
                + "future release"
        }
    }
}

/// Something that a check found.
public struct LintWarning: Hashable, Sendable {
    /// The check.
    public let rule: LintRule
    /// What it says, in BuildKit's words.
    public let message: String
    /// The instruction meant.
    public let span: TextSpan
    /// What to write instead, where the message does not say.
    public let hint: String?

    /// Puts a warning together.
    public init(_ rule: LintRule, _ message: String, _ span: TextSpan, hint: String? = nil) {
        self.rule = rule
        self.message = message
        self.span = span
        self.hint = hint
    }

    /// The line that a build prints: `JSONArgsRecommended: JSON arguments … (line 3)`.
    public func line(in text: DockerfileText) -> String {
        "\(rule.rawValue): \(message) (line \(text.position(of: span.start).line))"
    }
}

/// Which checks are asked and what becomes of their findings: `# check=skip=…;error=true`.
public struct LintOptions: Hashable, Sendable {
    /// Names of rules, or `all`.
    public var skipped: Set<String> = []
    /// Names of experimental rules, or `all`.
    public var experimental: Set<String> = []
    /// Whether a finding fails the build.
    public var failsBuild = false

    /// Every check that is no experiment, and no finding is an error.
    public init() {}

    /// Reads the value of the directive, or of the build argument `BUILDKIT_DOCKERFILE_CHECK`, which replaces it.
    public init(parsing word: Word) throws(DockerfileError) {
        guard !word.text.trimmed.isEmpty else { return }
        for part in word.text.split(separator: ";", omittingEmptySubsequences: false) {
            let (key, value) = part.cut(atFirst: "=")
            guard let value else { throw DockerfileError("invalid check option \(part.quoted)", word.span) }
            let names = Set(value.split(separator: ",").map(\.trimmed))
            switch key.trimmed {
            case "skip": skipped = names
            case "experimental": experimental = names
            case "error":
                switch value.trimmed {
                case "1", "t", "T", "true", "TRUE", "True": failsBuild = true
                case "0", "f", "F", "false", "FALSE", "False": failsBuild = false
                default: throw DockerfileError("failed to parse check option \(part.quoted)", word.span)
                }
            default:
                throw DockerfileError(
                    "invalid check option \(key.trimmed.quoted)", word.span,
                    suggestion: nearestWord(to: key.trimmed, among: ["skip", "error", "experimental"]))
            }
        }
    }

    /// Whether a rule is asked.
    public func includes(_ rule: LintRule) -> Bool {
        if rule.isExperimental { return experimental.contains("all") || experimental.contains(rule.rawValue) }
        return !skipped.contains("all") && !skipped.contains(rule.rawValue)
    }

    /// The sentence that ends a build whose findings are errors; `nil` where it goes on.
    public func failure(_ warnings: [LintWarning]) -> String? {
        guard failsBuild, !warnings.isEmpty else { return nil }
        let names = Set(warnings.map(\.rule.rawValue)).sorted().joined(separator: ", ")
        return "lint violation found for rules: \(names)"
    }
}
