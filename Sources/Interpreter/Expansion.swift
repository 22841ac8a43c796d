// SPDX-License-Identifier: Apache-2.0
import Commands
import Engine
import ShellLanguage

/// Something that a command needs and that is not there, with its place in the text.
struct Problem: Error {
    let sentence: Text
    let span: SourceSpan
    /// 1 unless a command in `$(…)` failed: then its status.
    var status: Int32 = 1
}

/// Fills values into words.
///
/// A variable never splits: `$NAME` is one word, and an empty one an empty word. `$(…)` outside quotes splits at blanks and
/// newlines, and gives no word when nothing was printed; `"$@"` and `$@` give one word for each argument.
struct Expansion {
    let execution: Execution

    private var session: Session { execution.session }

    /// The words that a list of words stands for.
    func words(_ words: [Word]) async throws(Problem) -> [String] {
        var result: [String] = []
        for word in words { result += try await fields(word) }
        return result
    }

    /// The one word that a word stands for: the name of a file, the text of a clause.
    func single(_ word: Word) async throws(Problem) -> String {
        let fields = try await fields(word)
        guard fields.count == 1 else { throw Problem(sentence: .notOneWord(fields.count), span: word.span) }
        return fields[0]
    }

    private func fields(_ word: Word) async throws(Problem) -> [String] {
        var builder = FieldBuilder()
        for piece in word.pieces {
            switch piece.content {
            case .text(let text): builder.append(text)
            case .variable(.arguments, nil): builder.append(list: execution.interpreter.arguments)
            case .variable, .home: builder.append(try await text(of: piece))
            case .output(let substitution):
                let printed = try await output(of: substitution, at: piece.span)
                if piece.quoting == .none { builder.append(splitting: printed) } else { builder.append(printed) }
            }
        }
        return builder.fields
    }

    /// The value of pieces as one text, whatever is in it.
    private func text(of pieces: [WordPiece]) async throws(Problem) -> String {
        var result = ""
        for piece in pieces { result += try await text(of: piece) }
        return result
    }

    private func text(of piece: WordPiece) async throws(Problem) -> String {
        switch piece.content {
        case .text(let text): return text
        case .output(let substitution): return try await output(of: substitution, at: piece.span)
        case .home: return try value(.named("HOME"), at: piece.span)
        case .variable(let variable, let otherwise):
            guard let otherwise else { return try value(variable, at: piece.span) }
            if let value = knownValue(variable), !value.isEmpty { return value }
            return try await text(of: otherwise)
        }
    }

    // MARK: Variables

    private func value(_ variable: Variable, at span: SourceSpan) throws(Problem) -> String {
        if let value = knownValue(variable) { return value }
        switch variable {
        case .named("container"): throw Problem(sentence: .noContainer, span: span)
        case .named("image"): throw Problem(sentence: .noImage, span: span)
        case .named("last"): throw Problem(sentence: .nothingMade, span: span)
        case .named(let name): throw Problem(sentence: .notSet(name), span: span)
        default: throw Problem(sentence: .tooFewArguments(execution.interpreter.arguments.count), span: span)
        }
    }

    /// `nil` for what is not set.
    private func knownValue(_ variable: Variable) -> String? {
        let arguments = execution.interpreter.arguments
        switch variable {
        case .named("container"): return session.currentContainer?.text
        case .named("image"): return session.currentImage?.text
        case .named("last"): return session.variable("last").flatMap { $0.isEmpty ? nil : $0 }
        // The directory is the session's: `cd` moves no other thread of the process.
        case .named("PWD"): return session.directory
        case .named(let name): return session.variable(name)
        case .argument(0): return execution.interpreter.name
        case .argument(let number): return number <= arguments.count ? arguments[number - 1] : nil
        case .argumentCount: return "\(arguments.count)"
        case .arguments, .joinedArguments: return arguments.joined(separator: " ")
        case .status: return "\(session.status)"
        }
    }

    // MARK: Output of commands

    private func output(of substitution: Substitution, at span: SourceSpan) async throws(Problem) -> String {
        let memory: MemoryFile
        do {
            memory = try MemoryFile()
        } catch {
            throw Problem(sentence: .hostFailed(error.step, error.reason), span: span)
        }
        let status = try await execution.run(substitution, printingTo: memory.output, at: span)
        // A list that could not be made must not be taken for an empty one: `rm $(…)` does not run then.
        guard status == 0 else { throw Problem(sentence: .substitutionFailed(status), span: span, status: status) }
        var text = memory.text
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}

/// Puts words together from pieces.
private struct FieldBuilder {
    private var done: [String] = []
    private var current: String?

    var fields: [String] { done + (current.map { [$0] } ?? []) }

    mutating func append(_ text: String) { current = (current ?? "") + text }

    /// The first continues the word before it, the last is continued by what follows.
    mutating func append(list: [String]) {
        for (index, text) in list.enumerated() {
            if index > 0 { finish() }
            append(text)
        }
    }

    mutating func append(splitting text: String) {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        guard let first = text.first, let last = text.last else { return }
        if isBlank(first) { finish() }
        append(list: text.split(whereSeparator: isBlank).map(String.init))
        if isBlank(last) { finish() }
    }

    private mutating func finish() {
        if let current { done.append(current) }
        current = nil
    }
}
