// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// What `layers` tells of an image that was built: the stack, a layer's files, where a file is from.
struct LayerTests {
    private static let dockerfile = """
        FROM starter
        WORKDIR /app
        COPY . /app
        RUN echo longer than before > server.js && chmod 600 kept.txt && mkdir old && touch old/one old/two
        RUN rm -r old 'lib/이름 둘' && ln -s /app/lib /way && echo more > lib/new.txt
        RUN rm -r lib && mkdir lib && echo alone > lib/alone.txt
        RUN true
        """

    /// Layers of the starter itself, which stand below.
    private func base(_ stage: BuildStage) async throws -> Int {
        try await stage.engine.images.layers(of: "starter").count
    }

    private func built(_ body: (BuildStage, _ below: Int) async throws -> Void) async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("one\n", to: "server.js")
            try stage.write("kept\n", to: "kept.txt")
            try stage.write("12345678", to: "lib/deep/eight.txt")
            try stage.write("two\n", to: "lib/이름 둘")
            try await stage.build(Self.dockerfile)
            try await body(stage, try await base(stage))
        }
    }

    private func changes(_ number: Int, in stage: BuildStage) async throws -> [String] {
        try await stage.engine.images.changes(inLayer: number, of: "t").map { change in
            func shown(_ file: LayerFile?) -> String {
                guard let file else { return "-" }
                return "\(file.kind) \(file.size.bytes) \(String(file.mode, radix: 8))" + (file.target ?? "")
            }
            return "\(change.path): \(shown(change.former)), \(shown(change.present))"
        }
    }

    @Test func `the stack says who made each layer, how large it is and who else has it`() async throws {
        try await built { stage, below async throws in
            let layers = try await stage.engine.images.layers(of: "t")
            #expect(layers.map(\.number) == Array(1...(below + 6)))
            #expect(layers[below].instruction == "WORKDIR /app" && layers[below].size.bytes == 0)
            #expect(layers[below + 1].instruction.hasPrefix("COPY . /app"))
            #expect(layers[below + 5].instruction == "RUN /bin/sh -c true # buildkit")
            #expect(layers[..<below].allSatisfy { $0.sharers.contains("starter:latest") })
            #expect(layers[below...].allSatisfy { $0.sharers.isEmpty })
            // Another image on the first two: those are shared from now on, under every name that it has.
            try await stage.build("FROM starter\nWORKDIR /app\nCOPY . /app\n") { $0.names = ["other:1", "other:2"] }
            let now = try await stage.engine.images.layers(of: "t")
            #expect(now[below].sharers == ["other:1", "other:2"] && now[below + 2].sharers.isEmpty)
            #expect(now[0].sharers == ["hello:latest", "starter:latest", "other:1", "other:2"])
            let history = try await stage.engine.images.history("t")
            #expect(now.map(\.size.bytes).reduce(0, +) == history.map(\.size.bytes).reduce(0, +))
        }
    }

    @Test func `a layer's files are added, changed and removed, with what they were before`() async throws {
        try await built { stage, below async throws in
            let images = stage.engine.images
            let directory = "directory 0 755"
            #expect(try await changes(below + 1, in: stage) == ["/app: -, \(directory)"])
            #expect(
                try await changes(below + 2, in: stage) == [
                    "/app/Dockerfile: -, file \(Self.dockerfile.utf8.count) 644", "/app/kept.txt: -, file 5 644",
                    "/app/lib: -, \(directory)", "/app/lib/deep: -, \(directory)",
                    "/app/lib/deep/eight.txt: -, file 8 644", "/app/lib/이름 둘: -, file 4 644",
                    "/app/server.js: -, file 4 644",
                ])
            #expect(
                try await changes(below + 3, in: stage) == [
                    "/app/kept.txt: file 5 644, file 5 600", "/app/old: -, \(directory)",
                    "/app/old/one: -, file 0 644", "/app/old/two: -, file 0 644",
                    "/app/server.js: file 4 644, file 19 644",
                ])
            #expect(
                try await changes(below + 4, in: stage) == [
                    "/app/lib/new.txt: -, file 5 644", "/app/lib/이름 둘: file 4 644, -",
                    "/app/old: \(directory), -", "/way: -, link 0 777/app/lib",
                ])
            // An opaque directory: what was in it is gone, the directory itself is as it was.
            #expect(
                try await changes(below + 5, in: stage) == [
                    "/app/lib/alone.txt: -, file 6 644", "/app/lib/deep: directory 8 755, -",
                    "/app/lib/new.txt: file 5 644, -",
                ])
            #expect(try await images.changes(inLayer: below + 6, of: "t").isEmpty)
            for number in [0, -1, below + 7, .max] {
                await #expect {
                    try await images.changes(inLayer: number, of: "t")
                } throws: {
                    ($0 as? EngineError)?.message == "No such layer: \(number) (t has \(below + 6) layers)"
                }
            }
        }
    }

    @Test func `a path is traced through the layers, links on the way included`() async throws {
        try await built { stage, below async throws in
            func origin(_ path: String) async throws -> String {
                let origin = try await stage.engine.images.origin(of: path, in: "t")
                let words = origin.words.map { "\($0.layer - below)\($0.file.map { " \($0.kind)" } ?? " removes")" }
                return ([origin.path] + words).joined(separator: ", ")
            }
            #expect(try await origin("/app/server.js") == "/app/server.js, 3 file, 2 file")
            #expect(try await origin("app/./lib/../kept.txt") == "/app/kept.txt, 3 file, 2 file")
            #expect(try await origin("/app/old/one") == "/app/old/one, 4 removes, 3 file")
            #expect(try await origin("/app/old") == "/app/old, 4 removes, 3 directory")
            #expect(try await origin("/app/lib/new.txt") == "/app/lib/new.txt, 5 removes, 4 file")
            #expect(
                try await origin("/app/lib/이름 둘") == "/app/lib/이름 둘, 5 removes, 4 removes, 2 file")
            #expect(try await origin("/way/alone.txt") == "/app/lib/alone.txt, 5 file")
            #expect(try await origin("/way") == "/way, 4 link")
            #expect(
                try await origin("/app/lib") == "/app/lib, 5 directory, 5 removes, 4 directory, 2 directory")
            #expect(try await origin("/bin/sh").hasPrefix("/bin/"))
            #expect(try await origin("/").hasPrefix("/, 6 directory, 5 directory"))
            for path in ["/none", "/app/server.js/x", "/app/old/three"] {
                await #expect { try await stage.engine.images.origin(of: path, in: "t") } throws: {
                    ($0 as? EngineError)?.code == .notFound
                }
            }
            await #expect { try await stage.engine.images.origin(of: "/", in: "nobody") } throws: {
                ($0 as? EngineError)?.code == .notFound
            }
        }
    }

    @Test func `links in circles, out of the root and over directories end somewhere`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.build(
                """
                FROM starter
                RUN ln -s b /a && ln -s a /b && mkdir /d && echo 1 > /d/f && ln -s ../../../d /up
                RUN rm -r /d && echo now a file > /d
                RUN rm /d && ln -s /etc /d
                """)
            let images = stage.engine.images
            await #expect { try await images.origin(of: "/a/x", in: "t") } throws: {
                ($0 as? EngineError)?.message.contains("Too many levels") == true
            }
            let below = try await base(stage)
            let passwd = try await images.origin(of: "/up/passwd", in: "t")
            #expect(passwd.path == "/etc/passwd" && passwd.words.count == 1)
            #expect(
                try await changes(below + 2, in: stage) == ["/d: directory 2 755, file 11 644"])
            #expect(
                try await changes(below + 3, in: stage) == ["/d: file 11 644, link 0 777/etc"])
            #expect(try await images.origin(of: "/d", in: "t").words.map(\.file?.kind) == [.link, .file, .directory])
        }
    }

    @Test func `an image without layers, and one without history, are shown as they are`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.build("FROM scratch\nCMD [\"x\"]\n")
            #expect(try await stage.engine.images.layers(of: "t") == [])
            await #expect { try await stage.engine.images.changes(inLayer: 1, of: "t") } throws: {
                ($0 as? EngineError)?.message == "No such layer: 1 (t has 0 layers)"
            }
            #expect(try await stage.engine.images.entries(in: "/", of: "t").isEmpty)
        }
    }

    @Test func `directories of an image are listed as its containers see them`() async throws {
        try await built { stage, _ async throws in
            let images = stage.engine.images
            func names(_ directory: String) async throws -> [String] {
                try await images.entries(in: directory, of: "t").map { $0.name + ($0.isDirectory ? "/" : "") }.sorted()
            }
            #expect(try await names("/app") == ["Dockerfile", "kept.txt", "lib/", "server.js"])
            #expect(try await names("/way") == ["alone.txt"])
            #expect(try await names("/").contains("way/"))
            await #expect { try await images.entries(in: "/app/old", of: "t") } throws: {
                ($0 as? EngineError)?.code == .notFound
            }
        }
    }
}
