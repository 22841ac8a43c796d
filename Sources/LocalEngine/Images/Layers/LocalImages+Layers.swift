// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import OCI

extension LocalImages {
    func layers(of name: ImageName) async throws -> [ImageLayer] {
        let (record, layerRecords, sharers) = try core.database.read { database in
            let record = try database.image(name).record
            return (
                record, try LayerRecord.of(image: record.id.text, database),
                try LayerRecord.sharers(ofImage: record.id, database)
            )
        }
        let configuration = try ImageConfiguration(reading: record)
        let steps = (configuration.history ?? []).filter { $0.emptyLayer != true }
        return layerRecords.enumerated().map { index, layer in
            // Some tools write no history, or less than there are layers.
            let step = steps.indices.contains(index) ? steps[index] : nil
            return ImageLayer(
                number: index + 1, diffID: layer.diffID.description, instruction: step?.createdBy ?? "",
                created: Timestamp(rfc3339: step?.created), size: ByteCount(layer.size), sharers: sharers[index] ?? [])
        }
    }

    func changes(inLayer number: Int, of name: ImageName) async throws -> [LayerChange] {
        let directories = try resolve(name).layerDirectories
        guard (1...max(1, directories.count)).contains(number), !directories.isEmpty else {
            let count = directories.count == 1 ? "1 layer" : "\(directories.count) layers"
            throw EngineError(.notFound, .engine, "No such layer: \(number) (\(name) has \(count))")
        }
        let index = directories.count - number
        return try await ImageWork.run { _ in
            try LayerComparison.changes(of: directories[index], above: Array(directories[(index + 1)...]))
        }
    }

    func origin(of path: String, in name: ImageName) async throws -> PathOrigin {
        let directories = try resolve(name).layerDirectories
        return try await ImageWork.run { _ in
            let origin = try PathSearch(layers: directories).origin(of: path)
            guard !origin.words.isEmpty else {
                throw EngineError(.notFound, .path(path), "Could not find the file \(path) in any layer of \(name)")
            }
            return origin
        }
    }

    func entries(in directory: String, of name: ImageName) async throws -> [DirectoryEntry] {
        let image = try resolve(name)
        return try await onOwnThread { _ in
            do {
                let root = try ImageRoot.mount(image.layerDirectories, at: core.paths.root + "/containers")
                return try CopySide(root: root, owner: .image(name.text)).entries(directory)
            } catch let error as SystemError {
                throw CopySide.Owner.image(name.text).failure(directory, error)
            }
        }
    }
}

/// The files of an image as its containers see them at first.
enum ImageRoot {
    /// Mounts the layers where only this thread sees them, which must be one of its own; nothing can be written.
    ///
    /// - Parameters:
    ///   - layers: topmost first.
    ///   - place: any directory that is there and that no layer is below; this thread does not see it any more.
    static func mount(_ layers: [String], at place: String) throws(SystemError) -> Descriptor {
        try Namespaces.leave(.mount)
        try MountNamespace.setPropagation(.private)
        try DetachedMount(of: "tmpfs", [], []).attach(at: place)
        let (root, base) = (place + "/root", place + "/base")
        for path in [root, base] { try attempt("mkdir \(path)") { mkdir(path, 0o755) } }
        // overlayfs wants two directories where none is written, and an image may have one layer, or none.
        guard !layers.isEmpty else { return try Descriptor(opening: base, Descriptor.pathOnly | O_DIRECTORY) }
        return try OverlayMount(lower: layers + [base], upper: nil, work: nil, links: place).attach(at: root)
    }
}
