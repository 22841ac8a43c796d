// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `cd [DIRECTORY]`: goes to another directory of the host.
struct ChangeDirectoryCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "cd", usage: "[DIRECTORY]",
        summary: Text("Go to another directory of this machine", "이 컴퓨터의 다른 디렉터리로 갑니다"),
        details: Text("Alone it goes to $HOME.", "혼자 쓰면 $HOME으로 갑니다."), arguments: .init(0, 1, .hostPaths))

    @Argument var directory: String?

    func run(in session: Session) async throws {
        guard let path = directory ?? session.variable("HOME") else {
            throw UsageError(sentence: .noHome, pointer: .none, status: 1)
        }
        try session.changeDirectory(to: path)
    }
}

/// `pwd`: the directory in which relative paths of the host begin.
struct ShowDirectoryCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "pwd", usage: "", summary: Text("Show the present directory of this machine", "이 컴퓨터의 지금 디렉터리를 보여 줍니다"))

    func run(in session: Session) async throws { session.output.line(session.directory) }
}
