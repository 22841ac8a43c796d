// SPDX-License-Identifier: Apache-2.0

/// One flag of a command: the one declaration that spelling, parsing, help, completion and the manual page read.
///
/// A command's property takes it as `@Option(.publish, …)` or `@Flag(.detach)`.
public struct FlagDeclaration: Hashable, Sendable {
    /// What follows a flag.
    public enum Value: Hashable, Sendable {
        /// Nothing; `=true` and `=false` are accepted, as everywhere in Docker.
        case none
        /// Nothing, and it is on unless `=false` is said.
        case onByDefault
        /// One value, the last one winning; the word is Docker's name for its type in help.
        case one(String)
        /// A value each time it is given.
        case many(String)
    }

    /// The long name, without dashes.
    public let long: String
    /// The short name, without a dash.
    public let short: Character?
    /// What follows it.
    public let value: Value
    /// What it does, in a line.
    public let summary: Text
    /// Where candidates for its value come from.
    public let candidates: CandidateSource
    /// Long names that older versions of Docker used and that still work.
    public let olderNames: [String]

    /// Declares a flag.
    init(
        _ long: String, _ short: Character? = nil, _ value: Value = .none, _ summary: Text,
        candidates: CandidateSource = .none, olderNames: [String] = []
    ) {
        self.long = long
        self.short = short
        self.value = value
        self.summary = summary
        self.candidates = candidates
        self.olderNames = olderNames
    }

    /// Whether a value must follow.
    public var takesValue: Bool {
        switch value {
        case .none, .onByDefault: false
        case .one, .many: true
        }
    }

    /// `-p, --publish`, as Docker names a flag in its sentences.
    var spelled: String { (short.map { "-\($0), " } ?? "") + "--" + long }
}

/// Where candidates for a word come from.
public enum CandidateSource: Hashable, Sendable {
    /// Nothing is known about it.
    case none
    /// Which containers can be meant.
    public enum ContainerChoice: Hashable, Sendable {
        case any
        case running
        case stopped
        /// Stopped ones, and with `--force` all.
        case removable
    }
    case containers(ContainerChoice)
    case images
    case imagesAndContainers
    /// Files and directories of the host.
    case hostPaths
    /// `PATH` of the host, `CONTAINER:PATH` or `IMAGE:PATH`.
    case copyPlaces
    /// A layer's number, or an absolute path, of the image that is the command's first word.
    case layerPlaces
    /// Absolute paths inside the container that is the command's first word.
    case containerPaths
    case signals
    case networks
    case capabilities
    /// Names of commands.
    case commands
    /// Keys of `--filter`, each with `=`.
    case filters([String])
    /// Just these words.
    case words([String])
    /// `NAME` of the environment.
    case environment
}
