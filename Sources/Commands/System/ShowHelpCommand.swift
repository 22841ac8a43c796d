// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Terminal

/// `help [COMMAND]`: the help of everything, of a noun, or of one command.
struct ShowHelpCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "help", usage: "[COMMAND]", summary: Text("Help about the commands", "명령을 설명합니다"),
        arguments: .init(0, 2, .commands))

    @Argument var words: [String] = []

    func run(in session: Session) async throws {
        let page = HelpPage(session: session)
        switch try Catalogue.call(words) {
        case .help, .version: session.output.write(page.everything)
        case .group(let group): session.output.write(page.text(for: group))
        case .command(let type, _): session.output.write(page.text(for: type.declaration))
        }
    }
}
