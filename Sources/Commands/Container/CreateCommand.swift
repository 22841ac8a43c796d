// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `create [OPTIONS] IMAGE [COMMAND] [ARG…]`: makes a container and does not start it.
struct CreateCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "create", "container create", usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        summary: Text("Create a new container", "새 컨테이너를 만들기만 합니다"),
        arguments: .init(1, nil, .images, .none, current: .image), flags: CommandDeclaration.containerFlags,
        absentFlags: CommandDeclaration.absentContainerFlags, endsOptionsAtFirstWord: true)

    @OptionGroup var options: ContainerOptions

    func run(in session: Session) async throws {
        let file = try IDFile(options.cidfile, in: session)
        let request = try options.request(in: session)
        let created = try await session.explainingMissingImage(request, quietly: options.quiet) {
            try await $0.create(request)
        }
        try file?.write(created.id)
        session.report(created.adjustments)
        session.note(last: created.id.text)
        session.use(ContainerName(created.name))
        session.output.line(created.id.text)
    }
}
