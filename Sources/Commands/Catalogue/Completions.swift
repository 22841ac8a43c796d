// SPDX-License-Identifier: Apache-2.0
import Engine

/// What can be typed next, from the declarations that parse commands and from what the engine has.
public enum Completions {
    /// Candidates for the word at the cursor, best first.
    ///
    /// Failures of the engine give no candidates: nobody asked for a sentence about them.
    /// - Parameters:
    ///   - words: the words before it, the command's name first.
    ///   - current: what has been typed of it; empty for a new word.
    ///   - session: its engine, directory and language.
    public static func candidates(
        after words: [String], current: String, in session: Session
    ) async -> [Candidate] {
        var rest = words[...]
        if rest.first == Catalogue.ignoredFirstWord { rest = rest.dropFirst() }
        let source = CandidateLookup(session: session, current: current)
        guard let first = rest.popFirst() else { return firstWords(current, isBare: words.isEmpty, in: session) }
        if let group = Catalogue.groups.first(where: { $0.name == first }) {
            guard let verb = rest.popFirst() else { return verbs(of: group, current, in: session) }
            guard let type = Catalogue.type(named: "\(group.name) \(verb)") else { return [] }
            return await source.candidates(for: type.declaration, after: Array(rest))
        }
        guard let type = Catalogue.type(named: first) else { return [] }
        return await source.candidates(for: type.declaration, after: Array(rest))
    }

    /// Files and directories of the host whose paths begin so, for words that are no command's: redirections, `! ls`.
    ///
    /// - Parameter typed: relative paths begin at the session's directory; hidden names only after a dot.
    public static func hostPaths(_ typed: String, in session: Session) -> [Candidate] {
        CandidateLookup(session: session, current: typed).hostPaths(typed)
    }

    /// Paths inside the current container that begin so, for the words of `@ COMMAND`.
    public static func containerPaths(_ typed: String, in session: Session) async -> [Candidate] {
        await CandidateLookup(session: session, current: typed).containerPaths(typed, of: session.currentContainer)
    }

    private static func firstWords(_ current: String, isBare: Bool, in session: Session) -> [Candidate] {
        let commands = Catalogue.declarations.filter { !$0.isHidden && !$0.name.contains(" ") }
        var all = commands.map { Candidate($0.name, $0.summary.text(in: session.language)) }
        all += Catalogue.groups.map { Candidate($0.name, $0.summary.text(in: session.language)) }
        if isBare { all += Catalogue.shellWords.map { Candidate($0.name, $0.summary.text(in: session.language)) } }
        return all.filter { $0.text.hasPrefix(current) }.sorted { $0.text < $1.text }
    }

    private static func verbs(of group: Catalogue.Group, _ current: String, in session: Session) -> [Candidate] {
        let prefix = group.name + " "
        return Catalogue.declarations.filter { !$0.isHidden }.compactMap { command in
            guard let name = command.names.first(where: { $0.hasPrefix(prefix) }) else { return nil }
            let verb = name.dropFirst(prefix.count)
            guard verb.hasPrefix(current) else { return nil }
            return Candidate(String(verb), command.summary.text(in: session.language))
        }.sorted { $0.text < $1.text }
    }
}

extension CandidateLookup {
    /// Candidates for a command's next word.
    func candidates(for command: CommandDeclaration, after words: [String]) async -> [Candidate] {
        var place = WordPlace(words, of: command)
        if let flag = place.waitingFlag { return await candidates(from: flag.candidates, place) }
        if !place.optionsHaveEnded, current.hasPrefix("-") {
            return await flags(of: command, &place)
        }
        let sources = command.arguments.candidates
        guard !sources.isEmpty, command.arguments.maximum.map({ place.words.count < $0 }) ?? true else { return [] }
        return await candidates(from: sources[min(place.words.count, sources.count - 1)], place)
    }

    private func flags(of command: CommandDeclaration, _ place: inout WordPlace) async -> [Candidate] {
        if let equals = current.firstIndex(of: "="), current.hasPrefix("--"),
            let flag = command.flag(long: current[current.index(current.startIndex, offsetBy: 2)..<equals])
        {
            let typed = CandidateLookup(session: session, current: String(current[current.index(after: equals)...]))
            let head = current[...equals]
            return await typed.candidates(from: flag.candidates, place).map {
                Candidate(head + $0.text, $0.description, isComplete: $0.isComplete, label: $0.label)
            }
        }
        return (command.flags + [.help]).sorted { $0.long < $1.long }.compactMap { flag in
            let name = "--" + flag.long
            if name.hasPrefix(current) { return Candidate(name, flag.summary.text(in: session.language)) }
            guard let short = flag.short, current == "-\(short)" else { return nil }
            return Candidate(current, flag.summary.text(in: session.language))
        }
    }
}

/// Where in a command the cursor stands.
struct WordPlace {
    /// The flag whose value comes next.
    private(set) var waitingFlag: FlagDeclaration?
    /// Whether everything from here on is a word.
    private(set) var optionsHaveEnded = false
    /// The words so far that are no flags.
    private(set) var words: [String] = []
    /// The flags so far, by long name.
    private(set) var flags: Set<String> = []

    init(_ typed: [String], of command: CommandDeclaration) {
        for word in typed {
            if waitingFlag != nil {
                waitingFlag = nil
            } else if optionsHaveEnded || !word.hasPrefix("-") || word == "-" {
                words.append(word)
                if command.endsOptionsAtFirstWord { optionsHaveEnded = true }
            } else if word == "--" {
                optionsHaveEnded = true
            } else if word.hasPrefix("--") {
                let flag = command.flag(long: word.dropFirst(2).prefix { $0 != "=" })
                if let flag { flags.insert(flag.long) }
                if let flag, flag.takesValue, !word.contains("=") { waitingFlag = flag }
            } else {
                readCluster(word.dropFirst(), of: command)
            }
        }
    }

    private mutating func readCluster(_ cluster: Substring, of command: CommandDeclaration) {
        var letters = cluster
        while let letter = letters.popFirst(), let flag = command.flag(short: letter) {
            flags.insert(flag.long)
            guard flag.takesValue else { continue }
            if letters.isEmpty { waitingFlag = flag }
            return
        }
    }
}
