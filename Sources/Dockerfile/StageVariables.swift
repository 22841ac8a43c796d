// SPDX-License-Identifier: Apache-2.0

/// The variables of a stage, while its instructions are gone through in order.
///
/// A stage that is built on another begins with a copy of that one's variables at its end, ARG included.
public struct StageVariables: Hashable, Sendable {
    /// An ARG that a stage declared.
    public struct Argument: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Its value where it was declared; `nil` where it got none.
        public let value: String?
    }

    /// A variable that an instruction asks for and that has no value.
    public struct Unset: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// The word that asks for it.
        public let span: TextSpan
    }

    /// The search path of an image that says none.
    public static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// `NAME=value` of the image's configuration: the base image's and those of ENV.
    public private(set) var environment: [String]
    /// The ARGs so far in order, a name that is declared again included.
    public private(set) var arguments: [Argument] = []
    /// The variables before the first FROM.
    public let global: GlobalArguments
    private var values: [String: String] = [:]
    /// The names of `values` in the order in which they came.
    private var names: [String] = []
    let escape: Character

    /// The variables of a stage that is built on an image with this environment; `PATH` is added where it is missing.
    public init(environment: [String], global: GlobalArguments, directives: ParserDirectives = ParserDirectives()) {
        let hasPath = environment.contains { $0.hasPrefix("PATH=") }
        self.environment = hasPath ? environment : environment + ["PATH=" + Self.defaultPath]
        self.global = global
        escape = directives.escape
        for entry in self.environment {
            let (name, value) = entry.cut(atFirst: "=")
            assign(String(name), String(value ?? ""))
        }
    }

    /// What the command of a RUN gets: ENV and ARG, of which the later counts.
    public var runEnvironment: [String] { names.map { "\($0)=\(values[$0] ?? "")" } }

    /// The value of a variable; `nil` where it is not set.
    public subscript(name: String) -> String? { values[name] }

    /// The names of all variables that have a value.
    public var allNames: [String] { names }

    private mutating func assign(_ name: String, _ value: String) {
        if values.updateValue(value, forKey: name) == nil { names.append(name) }
    }

    private mutating func configure(_ name: String, _ value: String) {
        let entry = "\(name)=\(value)"
        if let place = environment.firstIndex(where: { $0.cut(atFirst: "=").0 == name }) {
            environment[place] = entry
        } else {
            environment.append(entry)
        }
        assign(name, value)
    }

    /// Replaces the variables of the next instruction and remembers what ENV and ARG set.
    ///
    /// Which words are expanded is BuildKit's rule: nothing of CMD, ENTRYPOINT, SHELL, HEALTHCHECK, MAINTAINER and
    /// ONBUILD, and of RUN the mounts only, as its command is the shell's to expand.
    /// - Returns: the instruction with its values, and the variables it asks for that have none.
    public mutating func apply(
        _ instruction: Instruction
    ) throws(DockerfileError) -> (instruction: Instruction, unset: [Unset]) {
        var pass = ExpansionPass(values: values, escape: escape)
        var result = instruction
        if case .arg(let declarations) = instruction.operation {
            result.operation = .arg(try declare(declarations, &pass))
        } else {
            result.operation = try pass.expand(instruction.operation)
        }
        if case .env(let pairs) = result.operation {
            for pair in pairs { configure(pair.name.text, pair.value.text) }
        }
        let declared = Set(arguments.map(\.name))
        return (result, pass.unset.filter { !declared.contains($0.name) })
    }

    /// A value that was given counts, then the file's own, then the one from before the first FROM.
    private mutating func declare(
        _ declarations: [ArgumentDeclaration], _ pass: inout ExpansionPass
    ) throws(DockerfileError) -> [ArgumentDeclaration] {
        var result = declarations
        for index in result.indices {
            let name = result[index].name
            if let given = global.inputs.arguments[name.text] {
                result[index].value = Word(given, result[index].value?.span ?? name.span)
            } else if let value = result[index].value {
                pass.values = values
                result[index].value = try pass.expand(value)
            } else if let value = global.values[name.text] {
                result[index].value = Word(value, name.span)
            }
            let value = result[index].value?.text
            if let value { assign(name.text, value) }
            arguments.append(Argument(name: name.text, value: value))
        }
        return result
    }

    /// Variables that a command of the shell uses and that only an ARG before the first FROM declares.
    ///
    /// They are empty there: the ARG must be repeated in the stage. Nothing else tells a person so.
    public func forgottenGlobals(in command: CommandLine) -> [Unset] {
        guard case .shell(let word) = command else { return [] }
        let values = values
        let expander = VariableExpander(escape: "\\", keepsUnset: true)
        // What only the shell can read is the shell's to judge.
        guard let expansion = try? expander.expand(word, with: { values[$0] }) else { return [] }
        let known = Set(arguments.map(\.name))
        return expansion.unset.filter { global.declared.contains($0) && !known.contains($0) }
            .map { Unset(name: $0, span: word.span) }
    }
}
