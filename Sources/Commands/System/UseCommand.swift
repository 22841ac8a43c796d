// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `use [IMAGE|CONTAINER|-]`: sets or shows what commands take when nothing is named.
struct UseCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "use", usage: "[IMAGE|CONTAINER|-]",
        summary: Text(
            "Set the image or container that commands take when none is named", "아무것도 적지 않았을 때 쓸 이미지나 컨테이너를 고릅니다"),
        details: Text(
            "Alone it shows what is current; - goes back to what was current before.",
            "혼자 쓰면 지금 고른 것을 보여 주고, -를 주면 앞의 것으로 돌아갑니다."),
        arguments: .init(0, 1, .imagesAndContainers))

    @Argument var word: String?

    func run(in session: Session) async throws {
        switch word {
        case nil: break
        case "-":
            guard session.useFormer() else { throw UsageError(sentence: .nothingBefore, pointer: .none, status: 1) }
        case let word?: try await use(word, in: session)
        }
        show(in: session)
    }

    private func use(_ word: String, in session: Session) async throws {
        switch try await session.containerOrImage(word) {
        case .container(let details): session.use(ContainerName(details.summary.name))
        case .image(let name): session.use(name)
        }
    }

    private func show(in session: Session) {
        let none = Text.nothing.text(in: session.language)
        session.output.line("\(Text.imageWord.text(in: session.language)): \(session.currentImage?.text ?? none)")
        session.output.line(
            "\(Text.containerWord.text(in: session.language)): \(session.currentContainer?.text ?? none)")
    }
}
