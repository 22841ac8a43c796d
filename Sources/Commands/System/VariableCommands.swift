// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Terminal

/// `set [NAME=VALUE… | NAME VALUE]`: sets variables, for `$NAME` and for the environment of host commands.
struct SetCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "set", usage: "[NAME=VALUE... | NAME VALUE]", summary: Text("Set variables, or show them", "변수를 정하거나 보여 줍니다"),
        details: Text(
            "Host commands get them in their environment, and $NAME fills them in.",
            "이 컴퓨터의 명령은 환경으로 받고, $NAME 자리에 그 값이 들어갑니다."), arguments: .init(0, nil, .environment))

    @Argument var words: [String] = []

    func run(in session: Session) async throws {
        guard !words.isEmpty else {
            for (name, value) in session.variables.sorted(by: { $0.key < $1.key }) {
                session.output.line("\(name)=\(value)")
            }
            return
        }
        // `set yes on`, as in other shells' prompts: a name and its value.
        let isPair = words.count == 2 && Self.isName(words[0][...]) && !words[1].contains("=")
        let assignments = isPair ? [words.joined(separator: "=")] : words
        // All are looked at before any is set.
        for (name, value) in try assignments.map(Self.assignment) { session.set(name, to: value) }
    }

    private static func assignment(_ word: String) throws(UsageError) -> (String, String) {
        guard let mark = word.firstIndex(of: "="), isName(word[..<mark]) else {
            throw UsageError(sentence: .noAssignment(word), hint: .quoteValues, pointer: .none, status: 1)
        }
        let name = String(word[..<mark])
        guard !["image", "container", "last", "status", "PWD"].contains(name) else {
            throw UsageError(sentence: .isKeptByDsh(name), pointer: .none, status: 1)
        }
        return (name, String(word[word.index(after: mark)...]))
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first > UInt8(ascii: "9") else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}

/// `exit [STATUS]`: leaves the prompt, or ends a script. Where lines are read, the interpreter ends them; alone it is a
/// program that ends with this status.
struct ExitCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "exit", usage: "[STATUS]", summary: Text("Leave dsh", "dsh를 나갑니다"), arguments: .init(0, 1))

    @Argument var status: String?

    func run(in session: Session) async throws {
        guard let status = UInt8(status ?? "0") else {
            throw UsageError(sentence: .exitTakesStatus, pointer: .none, status: 1)
        }
        if status != 0 { throw ExitCode(Int32(status)) }
    }
}
