// SPDX-License-Identifier: Apache-2.0
import Terminal

/// Help in Docker's layout, in the reader's language.
struct HelpPage {
    let session: Session

    private func say(_ text: Text) -> String { text.text(in: session.language) }

    /// The help of one command.
    func text(for command: CommandDeclaration) -> String {
        let name = session.typed(command.name)
        var page = "Usage:  \(name) \(command.usage)".trimmingTrailingSpaces + "\n\n" + say(command.summary) + "\n"
        if let details = command.details { page += "\n" + say(details) + "\n" }
        if command.names.count > 1 {
            page +=
                "\n" + say(.aliasesHeading) + "\n  " + command.names.map(session.typed).joined(separator: ", ") + "\n"
        }
        let flags = (command.flags + [.help]).sorted { $0.long < $1.long }
        return page + "\n" + say(.optionsHeading) + "\n" + rows(flags.map { ($0.helpWord, say($0.summary)) })
    }

    /// The help of a noun's commands.
    func text(for group: Catalogue.Group) -> String {
        let prefix = group.name + " "
        var listed: [(String, String)] = []
        for command in Catalogue.declarations where !command.isHidden {
            guard let name = command.names.first(where: { $0.hasPrefix(prefix) }) else { continue }
            listed.append((String(name.dropFirst(prefix.count)), say(command.summary)))
        }
        let name = session.typed(group.name)
        return "Usage:  \(name) COMMAND\n\n" + say(group.summary) + "\n\n" + say(.commandsHeading) + "\n"
            + rows(listed.sorted { $0.0 < $1.0 }) + "\n" + say(.runHelp("\(name) COMMAND")) + "\n"
    }

    /// The help of everything.
    var everything: String {
        let commands = Catalogue.declarations.filter { !$0.isHidden && !$0.name.contains(" ") }
        let name = session.typed("")
        return "Usage:  \(name)COMMAND\n\n" + say(.whatDshIs) + "\n\n" + say(.managementHeading) + "\n"
            + rows(Catalogue.groups.map { ($0.name, say($0.summary)) }) + "\n" + say(.commandsHeading) + "\n"
            + rows(commands.map { ($0.name, say($0.summary)) }) + "\n" + words + optionRows + "\n"
            + say(.runHelp("\(name)COMMAND")) + "\n"
    }

    /// What the shell and scripts know beside the commands.
    private var words: String {
        guard session.state.kind != .oneCommand else { return "" }
        let listed = Catalogue.shellWords.map { ("\($0.name) \($0.usage)", say($0.summary)) }
        return say(.shellHeading) + "\n" + rows(listed) + "\n"
    }

    /// The options of the program itself.
    private var optionRows: String {
        let listed = ProcessOptions.all.map { ("--\($0.name) \($0.value)", say($0.summary)) }
        return say(.globalOptionsHeading) + "\n" + rows(listed)
    }

    /// Two columns, the second folded where the terminal is narrow.
    private func rows(_ rows: [(String, String)]) -> String {
        let left = rows.reduce(0) { max($0, $1.0.columns) }
        let width = session.output.columns.map { max(20, $0 - left - 5) }
        var text = ""
        for (word, meaning) in rows {
            let lines = width.map { meaning.wrapped(to: $0) } ?? [meaning]
            let indent = String(repeating: " ", count: left + 5)
            text += "  " + word.padded(to: left + 3) + lines.joined(separator: "\n" + indent) + "\n"
        }
        return text
    }
}

extension FlagDeclaration {
    /// `-p, --publish list`, or `    --name string` where there is no short name.
    var helpWord: String {
        let name = (short.map { "-\($0), " } ?? "    ") + "--" + long
        switch value {
        case .none, .onByDefault: return name
        case .one(let word), .many(let word): return name + " " + word
        }
    }
}

extension String {
    var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
