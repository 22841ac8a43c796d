// SPDX-License-Identifier: Apache-2.0
import Engine

extension CandidateLookup {
    /// `PATH`, `CONTAINER:PATH` or, as what is copied from, `IMAGE:PATH`.
    func copyPlaces(_ place: WordPlace) async -> [Candidate] {
        let isSource = place.words.isEmpty
        guard let colon = current.firstIndex(of: ":"), !current.hasPrefix("/"), !current.hasPrefix(".") else {
            let anywhere = WordPlace([], of: CopyCommand.declaration)
            let names = await containers(.any, anywhere) + (isSource ? images() : [])
            return names.map { Candidate($0.text + ":", $0.description, isComplete: false) } + hostPaths(current)
        }
        let name = current[..<colon]
        let container = name.isEmpty ? session.currentContainer : ContainerName(name)
        let path = String(current[current.index(after: colon)...])
        // What follows the colon begins at the root, with or without a slash: one is offered where none was typed.
        let found = await entries(path.isEmpty ? "/" : path, of: container)
        if !found.isEmpty { return found.map { $0.behind(current[...colon]) } }
        return isSource && !name.isEmpty ? await imagePlaces() : []
    }

    /// Tags behind the first colon, files behind the one that ends the image's name.
    private func imagePlaces() async -> [Candidate] {
        for (image, path) in CopySource.imagePlaces(current) {
            let found = await imageEntries(path.isEmpty ? "/" : path, of: image)
            guard !found.isEmpty else { continue }
            return found.map { $0.behind(current.dropLast(path.count)) }
        }
        return await images().map { Candidate($0.text + ":", $0.description, isComplete: false) }
    }

    /// A layer's number with the instruction that made it, or a path inside the image.
    func layerPlaces(of image: ImageName?) async -> [Candidate] {
        guard let image else { return [] }
        if current.hasPrefix("/") { return await imageEntries(current, of: image) }
        // As elsewhere: without an engine there is nothing to offer.
        let layers = (try? await session.engine.images.layers(of: image)) ?? []
        return layers.reversed().filter { "\($0.number)".hasPrefix(current) }.map { layer in
            Candidate("\(layer.number)", "\(layer.size.decimalText()) · \(layer.shownInstruction)")
        } + (current.isEmpty ? [Candidate("/", Text.fileWord.text(in: session.language), isComplete: false)] : [])
    }

    private func imageEntries(_ typed: String, of image: ImageName) async -> [Candidate] {
        // As above.
        await entries(typed) { try? await session.engine.images.entries(in: $0, of: image) }
    }
}

extension Candidate {
    /// The same with something before it that has been typed already.
    fileprivate func behind(_ head: Substring) -> Candidate {
        Candidate(head + text, description, isComplete: isComplete, label: label)
    }
}
