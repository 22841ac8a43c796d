// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// Contexts and images that were made to do harm, and those that happen to be odd: a clear error, or what Docker does.
@Suite struct BuildHostileTests {
    private static let longName = String(repeating: "n", count: 300)

    private func ground(_ stage: BuildStage) throws {
        try stage.write("mine", to: "f")
        let path = stage.context
        for (link, target) in [
            ("loop", "loop"), ("one", "two"), ("two", "one"), ("out", "/etc/hostname"), ("up", "../../../../../../etc"),
            ("dangling", "nothing"), ("fine", "f"),
        ] { try FileManager.default.createSymbolicLink(atPath: path + "/" + link, withDestinationPath: target) }
        #expect(mkfifo(path + "/fifo", 0o644) == 0)
    }

    @Test(arguments: [
        ("COPY loop /x", "\"/loop\": not found"), ("COPY one /x", "\"/one\": not found"),
        ("COPY out /x", "\"/out\": not found"), ("COPY up/passwd /x", "\"/up/passwd\": not found"),
        ("COPY dangling /x", "\"/dangling\": not found"), ("COPY \(longName) /x", "not found"),
        ("COPY f /\(longName)", "File name too long"), ("COPY f/g /x", "\"/f/g\": not found"),
        ("COPY a/../../f /x", "outside of the build context"), ("WORKDIR /\(longName)", "File name too long"),
        ("COPY --from=starter /../../etc/none /x", "outside"), ("ADD ../f /x", "outside of the build context"),
    ])
    func `what leads nowhere or out is refused with its name`(line: String, reason: String) async throws {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            let failure = try await stage.failure("FROM starter\n" + line)
            #expect(failure.hasPrefix("Dockerfile:2: "), "\(failure)")
            #expect(failure.contains(reason), "\(failure)")
        }
    }

    @Test func `links and fifos are copied as they are, sockets not at all`() async throws {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(number) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) {
                $0.copyBytes(from: Array((stage.context + "/s").utf8).prefix(107))
            }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0)
            try await stage.build("FROM starter\nCOPY . /c\nCOPY fine /x")
            #expect(
                try await stage.run(
                    "sh", "-c",
                    "cd /c; for l in loop out up dangling; do readlink $l; done; "
                        + "test -p fifo && echo fifo; ls s 2>&1; cat /x")
                    == "loop\n/etc/hostname\n../../../../../../etc\nnothing\nfifo\nls: s: No such file or directory\nmine"
            )
        }
    }

    @Test func `links of an image keep files in it`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("mine", to: "f")
            let place = stage.roots.files + "/outside"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let up = String(repeating: "/..", count: 30)
            try await stage.build(
                """
                FROM starter
                RUN ln -s \(up)\(place) /up && ln -s \(place)/g /file && mkdir -p \(place)
                COPY f /up/
                COPY f /file
                ADD f /up/a
                WORKDIR /up/w
                """)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
            #expect(try await stage.run("ls", place) == "a\nf\ng\nw")
        }
    }

    @Test func `a Dockerfile or an ignore file that is a fifo or a directory makes nothing wait`() async throws {
        try await BuildStage.scoped { stage async throws in
            #expect(mkfifo(stage.context + "/Dockerfile", 0o644) == 0)
            await #expect(throws: EngineError.self) { try await stage.build() }
            unlink(stage.context + "/Dockerfile")
            #expect(mkdir(stage.context + "/Dockerfile", 0o755) == 0)
            await #expect(throws: EngineError.self) { try await stage.build() }
            rmdir(stage.context + "/Dockerfile")
            #expect(mkfifo(stage.context + "/.dockerignore", 0o644) == 0)
            try stage.write("mine", to: "f")
            try await stage.build("FROM starter\nCOPY f /f")
        }
    }

    @Test func `a file that changes while it is read is copied whole, or the build says so`() async throws {
        try await BuildStage.scoped { stage async throws in
            let path = stage.context + "/big"
            let count = 4 << 20
            let writing = Task.detached {
                var letter = UInt8(ascii: "a")
                while !Task.isCancelled {
                    letter = letter == UInt8(ascii: "z") ? UInt8(ascii: "a") : letter + 1
                    let file = open(path, O_WRONLY | O_CREAT, 0o644)
                    _ = [UInt8](repeating: letter, count: count).withUnsafeBytes {
                        write(file, $0.baseAddress, $0.count)
                    }
                    close(file)
                }
            }
            defer { writing.cancel() }
            while access(path, F_OK) != 0 { await Task.yield() }
            for _ in 0..<5 {
                let failure = try await stage.failure("FROM starter\nCOPY big /big")
                if failure != "it was built" {
                    #expect(failure.contains("\"big\" was changed while it was read: build again"), "\(failure)")
                }
            }
            writing.cancel()
            await writing.value
            try await stage.build("FROM starter\nCOPY big /big")
            #expect(try await stage.run("sh", "-c", "fold -w 1024 /big | sort -u | wc -l") == "1")
        }
    }

    @Test(arguments: [
        ("../escape", "leads out of its directory"), ("/etc/absolute", ""), (longName, "File name too long"),
    ])
    func `an archive as a context stays in its directory`(name: String, reason: String) async throws {
        try await BuildStage.scoped { stage async throws in
            let files = stage.roots.files
            try "FROM starter\nCOPY . /c".write(toFile: files + "/Dockerfile", atomically: false, encoding: .utf8)
            let script = """
                tarfile, io = __import__('tarfile'), __import__('io')
                t = tarfile.open('\(files)/c.tar', 'w')
                t.add('\(files)/Dockerfile', 'Dockerfile')
                i = tarfile.TarInfo('\(name)'); i.size = 1; t.addfile(i, io.BytesIO(b'x')); t.close()
                """
            try await Program("/usr/bin/python3", ["-c", script]).succeed()
            let archive = open(files + "/c.tar", O_RDONLY)
            defer { close(archive) }
            do {
                try await stage.build { $0.context = .archive(archive) }
            } catch let error as EngineError {
                #expect(!reason.isEmpty && error.message.contains(reason), "\(error)")
            }
            #expect(access("/etc/absolute", F_OK) != 0)
        }
    }
}
