// SPDX-License-Identifier: Apache-2.0
import Engine

/// What to type next after a failure of the engine: chosen by its code and subject, with near names looked up.
struct Hint {
    let session: Session
    /// The command that failed.
    let command: CommandDeclaration?
    /// Its words without flags.
    let words: [String]

    /// `nil` where nothing useful can be said.
    func text(for error: EngineError) async -> Text? {
        switch (error.code, error.subject) {
        case (.notFound, .container(let name)): await missingContainer(name)
        case (.notFound, .image(let name)): await missingImage(name)
        case (.invalid, .container(let name)): error.message.hasPrefix("multiple IDs") ? .typeMoreOf(name) : nil
        case (.invalid, .image(let name)): name != name.lowercased() ? .didYouMean(name.lowercased()) : nil
        case (.conflict, .container(let name)): containerConflict(name)
        case (.conflict, .image(let name)): await imageInUse(name)
        case (.conflict, .port(let mapping, let free)): anotherPort(mapping, free)
        case (_, .program(let fault)): .programIsFaulty(fault)
        case (.programNotFound, _): programNotFound
        case (.programNotInvocable, _): .programMustBeExecutable
        default: nil
        }
    }

    /// What there is instead of pulling; the tag is a common misprint.
    func texts(for error: MissingImage) async -> [Text] {
        if let near = await nearestImage(error.image.text) { return [.didYouMean(near)] }
        // A blank without quotes cuts a flag's value, and its rest is taken as the image.
        let known = await knownImages()
        if let word = words.dropFirst().first(where: { known.contains(ImageWord.withTag(ImageName($0))) }) {
            return [.anotherWordIsTheImage(taken: words[0], image: word), .insteadOfPull]
        }
        return [.insteadOfPull]
    }

    private func missingContainer(_ name: String) async -> Text {
        // A second failure while looking for near names would hide the first.
        let all = (try? await session.engine.containers.list(ContainerQuery(all: true))) ?? []
        if let near = NearestWord.to(name, among: all.map(\.name)) { return .didYouMean(near) }
        return .listsContainers(session.typed("ps -a"))
    }

    private func missingImage(_ name: String) async -> Text {
        if let near = await nearestImage(name) { return .didYouMean(near) }
        return .listsImages(session.typed("images"))
    }

    /// Every name with its tag.
    private func knownImages() async -> [String] {
        // As above.
        let all = (try? await session.engine.images.list(ImageQuery())) ?? []
        return all.compactMap { row in row.repository.flatMap { name in row.tag.map { "\(name):\($0)" } } }
    }

    private func nearestImage(_ name: String) async -> String? {
        let typed = ImageWord.withTag(ImageName(name))
        guard let near = NearestWord.to(typed, among: await knownImages()), near != typed else { return nil }
        return near
    }

    /// The mapping that was typed, with a port that is free; a container that is there already keeps its mapping.
    private func anotherPort(_ mapping: PortMapping, _ free: PortNumber?) -> Text? {
        guard let free else { return nil }
        let other = PortMapping(
            address: mapping.address, hostPort: free, containerPort: mapping.containerPort,
            transport: mapping.transport)
        let flag = "-p \(other.text(withTransport: false))"
        return command?.name == "run" ? .chooseAnotherPort(flag) : .portStaysWithContainer(session.typed("run \(flag)"))
    }

    /// Which conflict it is follows from what was tried.
    private func containerConflict(_ name: String) -> Text? {
        switch command?.name {
        case "run", "create", "rename":
            .nameIsTaken(name, remove: session.typed("rm \(name)"))
        case "rm": .stopFirst(stop: session.typed("stop \(name)"), force: session.typed("rm -f \(name)"))
        case "attach": .startAttached(session.typed("start -a \(name)"))
        case "exec", "kill": .startAgain(session.typed("start \(name)"))
        default: nil
        }
    }

    /// Names the containers that keep an image, stopped ones too, since `ps` does not show those.
    private func imageInUse(_ name: String) async -> Text? {
        var query = ContainerQuery(all: true)
        query.filters = [Filter(key: "ancestor", value: name)]
        // As above.
        let users = (try? await session.engine.containers.list(query)) ?? []
        let now = Timestamp.now
        guard !users.isEmpty else {
            // A hint that cannot be found is left out; what went wrong is said all the same.
            let names = (try? await session.engine.images.inspect(ImageName(name)).names) ?? []
            return names.count > 1 ? .imageHasSeveralNames(names) : nil
        }
        let shown = users.map { "\($0.name) (\(ContainerRow(summary: $0, isShort: true, now: now).status))" }
        let areRunning = users.contains { $0.state.isRunning }
        let remove = session.typed("rm \(areRunning ? "-f " : "")\(users.map(\.name).joined(separator: " "))")
        return .imageIsUsed(by: shown.joined(separator: ", "), remove: remove, again: session.typed("rmi \(name)"))
    }

    /// Which word was taken as what, since an unquoted blank or a flag in the wrong place makes the wrong word the image.
    private var programNotFound: Text? {
        guard let command, command.endsOptionsAtFirstWord, words.count > 1 else { return nil }
        let (thing, program) = (words[0], words[1])
        if command.name == "exec" { return .programWasLookedFor(program, inContainer: thing) }
        guard program.hasPrefix("-") else { return .wordsWereTaken(image: thing, program: program) }
        let corrected = ([command.name] + words.dropFirst() + [thing]).joined(separator: " ")
        return .flagStandsAfterImage(program, image: thing, corrected: session.typed(corrected))
    }
}
