// SPDX-License-Identifier: Apache-2.0
public import Engine

extension Session {
    /// The container that commands take when none is named.
    public var currentContainer: ContainerName? { state.with { $0.container } }

    /// The image that commands take when none is named.
    public var currentImage: ImageName? { state.with { $0.image } }

    /// Makes a container current; what was current becomes what `use -` goes back to.
    public func use(_ container: ContainerName) {
        state.with { values in
            if values.container != container { values.formerContainer = values.container }
            values.container = container
        }
    }

    /// Makes an image current; what was current becomes what `use -` goes back to.
    public func use(_ image: ImageName) {
        state.with { values in
            if values.image != image { values.formerImage = values.image }
            values.image = image
        }
    }

    /// Forgets the current container when it is one of these names or ids, since it is gone.
    func forget(_ gone: [ContainerName]) {
        state.with { values in
            if let current = values.container, gone.contains(current) { values.container = nil }
            if let former = values.formerContainer, gone.contains(former) { values.formerContainer = nil }
        }
    }

    /// Forgets the current image when it went under this name.
    func forget(_ gone: ImageName) {
        state.with { values in
            if values.image == gone { values.image = nil }
            if values.formerImage == gone { values.formerImage = nil }
        }
    }

    /// Exchanges what is current with what was current before; `false` when there was nothing.
    func useFormer() -> Bool {
        state.with { values in
            guard values.formerContainer != nil || values.formerImage != nil else { return false }
            if let former = values.formerContainer {
                (values.container, values.formerContainer) = (former, values.container)
            }
            if let former = values.formerImage { (values.image, values.formerImage) = (former, values.image) }
            return true
        }
    }

    /// The names given, or the current container where there is none; says so when it takes it.
    func orCurrent(_ names: [ContainerName]) throws -> [ContainerName] {
        if !names.isEmpty { return names }
        guard let current = currentContainer else { throw UsageError.nothingCurrent(.container) }
        if isShell { notice(.takesContainer(current.text)) }
        return [current]
    }

    /// The name given, or the current container.
    func orCurrent(_ name: ContainerName?) throws -> ContainerName { try orCurrent(name.map { [$0] } ?? [])[0] }

    /// The names given, or the current image where there is none; says so when it takes it.
    func orCurrent(_ names: [ImageName]) throws -> [ImageName] {
        if !names.isEmpty { return names }
        guard let current = currentImage else { throw UsageError.nothingCurrent(.image) }
        if isShell { notice(.takesImage(current.text)) }
        return [current]
    }

    /// The name given, or the current image.
    func orCurrent(_ name: ImageName?) throws -> ImageName { try orCurrent(name.map { [$0] } ?? [])[0] }
}

extension UsageError {
    /// Nothing was named and nothing is current.
    static func nothingCurrent(_ thing: CommandDeclaration.CurrentThing) -> Self {
        Self(sentence: thing == .container ? .namesNoContainer : .namesNoImage, status: 1)
    }
}
