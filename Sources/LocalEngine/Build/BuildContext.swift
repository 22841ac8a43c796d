// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Glibc
import Linux

/// What a build is made from, opened: its files, its Dockerfile, its ignore rules.
struct BuildContext: Sendable {
    let tree: SourceTree
    let dockerfile: DockerfileText
    /// Tells this context and Dockerfile from all others on this machine: by their paths, where those are no files of this
    /// machine by the name of what is built.
    let place: String
    /// Where an archive was unpacked; it goes away with this value.
    private let unpacked: UnpackedContext?

    static let largestDockerfile = 1 << 20

    init(_ request: BuildRequest, _ containers: LocalContainers, _ interrupt: Interrupt) throws {
        var unpacked: UnpackedContext?
        let root: Descriptor
        let rootName: String
        switch request.context {
        case .directory(let path):
            root = try Self.open(path)
            rootName = path
        case .archive(let descriptor):
            let archive = try UnpackedContext(descriptor, containers, interrupt)
            root = try Self.open(archive.path)
            rootName = ""
            unpacked = archive
        case .empty:
            let empty = try UnpackedContext(containers)
            root = try Self.open(empty.path)
            rootName = ""
            unpacked = empty
        }
        let (text, name) = try Self.dockerfile(request.dockerfile, in: root)
        do { dockerfile = try DockerfileText(bytes: text, name: Self.shown(name)) } catch {
            throw EngineError(.invalid, .path(name), "\(name): \(error)", cause: error)
        }
        let hasNoPath: Bool
        switch (request.context, request.dockerfile) {
        case (_, .text), (.archive, .standard), (.archive, .inContext): hasNoPath = true
        default: hasNoPath = false
        }
        place = ([rootName, name] + (hasNoPath ? request.names.map(\.text) : [])).joined(separator: "\0")
        let (rules, rulesName) = try Self.rules(request.dockerfile, in: root)
        tree = SourceTree(root: root, rules: rules, rulesName: rulesName)
        self.unpacked = unpacked
    }

    private static func shown(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// A named context, with its own `.dockerignore`.
    static func tree(ofDirectory path: String) throws -> SourceTree {
        let root = try open(path)
        let (rules, name) = try rules(.text([], name: ""), in: root)
        return SourceTree(root: root, rules: rules, rulesName: name)
    }

    private static func open(_ path: String) throws -> Descriptor {
        do throws(SystemError) {
            return try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw EngineError(
                .notFound, .path(path), "unable to prepare context: path \"\(path)\" not found", cause: error)
        }
    }

    private static func dockerfile(
        _ dockerfile: BuildRequest.Dockerfile, in root: borrowing Descriptor
    ) throws -> ([UInt8], String) {
        let (path, bytes): (String, [UInt8])
        do throws(SystemError) {
            switch dockerfile {
            case .text(let text, let name): (path, bytes) = (name, text)
            case .path(let name):
                path = name
                bytes = try Descriptor(opening: name, O_RDONLY | O_NONBLOCK).readToEnd(limit: largestDockerfile)
            case .standard, .inContext:
                if case .inContext(let name) = dockerfile { path = name } else { path = "Dockerfile" }
                bytes = try Descriptor(opening: path, below: root.number, .insideRoot, O_RDONLY | O_NONBLOCK)
                    .readToEnd(limit: largestDockerfile)
            }
        } catch {
            let name: String
            switch dockerfile {
            case .text(_, let shown), .path(let shown), .inContext(let shown): name = shown
            case .standard: name = "Dockerfile"
            }
            let reason = error.number == ENOENT ? "no such file or directory" : String(cString: strerror(error.number))
            throw EngineError(
                .notFound, .path(name), "failed to read dockerfile: open \(name): \(reason)", cause: error)
        }
        return (bytes, path)
    }

    /// `<Dockerfile>.dockerignore` beside the Dockerfile, or the context's own.
    private static func rules(
        _ dockerfile: BuildRequest.Dockerfile, in root: borrowing Descriptor
    ) throws -> (IgnoreRules, String) {
        var found: ([UInt8], String)?
        switch dockerfile {
        case .path(let path): found = readBeside(path)
        case .inContext(let path): found = read(path + ".dockerignore", in: root)
        case .standard: found = read("Dockerfile.dockerignore", in: root)
        case .text: break
        }
        guard let (bytes, name) = found ?? read(".dockerignore", in: root) else {
            return (IgnoreRules(), ".dockerignore")
        }
        do {
            return (try IgnoreRules(parsing: DockerfileText(bytes: bytes, name: name)), name)
        } catch {
            throw EngineError(.invalid, .path(name), "\(name): \(error)", cause: error)
        }
    }

    private static func readBeside(_ path: String) -> ([UInt8], String)? {
        // One that is not there means nothing.
        guard let file = try? Descriptor(opening: path + ".dockerignore", O_RDONLY | O_NONBLOCK),
            // As above.
            let bytes = try? file.readToEnd(limit: largestDockerfile)
        else { return nil }
        return (bytes, shown(path) + ".dockerignore")
    }

    private static func read(_ name: String, in root: borrowing Descriptor) -> ([UInt8], String)? {
        // One that is not there means nothing.
        guard let file = try? Descriptor(opening: name, below: root.number, .insideRoot, O_RDONLY | O_NONBLOCK),
            // As above.
            let bytes = try? file.readToEnd(limit: largestDockerfile)
        else { return nil }
        return (bytes, name)
    }
}

/// A context that came as an archive, in a directory of its own.
private final class UnpackedContext: Sendable {
    private let scratch: BuildScratch

    var path: String { scratch.files.upper }

    init(_ containers: LocalContainers) throws {
        scratch = try BuildScratch(containers, over: [])
    }

    init(_ descriptor: CInt, _ containers: LocalContainers, _ interrupt: Interrupt) throws {
        scratch = try BuildScratch(containers, over: [])
        let queue = ChunkQueue()
        let reader = Worker {
            do throws(ArchiveError) {
                try queue.fill(from: Decompressed(FileSource(reading: descriptor, interrupt: interrupt)).source) { _ in
                }
            } catch {
                queue.fail(error)
            }
        }
        defer {
            queue.abandon()
            reader.wait()
        }
        let root = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        var unpacking = TreeUnpacking(root: root.number, base: "/", cancelled: -1)
        _ = try unpacking.unpack(TarReader(queue))
    }
}
