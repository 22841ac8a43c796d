// SPDX-License-Identifier: Apache-2.0
import Engine

/// What `NAME:PATH` is a place of: a container, or an image to copy from.
enum CopySource {
    /// The images that a place may name, with the path in each, the likeliest first: a name has colons of its own
    /// (`host:5000/node:20:/etc`), and the path mostly begins with a slash.
    static func imagePlaces(_ text: String) -> [(image: ImageName, path: String)] {
        var cuts: [String.Index] = []
        if let range = text.firstRange(of: ":/") { cuts.append(range.lowerBound) }
        for index in [text.lastIndex(of: ":"), text.firstIndex(of: ":")].compactMap(\.self) where !cuts.contains(index)
        {
            cuts.append(index)
        }
        return cuts.filter { $0 != text.startIndex }.map { cut in
            (ImageName(text[..<cut]), String(text[text.index(after: cut)...]))
        }
    }
}

extension Session {
    /// What `NAME:PATH` names: a container of this name, otherwise an image, as `inspect` looks.
    ///
    /// - Parameter container: the place as Docker reads it, which it stays where neither is there.
    func copyPlace(_ text: String, orContainer container: ContainerName, _ path: String) async throws
        -> CopyRequest.Place
    {
        let engine = try engine
        do {
            _ = try await engine.containers.inspect(container)
        } catch let error as EngineError {
            guard error.code == .notFound else { return .container(container, path) }
            for (image, path) in CopySource.imagePlaces(text) {
                if try await hasImage(image) { return .image(image, path) }
            }
            return .container(container, path)
        }
        if try await hasImage(ImageName(container.text)) {
            notice(.containerIsTaken(container.text))
        }
        return .container(container, path)
    }

    private func hasImage(_ name: ImageName) async throws -> Bool {
        do { return try await engine.images.find(name) != nil } catch let error as EngineError {
            // A container may have a name that no image can have.
            guard error.code == .invalid else { throw error }
            return false
        }
    }
}
