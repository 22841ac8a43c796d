// SPDX-License-Identifier: Apache-2.0
public import OCI

/// What a build's caller says before any instruction is read.
public struct BuildInputs: Hashable, Sendable {
    /// `--build-arg`, by name.
    public var arguments: [String: String]
    /// The machine that builds.
    public var buildPlatform: Platform
    /// The machine that the image is for.
    public var targetPlatform: Platform
    /// `--target` as it was given; `nil` means the last stage.
    public var target: String?

    /// Puts them together.
    public init(
        arguments: [String: String] = [:], buildPlatform: Platform = .current, targetPlatform: Platform = .current,
        target: String? = nil
    ) {
        self.arguments = arguments
        self.buildPlatform = buildPlatform
        self.targetPlatform = targetPlatform
        self.target = target
    }
}

/// The variables that FROM sees: the platforms', and ARG before the first FROM.
///
/// In a stage they have no value until an ARG there names them.
/// - SeeAlso: Dockerfile reference, "Automatic platform ARGs in the global scope" and "Predefined ARGs".
public struct GlobalArguments: Hashable, Sendable {
    /// What the caller said.
    public let inputs: BuildInputs
    /// Every variable that has a value.
    public private(set) var values: [String: String]
    /// The names that ARG before the first FROM declares, with a value or without, in order.
    public private(set) var declared: [String] = []
    private let expander: VariableExpander

    /// Names that `--build-arg` may give without any ARG: they reach the commands of RUN, neither history nor cache.
    public static let proxyNames: Set<String> = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"]

    /// Evaluates the ARG instructions before the first FROM.
    /// - Parameter usesDefaultsOnly: as if no `--build-arg` had been given, to see what the file itself says.
    public init(
        _ document: DockerfileDocument, _ inputs: BuildInputs = BuildInputs(), usesDefaultsOnly: Bool = false
    ) throws(DockerfileError) {
        self.inputs = inputs
        expander = VariableExpander(escape: document.directives.escape)
        values = Self.platformValues(inputs)
        let given = usesDefaultsOnly ? [:] : inputs.arguments
        for name in values.keys { values[name] = inputs.arguments[name] ?? values[name] }
        for instruction in document.globalArguments {
            guard case .arg(let declarations) = instruction.operation else { continue }
            for declaration in declarations {
                let name = declaration.name.text
                if !declared.contains(name) { declared.append(name) }
                if let value = given[name] {
                    values[name] = value
                } else if let value = declaration.value {
                    values[name] = try expand(value).text
                }
            }
        }
    }

    private static func platformValues(_ inputs: BuildInputs) -> [String: String] {
        var values = ["TARGETSTAGE": inputs.target ?? "default"]
        for (prefix, platform) in [("BUILD", inputs.buildPlatform), ("TARGET", inputs.targetPlatform)] {
            values[prefix + "PLATFORM"] = platform.description
            values[prefix + "OS"] = platform.os
            values[prefix + "OSVERSION"] = ""
            values[prefix + "ARCH"] = platform.architecture
            values[prefix + "VARIANT"] = platform.variant ?? ""
        }
        return values
    }

    /// Replaces the variables in a word of FROM.
    public func expand(_ word: Word) throws(DockerfileError) -> Expansion {
        let values = values
        return try expander.expand(word) { values[$0] }
    }

    /// The proxies that the caller gave, in both spellings of their names: for the commands of RUN alone.
    public var proxyEnvironment: [String] {
        inputs.arguments.filter { Self.proxyNames.contains($0.key.lowercased()) }.sorted { $0.key < $1.key }
            .flatMap { ["\($0.key.uppercased())=\($0.value)", "\($0.key.lowercased())=\($0.value)"] }
    }

    /// `--build-arg` names that no ARG of the file declares and that are not known by themselves, sorted.
    public func unconsumed(in document: DockerfileDocument) -> [String] {
        var known = Set(values.keys).union(declared)
        for instruction in document.instructions {
            if case .arg(let declarations) = instruction.operation { known.formUnion(declarations.map(\.name.text)) }
        }
        return inputs.arguments.keys.filter {
            !known.contains($0) && !Self.proxyNames.contains($0.lowercased()) && !$0.hasPrefix("BUILDKIT_")
                && $0 != "SOURCE_DATE_EPOCH"
        }.sorted()
    }
}

extension VariableExpander {
    /// Expands a word of a file; a mistake in it has its place there.
    func expand(_ word: Word, with value: @escaping (String) -> String?) throws(DockerfileError) -> Expansion {
        do throws(ExpansionFailure) {
            return try expand(word.text, with: value)
        } catch {
            throw DockerfileError(
                "failed to process \(word.text.quoted): \(error.message)", word.span(of: error.range))
        }
    }
}
