// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import LocalEngine
import TestSupport
import Testing

extension TemporaryEngineRoots {
    /// An engine on these roots.
    func engine() throws -> LocalContainerEngine {
        try LocalContainerEngine(paths: EnginePaths(root: root, runRoot: run))
    }
}

struct ImageStarterTests {
    @Test
    func `starter and hello are in the store from the first start`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let images = try roots.engine().images
            let rows = try await images.list(ImageQuery())
            #expect(
                rows.map { "\($0.repository ?? "-"):\($0.tag ?? "-")" }.sorted() == ["hello:latest", "starter:latest"])
            let starter = try await images.inspect("starter")
            #expect(starter.settings.command == ["sh"])
            #expect(starter.settings.environment.contains { $0.hasPrefix("PATH=") })
            let root = try #require(starter.layerDirectories.first)
            var status = stat()
            for applet in ["bin/sh", "usr/sbin/httpd", "bin/vi", "usr/bin/wget"] {
                #expect(lstat("\(root)/\(applet)", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK, "\(applet)")
            }
            #expect(stat("\(root)/tmp", &status) == 0 && status.st_mode & 0o7777 == 0o1777)
            #expect(stat("\(root)/etc/passwd", &status) == 0 && access("\(root)/etc/shadow", F_OK) != 0)
            #expect(try await images.inspect("hello").layerDirectories.count == 2)
        }
    }

    @Test
    func `hello says what happened in at most 12 lines, in Korean and in English`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let hello = try await roots.engine().images.inspect("hello")
            let script = try #require(hello.layerDirectories.first) + "/hello"
            #expect(hello.settings.command == ["/hello"])
            let lines = try await Program("/bin/busybox", ["sh", script]).run().text.split(
                separator: "\n", omittingEmptySubsequences: false
            ).dropLast()
            #expect(lines.count <= 12)
            #expect(lines.contains { $0.contains("컨테이너") } && lines.contains { $0.contains("container") })
            #expect(lines.filter { $0.contains("run -it starter") }.count == 2)
        }
    }

    @Test
    func `starters that were removed stay removed until they are asked back`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            _ = try await roots.engine().images.prune(all: true, [])
            let images = try roots.engine().images
            #expect(try await images.list(ImageQuery()).isEmpty)
            #expect(try await images.restoreStarters().sorted() == ["hello:latest", "starter:latest"])
            #expect(try await images.list(ImageQuery()).count == 2)
        }
    }
}
