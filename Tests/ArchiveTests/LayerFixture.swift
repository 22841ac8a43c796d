// SPDX-License-Identifier: Apache-2.0
import Archive
import Glibc
import Linux
import TestSupport

/// A layer's archive, unpacked into a directory of the test's own.
struct LayerFixture {
    let directory: String
    let recipe: String
    let result: UnpackedLayer

    /// Unpacks `archive` (plain, gzip or zstd) as the engine does, on two threads.
    static func unpack(_ archive: [UInt8], in roots: TemporaryEngineRoots, named name: String = "layer") async throws
        -> Self
    {
        let directory = "\(roots.files)/\(name)"
        let recipe = "\(roots.files)/\(name).recipe"
        mkdir(directory, 0o755)
        let (_, result) = try Pipeline.run { (queue) throws(ArchiveError) in
            try queue.fill(from: Decompressed(MemorySource(archive)).source)
        } consume: { (queue) throws(ArchiveError) in
            do {
                let target = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
                let file = try Descriptor(opening: recipe, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
                let writer = try RecipeWriter(FileSink(writing: file.number), scratchDirectory: roots.files)
                return try LayerUnpacker(into: target.number, recipe: writer).unpack(queue)
            } catch let error as ArchiveError {
                throw error
            } catch let error as SystemError {
                throw .system(error)
            } catch {
                throw .damaged("\(error)")
            }
        }
        return Self(directory: directory, recipe: recipe, result: result)
    }

    /// The archive, made again from the directory and the recipe.
    func packed() throws -> [UInt8] {
        let target = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
        let file = try Descriptor(opening: recipe, O_RDONLY)
        let packer = try LayerPacker(recipe: file.number, directory: target.number, scratchDirectory: "/tmp")
        let sink = MemorySink()
        try packer.write(to: sink)
        return sink.bytes
    }

    func status(_ name: String) -> stat? {
        var status = stat()
        return lstat("\(directory)/\(name)", &status) == 0 ? status : nil
    }

    func text(_ name: String) throws -> String {
        let file = try Descriptor(opening: "\(directory)/\(name)", O_RDONLY | O_NOFOLLOW)
        return String(decoding: try file.readToEnd(), as: UTF8.self)
    }

    func attribute(_ attribute: String, of name: String) throws -> [UInt8]? {
        try Descriptor(opening: "\(directory)/\(name)", O_RDONLY | O_NOFOLLOW).attribute(attribute)
    }

    func isWhiteout(_ name: String) -> Bool {
        guard let status = status(name) else { return false }
        return status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
    }

    func isOpaque(_ name: String) throws -> Bool {
        try attribute("trusted.overlay.opaque", of: name) == Array("y".utf8)
    }
}

/// An archive that a test puts together.
func archive(_ entries: [(TarEntry, String)]) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = TarWriter(sink)
    for (entry, contents) in entries { try writer.write(entry, contents: Array(contents.utf8)) }
    try writer.finish()
    return sink.bytes
}

func file(_ path: String, _ contents: String = "", mode: UInt32 = 0o644) -> (TarEntry, String) {
    (TarEntry(kind: .regular, path: Array(path.utf8), mode: mode, modified: .init(seconds: 1_000_000_000)), contents)
}

func directory(_ path: String, mode: UInt32 = 0o755) -> (TarEntry, String) {
    (TarEntry(kind: .directory, path: Array(path.utf8), mode: mode, modified: .init(seconds: 1_000_000_000)), "")
}

func link(_ kind: TarEntry.Kind, _ path: String, to target: String) -> (TarEntry, String) {
    var entry = TarEntry(kind: kind, path: Array(path.utf8), mode: 0o777, modified: .init(seconds: 1_000_000_000))
    entry.linkTarget = Array(target.utf8)
    return (entry, "")
}

/// Runs a shell command in a directory and returns its standard output.
func shell(_ command: String, in directory: String, input: [UInt8] = []) async throws -> [UInt8] {
    let result = try await Program("/bin/sh", ["-ec", command], directory: directory).run(input: input)
    guard result.status == 0 else { throw ShellFailure(text: "\(command): \(result.errorText)") }
    return result.output
}

struct ShellFailure: Error {
    let text: String
}
