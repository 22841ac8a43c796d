// SPDX-License-Identifier: Apache-2.0

/// A command as help, completion, spelling and the manual page know it.
public struct CommandDeclaration: Sendable {
    /// How many words a command takes, and what they name.
    public struct Arguments: Sendable {
        /// At least so many.
        public let minimum: Int
        /// At most so many; `nil` means any number.
        public let maximum: Int?
        /// What the words name, the last one for all that follow.
        public let candidates: [CandidateSource]
        /// What the session offers where no word is given.
        public let current: CurrentThing?

        /// Declares what may follow the flags.
        init(
            _ minimum: Int, _ maximum: Int? = nil, _ candidates: CandidateSource..., current: CurrentThing? = nil
        ) {
            self.minimum = minimum
            self.maximum = maximum
            self.candidates = candidates
            self.current = current
        }

        /// No words at all.
        static var none: Arguments { Arguments(0, 0) }
    }

    /// What `use` sets.
    public enum CurrentThing: Sendable {
        case container
        case image
    }

    /// Every name under which it is found, the usual one first: `ps`, `container ls`, `container list`, `container ps`.
    public let names: [String]
    /// What follows the name in `Usage:`.
    public let usage: String
    /// What it does, in a line.
    public let summary: Text
    /// What more there is to say; paragraphs of help.
    public let details: Text?
    /// The words after the flags.
    public let arguments: Arguments
    /// Its flags, in any order.
    public let flags: [FlagDeclaration]
    /// Docker's flags that are not there yet, as names of a line: `gpus=` takes a value, `no-healthcheck` does not; a short
    /// name stands before a slash, `c/cpu-shares=`.
    public let absentFlags: String
    /// Docker's flags that are read and change nothing, in Docker neither (BuildKit ignores what the builder before it
    /// knew); written as `absentFlags` are.
    public let ignoredFlags: String
    /// Whether everything after the first word belongs to a program (`run`, `create`, `exec`).
    public let endsOptionsAtFirstWord: Bool
    /// Whether lists of commands leave it out.
    public let isHidden: Bool

    /// Declares a command.
    init(
        _ names: String..., usage: String, summary: Text, details: Text? = nil, arguments: Arguments = .none,
        flags: [FlagDeclaration] = [], absentFlags: String = "", ignoredFlags: String = "",
        endsOptionsAtFirstWord: Bool = false, isHidden: Bool = false
    ) {
        self.names = names
        self.usage = usage
        self.summary = summary
        self.details = details
        self.arguments = arguments
        self.flags = flags
        self.absentFlags = absentFlags
        self.ignoredFlags = ignoredFlags
        self.endsOptionsAtFirstWord = endsOptionsAtFirstWord
        self.isHidden = isHidden
    }

    /// The usual name.
    public var name: String { names[0] }

    /// The flag with this long name, an older one included.
    func flag(long: some StringProtocol) -> FlagDeclaration? {
        flags.first { $0.long == long || $0.olderNames.contains { $0 == long } }
    }

    /// The flag with this short name.
    func flag(short: Character) -> FlagDeclaration? { flags.first { $0.short == short } }

    /// The flags of `absentFlags`.
    var absent: [BareFlag] { absentFlags.split(whereSeparator: \.isWhitespace).map(BareFlag.init) }

    /// The flags of `ignoredFlags`.
    var ignored: [BareFlag] { ignoredFlags.split(whereSeparator: \.isWhitespace).map(BareFlag.init) }
}

/// A flag of Docker's of which nothing but its names matters: dsh does not have it yet, or does nothing for it.
struct BareFlag: Hashable, Sendable {
    let long: String
    let short: Character?
    let takesValue: Bool

    init(_ text: Substring) {
        takesValue = text.hasSuffix("=")
        let names = (takesValue ? text.dropLast() : text).split(separator: "/")
        long = String(names.last ?? "")
        short = names.count > 1 ? names[0].first : nil
    }
}
