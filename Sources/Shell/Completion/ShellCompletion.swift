// SPDX-License-Identifier: Apache-2.0
internal import Commands
internal import Glibc
internal import ShellLanguage

/// What Tab offers in the shell: the language says where the cursor is, the catalogue and the engine what fits there.
struct ShellCompletion: Sendable {
    let session: Session

    /// Candidates for the word that ends at `cursor`, an offset in UTF-8.
    func completion(of line: String, at cursor: Int) async -> Completion {
        let context = CursorContext(in: line, at: cursor)
        let start = context.span.start
        switch context.place {
        case .command, .argument:
            let words = (context.saysDocker ? ["docker"] : []) + context.words
            let found = await Completions.candidates(after: words, current: context.word, in: session)
            return Completion(start: start, candidates: found.map { candidate($0, in: context) })
        case .file: return Completion(start: start, candidates: files(in: context))
        case .hostCommand:
            // The language looks into the host's words for variables, and then names only what is behind the `$`.
            let before = Array(line.utf8.prefix(start).suffix(2))
            if before.last == UInt8(ascii: "$") || before == Array("${".utf8) {
                return Completion(start: start, candidates: variables(context.word))
            }
            let isProgram = context.words.isEmpty && !context.word.contains("/")
            let found = isProgram ? programs(context.word) : []
            let candidates = found.isEmpty ? files(in: context) : found.map { candidate($0, in: context) }
            return Completion(start: start, candidates: candidates)
        case .variable: return Completion(start: start, candidates: variables(context.word))
        case .containerCommand:
            let found = await Completions.containerPaths(context.word, in: session)
            return Completion(start: start, candidates: found.map { candidate($0, in: context) })
        case .nothing: return .none
        }
    }

    private func files(in context: CursorContext) -> [Completion.Candidate] {
        Completions.hostPaths(context.word, in: session).map { candidate($0, in: context) }
    }

    /// A word of the catalogue as the line needs it: quoted as the line is, with a blank where the word ends.
    private func candidate(_ found: Candidate, in context: CursorContext) -> Completion.Candidate {
        var replacement = ShellQuoting.continued(found.text, in: context.quoting)
        if found.isComplete {
            switch context.quoting {
            case .none, .escaped: break
            case .single, .ansi: replacement += "'"
            case .double: replacement += "\""
            }
        }
        return Completion.Candidate(
            replacement, label: found.label, description: found.description,
            suffix: found.isComplete ? " " : "")
    }

    private func variables(_ typed: String) -> [Completion.Candidate] {
        let own = ["image", "container", "last", "status"] + session.variables.keys.sorted()
        let environment = Text.variableOfEnvironment.text(in: session.language)
        var found = own.map { Completion.Candidate($0, description: session.variable($0) ?? "", suffix: "") }
        found += Self.environmentNames.filter { !own.contains($0) }
            .map { Completion.Candidate($0, description: environment, suffix: "") }
        return found.filter { $0.replacement.hasPrefix(typed) }
    }

    private static var environmentNames: [String] {
        var names: [String] = []
        var place = environ
        while let entry = place.pointee {
            names.append(String(String(cString: entry).prefix { $0 != "=" }))
            place += 1
        }
        return names.sorted()
    }

    /// Programs of the host that begin so. Nothing for an empty word: nobody chooses among thousands.
    private func programs(_ typed: String) -> [Candidate] {
        guard !typed.isEmpty, let path = session.variable("PATH") else { return [] }
        var names: Set<String> = []
        for directory in path.split(separator: ":") {
            guard let stream = opendir(String(directory)) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasPrefix(typed), access("\(directory)/\(name)", X_OK) == 0 { names.insert(name) }
            }
        }
        let word = Text.hostProgram.text(in: session.language)
        return names.sorted().map { Candidate($0, word) }
    }
}
