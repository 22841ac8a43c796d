// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Engine
import Glibc

/// `--iidfile` and `--metadata-file`: what a build leaves beside the image.
struct BuildResultFiles {
    private let id: String?
    private let metadata: String?
    private let session: Session

    /// Takes the id's file of a former build away, so that a build that fails leaves none, as Docker does.
    init(id: String?, metadata: String?, in session: Session) throws {
        self.id = id
        self.metadata = metadata
        self.session = session
        guard let id, unlink(session.hostPath(id)) != 0, errno != ENOENT else { return }
        throw UsageError.refusedBuild("removing image ID file: remove \(id): \(HostFile.reason(errno))")
    }

    /// Writes them, the id without a line's end.
    func write(_ image: BuiltImage) throws {
        if let id { try HostFile.create(session.hostPath(id), containing: image.id.text, shownAs: id) }
        guard let metadata else { return }
        var document = JSONObject(.fields)
        // An image of the store is known by its configuration's digest, in Docker too.
        document["containerimage.config.digest"] = .string(image.id.text)
        document["containerimage.digest"] = .string(image.id.text)
        if !image.names.isEmpty { document["image.name"] = .string(image.names.joined(separator: ",")) }
        let file = try OpenFile(writing: session.hostPath(metadata), shownAs: metadata)
        let text = Array((JSONValue.object(document).indentedText + "\n").utf8)
        let count = text.withUnsafeBytes { Glibc.write(file.descriptor, $0.baseAddress, $0.count) }
        guard count == text.count else { throw HostFile.failure("write", metadata) }
    }
}
