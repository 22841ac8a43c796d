// SPDX-License-Identifier: Apache-2.0

/// A word that can stand where the cursor is.
public struct Candidate: Hashable, Sendable {
    /// The whole word, what has been typed of it included.
    public let text: String
    /// A word about it, in the reader's language.
    public let description: String
    /// Whether the word ends there: a directory or `name:` goes on.
    public let isComplete: Bool
    /// What a menu shows: of a path only its last part.
    public let label: String

    /// Puts a candidate together.
    ///
    /// - Parameter label: `nil` means the whole word.
    public init(_ text: String, _ description: String = "", isComplete: Bool = true, label: String? = nil) {
        self.text = text
        self.label = label ?? text
        self.description = description
        self.isComplete = isComplete
    }
}

/// A word that the shell and scripts know beside the catalogue's commands.
public struct ShellWord: Sendable {
    /// The word.
    public let name: String
    /// What follows it.
    public let usage: String
    /// What it does, in a line.
    public let summary: Text
}

extension Catalogue {
    /// Words of the shell and of scripts; the interpreter does what they say.
    public static let shellWords = [
        ShellWord(
            name: "@", usage: "COMMAND", summary: Text("Run it in the current container", "지금 컨테이너 안에서 실행합니다")),
        ShellWord(name: "!", usage: "COMMAND", summary: Text("Run it on this machine", "내 컴퓨터에서 실행합니다")),
        ShellWord(
            name: "expect", usage: "COMMAND…",
            summary: Text("Check how a command ends and what it prints", "명령이 어떻게 끝나고 무엇을 찍는지 확인합니다")),
    ]
}
