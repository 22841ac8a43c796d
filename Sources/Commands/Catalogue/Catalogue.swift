// SPDX-License-Identifier: Apache-2.0

/// Every command there is: the one list that running, help, completion and the manual page read.
public enum Catalogue {
    /// In the order in which help lists them.
    static let types: [any EngineCommand.Type] = [
        RunCommand.self, CreateCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, KillCommand.self,
        WaitCommand.self, ListContainersCommand.self, AttachCommand.self, LogsCommand.self, ExecCommand.self,
        DebugCommand.self,
        CopyCommand.self, RenameCommand.self, InspectCommand.self, InspectContainersCommand.self,
        RemoveContainersCommand.self, PruneContainersCommand.self,
        BuildCommand.self, ListImagesCommand.self, InspectImagesCommand.self, HistoryCommand.self,
        LayersCommand.self,
        RemoveImagesCommand.self,
        TagCommand.self, SaveCommand.self,
        LoadCommand.self, ImportCommand.self,
        PruneImagesCommand.self, RestoreStartersCommand.self, ListBuildCacheCommand.self, PruneBuildCacheCommand.self,
        InformationCommand.self, VersionCommand.self,
        CheckCommand.self, UseCommand.self,
        ChangeDirectoryCommand.self,
        ShowDirectoryCommand.self, SetCommand.self, ExitCommand.self, ShowHelpCommand.self,
        SettleCommand.self, ManualPageCommand.self,
    ]

    /// The declarations of all commands, in the order in which help lists them.
    public static var declarations: [CommandDeclaration] { types.map { $0.declaration } }

    /// A noun before a verb: `container ls`.
    public struct Group: Sendable {
        /// The noun.
        public let name: String
        /// What its commands do.
        public let summary: Text
    }

    /// Nouns under which commands are found.
    public static let groups = [
        Group(name: "container", summary: Text("Manage containers", "컨테이너를 다룹니다")),
        Group(name: "image", summary: Text("Manage images", "이미지를 다룹니다")),
        Group(name: "builder", summary: Text("Manage builds", "빌드와 빌드 캐시를 다룹니다")),
        Group(name: "buildx", summary: Text("Manage builds (the same)", "빌드와 빌드 캐시를 다룹니다 (같은 명령)")),
        Group(name: "system", summary: Text("Manage dsh", "dsh 자체를 다룹니다")),
    ]

    /// The words that Docker's users put first without meaning anything by it.
    static let ignoredFirstWord = "docker"

    /// What the words of a line call.
    enum Call {
        case command(any EngineCommand.Type, words: ArraySlice<String>)
        /// A noun alone: its help.
        case group(Group)
        /// Nothing at all, or `--help`: the help of everything.
        case help
        /// `--version`.
        case version
    }

    /// Finds what is called.
    ///
    /// - Throws: `UsageError` for what is not there, not there yet, or misspelt.
    static func call(_ words: [String]) throws(UsageError) -> Call {
        var rest = words[...]
        if rest.first == ignoredFirstWord { rest = rest.dropFirst() }
        guard let first = rest.popFirst() else { return .help }
        if first.hasPrefix("-") { return try globalFlag(first) }
        if let group = groups.first(where: { $0.name == first }) { return try call(group, rest) }
        if let type = type(named: first) { return .command(type, words: rest) }
        throw unknown(first, followedBy: rest.first)
    }

    private static func call(_ group: Group, _ rest: ArraySlice<String>) throws(UsageError) -> Call {
        guard let verb = rest.first, verb != "--help", verb != "-h" else { return .group(group) }
        guard !verb.hasPrefix("-") else {
            throw UsageError(sentence: Text(verbatim: "unknown flag: \(verb)"), pointer: .none)
        }
        let name = "\(group.name) \(verb)"
        if let type = type(named: name) { return .command(type, words: rest.dropFirst()) }
        if let absent = AbsentCommand.named(name) { throw absent.refusal(name) }
        let verbs = names.filter { $0.hasPrefix(group.name + " ") }.map { String($0.dropFirst(group.name.count + 1)) }
        throw UsageError(
            sentence: .unknownCommand(name),
            hint: NearestWord.to(verb, among: verbs).map { .didYouMean("\(group.name) \($0)") } ?? .seeHelp,
            pointer: .none,
            status: 1)
    }

    private static func globalFlag(_ word: String) throws(UsageError) -> Call {
        switch word {
        case "--help", "-h": return .help
        case "--version", "-v": return .version
        case "--config", "-c", "--context", "-D", "--debug", "-H", "--host", "-l", "--log-level", "--tls",
            "--tlscacert",
            "--tlscert", "--tlskey", "--tlsverify":
            throw UsageError(sentence: .globalFlagIsNotThereYet(word), pointer: .none)
        default: throw UsageError(sentence: Text(verbatim: "unknown flag: \(word)"), pointer: .none)
        }
    }

    private static func unknown(_ word: String, followedBy next: String?) -> UsageError {
        if let absent = AbsentCommand.named(word) { return absent.refusal(word) }
        var error = UsageError(sentence: .unknownCommand(word), pointer: .none, status: 1)
        let known = shortNames + groups.map(\.name) + [ignoredFirstWord]
        // `docer run`, `dokcer ps`: the word before a command was meant to be `docker`.
        if let next, shortNames.contains(next) || groups.contains(where: { $0.name == next }),
            NearestWord.to(word, among: [ignoredFirstWord]) != nil
        {
            error.hint = .didYouMean("\(ignoredFirstWord) \(next)")
        } else {
            error.hint = NearestWord.to(word, among: known).map { .didYouMean($0) } ?? .seeHelp
        }
        error.unknownCommand = word
        return error
    }

    /// Every full name of every command that lists show, in order.
    static var names: [String] { declarations.filter { !$0.isHidden }.flatMap(\.names) }

    /// Names of one word.
    static var shortNames: [String] { names.filter { !$0.contains(" ") } }

    /// The command with this full name.
    static func type(named name: some StringProtocol) -> (any EngineCommand.Type)? {
        types.first { $0.declaration.names.contains { $0 == name } }
    }

    /// Whether a line that begins with this word calls the catalogue: a command, a noun, or `docker` itself.
    public static func contains(_ word: String) -> Bool {
        word == ignoredFirstWord || groups.contains { $0.name == word } || type(named: word) != nil
            || AbsentCommand.named(word) != nil
    }

    /// The word of the catalogue that a misspelt one was probably meant to be.
    public static func nearest(to word: String) -> String? {
        NearestWord.to(word, among: shortNames + groups.map(\.name) + [ignoredFirstWord])
    }
}
