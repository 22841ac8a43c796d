// SPDX-License-Identifier: Apache-2.0
import Engine

/// What a word names that may be a container's or an image's.
enum NamedThing {
    case container(ContainerDetails)
    case image(ImageName)
}

extension Session {
    /// A container of this name, otherwise an image, as `inspect` looks.
    ///
    /// - Throws: `.notFound` where it is neither's.
    func containerOrImage(_ word: String) async throws -> NamedThing {
        let engine = try engine
        do {
            return .container(try await engine.containers.inspect(ContainerName(word)))
        } catch let error as EngineError where error.code == .notFound {}
        guard try await engine.images.find(ImageName(word)) != nil else {
            throw EngineError(.notFound, .container(word), "No such container or image: \(word)")
        }
        return .image(ImageName(word))
    }
}
