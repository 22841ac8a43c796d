// SPDX-License-Identifier: Apache-2.0
import Archive
import Engine
import Glibc
import Linux
import MonitorProtocol
import OCI
import TestSupport
import Testing

@testable import Dockerfile
@testable import LocalEngine
@testable import ShellLanguage

/// Whatever comes from outside is read or refused: nothing ends the process, hangs it, or is read as something else.
@Suite(.serialized) struct FuzzTests {
    // MARK: Archives

    @Test(.timeLimit(.minutes(15))) func `any stream is an archive or is refused`() throws {
        var fuzzer = try Fuzzer("archive", tokens: ["ustar", "GNU.sparse.map", "30 path=../../x\n", "17 size=99999\n"])
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { room.deallocate() }
        try fuzzer.run(repair: Self.repairChecksums) { input in
            do throws(ArchiveError) {
                let source = try Decompressed(MemorySource(input)).source
                // An archive may say that it is a terabyte: nobody reads further than there is room here.
                var count = 0
                while count < room.count {
                    let more = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
                    if more == 0 { break }
                    count += more
                }
                let reader = TarReader(MemoryInput(room[..<count]))
                var entries = 0
                while let entry = try reader.next() {
                    entries += 1
                    #expect(entry.size >= 0)
                    while let part = try reader.contents() { #expect(part.offset >= 0) }
                }
                return entries > 0
            } catch {
                #expect(!"\(error)".isEmpty)
                return false
            }
        }
    }

    @Test(.timeLimit(.minutes(15))) func `any layer stays in its directory, or is refused`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let parent = roots.files + "/parent"
            mkdir(parent, 0o755)
            var fuzzer = try Fuzzer(
                "archive", tokens: ["../", "/", "./", "..", "dir", "dir/link", ".wh.", ".wh..wh..opq"])
            try fuzzer.run(repair: Self.repairChecksums) { input in
                let isTaken = try Self.unpack(input, parent, roots.files)
                let outside = FileTree.names(in: parent).filter { $0 != "layer" }
                if !outside.isEmpty { throw Finding("outside of the layer: \(outside)") }
                try TreeRemoval.remove(parent + "/layer")
                return isTaken
            }
        }
    }

    private static func unpack(_ input: [UInt8], _ parent: String, _ scratch: String) throws -> Bool {
        mkdir(parent + "/layer", 0o755)
        let target = try Descriptor(opening: parent + "/layer", O_RDONLY | O_DIRECTORY)
        let file = try Descriptor(opening: scratch + "/recipe", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        do {
            let writer = try RecipeWriter(FileSink(writing: file.number), scratchDirectory: scratch)
            let (number, recipe) = (target.number, writer)
            _ = try Pipeline.run { (queue) throws(ArchiveError) in
                try queue.fill(from: Bounded(try Decompressed(MemorySource(input)).source))
            } consume: { (queue) throws(ArchiveError) in
                try LayerUnpacker(into: number, recipe: recipe).unpack(queue)
            }
            return true
        } catch {
            return false
        }
    }

    /// A header's own sum, at its offset 148: without it nearly every change would be refused at once.
    private static func repairChecksums(_ bytes: inout [UInt8], _ random: inout Lot) {
        for start in stride(from: 0, to: bytes.count - 511, by: 512) {
            guard bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) || start == 0 else { continue }
            for index in 148..<156 { bytes[start + index] = 0x20 }
            let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = Array(String(sum, radix: 8).utf8)
            for index in 0..<6 {
                bytes[start + 148 + index] = index < 6 - digits.count ? 0x30 : digits[index - (6 - digits.count)]
            }
            bytes[start + 154] = 0
        }
    }

    // MARK: Images

    @Test(.timeLimit(.minutes(15))) func `any document of an image is read or refused`() throws {
        let tokens = [
            "null", "{", "}", "[", "]", "\"", "1e999", "-1", "\"sha256:", "\\u0000", "\"rootfs\":",
            "\"history\":[null]",
            "18446744073709551616", "\"created\":\"0000-99-99\"", ",",
        ]
        var fuzzer = try Fuzzer("images", tokens: tokens)
        try fuzzer.run { input in
            var isTaken = false
            func read<Document: Codable>(_ type: Document.Type) throws {
                // What is refused has its own tests.
                guard let document = try? ImageDocument.read(type, from: input, "it") else { return }
                _ = try ImageDocument.read(type, from: try ImageDocument.bytes(document), "it, written again")
                isTaken = true
            }
            try read(ImageManifest.self)
            try read(ImageIndex.self)
            try read([DockerArchiveImage].self)
            try read(ImageConfiguration.self)
            return isTaken
        }
    }

    @Test(.timeLimit(.minutes(15))) func `any reference is read or refused, and read again means the same`() throws {
        let tokens = ["/", ":", "@", "sha256:", ".", "-", "__", "[::1]", "localhost", ":5000", "A", "한", "\u{0}", "%"]
        let names = [
            "debian", "a/b:c", "[::1]:1/x", "h:1/a_b@sha256:" + String(repeating: "0", count: 64),
            String(repeating: "a/", count: 120) + "b",
        ]
        var fuzzer = try Fuzzer("references", made: names.map { Array($0.utf8) }, tokens: tokens)
        try fuzzer.run { input in
            let text = String(decoding: input, as: UTF8.self)
            _ = try? Digest(parsing: text)
            guard let reference = try? Reference(parsing: text) else { return false }
            if try Reference(parsing: "\(reference)") != reference { throw Finding("\(reference) of \(text)") }
            return true
        }
    }

    // MARK: What engine and supervisor say to each other

    @Test(.timeLimit(.minutes(15))) func `any bytes on an attached socket are frames or are refused`() throws {
        var exit = ExitRecord()
        exit.ending = .failed(StartFailure())
        let frames: [AttachFrame] = [
            .hello(.init()), .input([1, 2, 3]), .inputClosed, .resize(.init(rows: 24, columns: 80)), .signal(15),
            .welcome(.init()), .output(Array(repeating: 7, count: 300)), .errorOutput([]), .inputCredit(65_536),
            .exit(exit),
            .cut,
        ]
        var fuzzer = try Fuzzer("frames", made: [frames.flatMap(\.encoded)] + frames.map(\.encoded))
        var cuts = Lot(seed: 1)
        try fuzzer.run { input in
            var reader = AttachFrameReader()
            var rest = input[...]
            var read = 0
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...64, using: &cuts))
                rest = rest.dropFirst(part.count)
                reader.append(part)
                do throws(MalformedBytes) {
                    while let frame = try reader.next() {
                        read += 1
                        var again = AttachFrameReader()
                        again.append(frame.encoded)
                        if try again.next() != frame { Issue.record("\(frame) is another when it is written") }
                    }
                } catch {
                    return false
                }
            }
            return read > 0
        }
    }

    @Test(.timeLimit(.minutes(15))) func `any launch description is read or refused, and reads back as it was`() throws
    {
        var launch = LaunchDescription()
        launch.id = String(repeating: "a", count: 64)
        launch.root.lower = ["/a", "/b"]
        var mount = LaunchDescription.Mount()
        (mount.source, mount.target, mount.options) = ("/s", "/t", ["ro"])
        launch.mounts = [mount, mount]
        launch.process.arguments = ["sh", "-c", "한글"]
        launch.process.environment = ["A=b"]
        launch.process.limits = [.init(resource: 7, soft: 1, hard: 2)]
        launch.cgroup.devices = Confinement.deviceRules
        launch.protection.maskedPaths = Confinement.maskedPaths
        launch.protection.seccomp = Array(repeating: 6, count: 64)
        var started = LaunchReport.Started()
        started.ports = [LaunchDescription.PublishedPort()]
        let made = [
            launch.encoded, LaunchReport.started(started).encoded, LaunchReport.failed(StartFailure()).encoded,
            ExitRecord().encoded,
        ]
        var fuzzer = try Fuzzer("launch", made: made)
        try fuzzer.run { input in
            func read<Value: Transferable & Equatable>(_ type: Value.Type) throws -> Bool {
                guard let value = try? Value(decoding: input) else { return false }
                if try Value(decoding: value.encoded) != value {
                    throw Finding("\(value) is another when it is written")
                }
                return true
            }
            let isTaken = [
                try read(LaunchDescription.self), try read(LaunchReport.self), try read(ExitRecord.self),
                try read(StartFailure.self),
            ]
            _ = try? EventRecord(line: input)
            return isTaken.contains(true)
        }
    }

    // MARK: What people write

    @Test(.timeLimit(.minutes(15))) func `any script is read or refused with a place in it`() throws {
        let tokens = [
            "\n", "'", "\"", "\\", "$", "${", "}", "$(", ")", "`", "|", "||", "&&", ";", "<", ">>", "2>", "#", "@", "!",
            "expect ",
            " status 1", "if ", "가", "🇰🇷", "\r\n", "$'", "\\x41", "{{", "\u{0}",
        ]
        var fuzzer = try Fuzzer("shell", tokens: tokens)
        try fuzzer.run { input in
            let text = String(decoding: input.prefix(4096), as: UTF8.self)
            let source = SourceText(text)
            _ = CursorContext(in: text)
            do throws(SyntaxError) {
                let program = try Program(parsing: source)
                if let again = try? Program(parsing: SourceText("\(program)")), "\(again)" != "\(program)" {
                    Issue.record("\(text.debugDescription) changes when it is written again")
                }
                return true
            } catch {
                if error.span.start < 0 || error.span.end > text.utf8.count {
                    Issue.record("\(text.debugDescription): \(error)")
                }
                _ = error.report(in: source)
                return false
            }
        }
    }

    @Test(.timeLimit(.minutes(15))) func `any Dockerfile is read or refused with a place in it`() throws {
        let tokens = [
            "\n", "\\\n", "`", "\"", "'", "$", "${", "}", ":-", "#", "<<E\n", "[", "]", "--from=", "--mount=type=",
            "FROM ", "RUN ",
            "COPY ", "ARG ", "ONBUILD ", "*", "**", "한", "\u{FEFF}", "\u{0}", "99999999999999999999",
        ]
        var fuzzer = try Fuzzer("dockerfile", tokens: tokens)
        let values = ["a": "x y", "VERSION": "1", "PATH": "/bin"]
        try fuzzer.run { input in
            let text = String(decoding: input.prefix(4096), as: UTF8.self)
            let source = DockerfileText(text, name: "f")
            _ = try? VariableExpander(escape: "\\").expand(text) { values[$0] }
            do throws(DockerfileError) {
                let document = try DockerfileDocument.parse(source)
                let global = try GlobalArguments(document, BuildInputs(arguments: values))
                _ = try StageGraph(document, global).plan()
                _ = try Lint.check(document, global)
                return true
            } catch {
                if error.span.start < 0 || error.span.end > text.utf8.count {
                    Issue.record("\(text.debugDescription): \(error)")
                }
                return false
            }
        }
    }

    @Test(.timeLimit(.minutes(15))) func `any ignore file is read or refused`() throws {
        let tokens = ["**", "*", "?", "[", "]", "[^", "!", "/", "..", "\\", "\n", "#", "a-", "한"]
        var fuzzer = try Fuzzer("ignore", tokens: tokens)
        try fuzzer.run { input in
            let text = String(decoding: input.prefix(1024), as: UTF8.self)
            guard let rules = try? IgnoreRules(parsing: DockerfileText(text, name: "i")) else { return false }
            for path in ["a", "keep/x", "node_modules/a/b.log", "한/글"] { _ = rules.verdict(on: path) }
            return true
        }
    }
}

/// Something that must not be.
private struct Finding: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

private enum FileTree {
    static func names(in path: String) -> [String] {
        // A directory that cannot be looked into shows nothing.
        (try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY).entryNames()) ?? []
    }
}

/// A source that ends after a megabyte.
private final class Bounded: ByteSource {
    private let source: any ByteSource
    private var rest = 1 << 20

    init(_ source: any ByteSource) { self.source = source }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, rest)]))
        rest -= count
        return count
    }
}
