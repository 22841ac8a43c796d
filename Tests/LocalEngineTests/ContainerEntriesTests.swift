// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// What Tab asks of a container: what stands in its directories.
struct ContainerEntriesTests {
    private func names(_ directory: String, of name: ContainerName, in stage: ContainerStage) async throws -> [String] {
        try await stage.containers.entries(in: directory, of: name)
            .map { $0.name + ($0.isDirectory ? "/" : "") }.sorted()
    }

    @Test func `a container shows its files running and stopped, volumes included, by name and by id`() async throws {
        try await ContainerStage.scoped { stage in
            try stage.roots.write("1\n", to: "shared/값.txt")
            let script = "mkdir -p /srv/app; ln -s /srv/app /way; ln -s /nowhere /srv/lost; echo made; exec sleep 600"
            var request = stage.request("sh", "-c", script, name: "web")
            request.binds = [BindMount(source: stage.roots.files + "/shared", target: "/data")]
            let id = try await stage.containers.run(request, attaching: nil).container.id
            try await stage.waitForLog("made\n", of: "web")
            for isRunning in [true, false] {
                if !isRunning { try await stage.containers.stop("web", signal: nil, grace: .zero) }
                #expect(try await names("/srv", of: "web", in: stage) == ["app/", "lost"])
                #expect(try await names("/data/", of: ContainerName(id.short), in: stage) == ["값.txt"])
                #expect(try await names("/", of: "web", in: stage).contains("way/"))
                #expect(try await names("/way", of: "web", in: stage) == [])
            }
        }
    }

    @Test func `a look makes nothing, waits for nobody, and says what is not there`() async throws {
        try await ContainerStage.scoped { stage in
            var request = stage.request("true", name: "new")
            request.binds = [BindMount(source: stage.roots.files, target: "/data/deep")]
            let id = try await stage.containers.create(request).id
            #expect(try await names("/", of: "new", in: stage).contains("bin/"))
            #expect(try await !names("/", of: "new", in: stage).contains("data/"))
            let files = stage.containers.files(id)
            #expect(try Descriptor(opening: files.upper, O_RDONLY | O_DIRECTORY).entryNames() == [])

            for (directory, of, code) in [
                ("/none", "new", EngineError.Code.notFound), ("/bin/sh", "new", .system), ("/", "nobody", .notFound),
            ] {
                await #expect { try await stage.containers.entries(in: directory, of: ContainerName(of)) } throws: {
                    ($0 as? EngineError)?.code == code
                }
            }
            guard let lock = try ContainerLock.take(files.directory) else {
                Issue.record("\(files.directory) is gone")
                return
            }
            await #expect { try await stage.containers.entries(in: "/", of: "new") } throws: {
                ($0 as? EngineError)?.code == .conflict
            }
            _ = consume lock
        }
    }
}
