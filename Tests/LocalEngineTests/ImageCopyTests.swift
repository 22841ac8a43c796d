// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// `cp IMAGE:PATH`: files out of an image, without a container.
struct ImageCopyTests {
    private func request(_ path: String, to target: CopyRequest.Place, _ stage: BuildStage) -> CopyRequest {
        CopyRequest(source: .image("t", path), target: target, directory: stage.roots.files)
    }

    @Test func `files, directories and archives come out of an image, and nothing goes in`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("one\n", to: "dir/server.js", mode: 0o755)
            try stage.write("gone\n", to: "dir/gone")
            try await stage.build("FROM starter\nCOPY dir /srv/dir\nRUN rm /srv/dir/gone && ln -s dir /srv/way\n")
            let containers = stage.engine.containers
            let out = stage.roots.files
            let report = try await containers.copy(request("/srv/dir/server.js", to: .host("."), stage))
            #expect(report.bytes.bytes == 4)
            #expect(try String(contentsOfFile: out + "/server.js", encoding: .utf8) == "one\n")
            _ = try await containers.copy(request("/srv/way/.", to: .host("copy"), stage))
            #expect(try FileManager.default.contentsOfDirectory(atPath: out + "/copy") == ["server.js"])

            let archive = open(out + "/a.tar", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(archive) }
            _ = try await containers.copy(request("/srv/dir", to: .archive(archive), stage))
            #expect(try await Program("/bin/tar", ["tf", out + "/a.tar"]).run().text == "dir/\ndir/server.js\n")

            for (path, code) in [("/none", EngineError.Code.notFound), ("/srv/dir/server.js/", .conflict)] {
                await #expect { try await containers.copy(request(path, to: .host("."), stage)) } throws: {
                    ($0 as? EngineError)?.code == code
                }
            }
            let inwards = CopyRequest(source: .host("server.js"), target: .image("t", "/"), directory: out)
            await #expect { try await containers.copy(inwards) } throws: {
                ($0 as? EngineError)?.message == "an image cannot be changed: copy into a container of it"
            }
            #expect(try await containers.list(ContainerQuery(all: true)).isEmpty)
        }
    }

    @Test func `an image without a shell gives its files as well`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("alone\n", to: "only")
            try await stage.build("FROM scratch\nCOPY only /\n")
            _ = try await stage.engine.containers.copy(request("only", to: .host("out"), stage))
            #expect(try String(contentsOfFile: stage.roots.files + "/out", encoding: .utf8) == "alone\n")
        }
    }
}
