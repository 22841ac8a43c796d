// SPDX-License-Identifier: Apache-2.0

import Content
import Engine
import Glibc
import OCI

/// Images of this machine's store: rows in the database, layers and manifests on disk.
struct LocalImages: ImageOperations {
    let core: EngineCore

    var layers: LayerStore { LayerStore(directory: core.paths.layers) }
    var blobs: BlobStore { BlobStore(directory: core.paths.blobs) }
    var intake: LayerIntake { LayerIntake(layers: layers, blobs: blobs) }

    func find(_ name: ImageName) async throws -> ImageID? { try id(of: name) }

    func tag(_ source: ImageName, as target: ImageName) async throws {
        let reference = try Self.reference(target)
        guard reference.digest == nil else {
            throw EngineError(.invalid, .image(target.text), "refusing to create a tag with a digest reference")
        }
        // moby's reference store: `sha256:0123` is read as the beginning of an id everywhere else.
        guard reference.familiarName != "sha256" else {
            throw EngineError(
                .invalid, .image(target.text),
                "refusing to create an ambiguous tag using digest algorithm as name")
        }
        try core.database.write(.machine) { database in
            let image = try database.image(source).record
            try ImageTag(reference: reference.withDefaultTag, image: image.id, tagged: Self.now).put(database)
        }
    }

    /// The wall clock, nanoseconds since 1970.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Reads a name that must be a reference.
    static func reference(_ name: ImageName) throws(EngineError) -> Reference {
        do { return try Reference(parsing: name.text) } catch {
            throw EngineError(.invalid, .image(name.text), "\(error)", cause: error)
        }
    }
}
