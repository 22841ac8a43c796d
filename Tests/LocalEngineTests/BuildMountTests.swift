// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import TestSupport
import Testing

@testable import LocalEngine

/// `--mount` of RUN, and named contexts.
@Suite struct BuildMountTests {
    @Test(arguments: [
        ("type=bind,target=/m", "cat /m/dir/f", "a file"),
        ("target=/m", "ls /m/dir", "f\n"),
        ("source=dir,target=/m", "ls /m", "f\n"),
        ("source=dir/f,target=/etc/conf", "cat /etc/conf", "a file"),
        ("source=dir/f,target=in/here", "cat /in/here", "a file"),
        ("source=link,target=/m", "cat /m", "a file"),
        ("source=dir,target=/m", "stat -c '%u:%g %a' /m/f", "0:0 640\n"),
        ("target=/m", "touch /m/x 2>&1 || true", "touch: /m/x: Read-only file system\n"),
        ("target=/m,rw", "touch /m/x && echo $(ls /m)", "Dockerfile dir link x\n"),
        ("from=hello,source=/hello,target=/h", "/h | head -n 1", "안녕하세요"),
        ("from=hello,target=/h", "ls /h | grep h", "hello\n"),
        ("from=hello,target=/h", "touch /h/x 2>&1 || true", "touch: /h/x: Read-only file system\n"),
        ("from=hello,target=/h,rw", "touch /h/x && ls /h | grep x", "x\n"),
        ("from=other,target=/o", "cat /o/name", "other context"),
        ("from=named,source=/hello,target=/h", "ls /h", "/h\n"),
    ])
    func `what a bind mount shows`(mount: String, command: String, output: String) async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("a file", to: "dir/f", mode: 0o640)
            try stage.write("hidden", to: "dir/secret.key")
            try stage.write("*/*.key\n.dockerignore", to: ".dockerignore")
            try FileManager.default.createSymbolicLink(atPath: stage.context + "/link", withDestinationPath: "dir/f")
            let other = stage.roots.files + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            try "other context".write(toFile: other + "/name", atomically: false, encoding: .utf8)
            let told = try await stage.build("FROM starter\nRUN --mount=\(mount) \(command)") {
                $0.contexts = ["other": .directory(other), "named": .image("hello")]
            }.told
            #expect(told.output.hasPrefix(output), "\(told.output)")
            // Nothing of it stays, what was made for it included.
            let layer = try await stage.engine.images.history("t").first
            #expect(layer?.size == ByteCount(0))
            #expect(try await stage.run("sh", "-c", "ls -d /m /o /h /in /etc/conf 2>/dev/null | wc -l") == "0")
            #expect(FileManager.default.fileExists(atPath: stage.context + "/x") == false)
        }
    }

    @Test func `a stage's files are mounted, and only they decide`() async throws {
        try await BuildStage.scoped { stage async throws in
            func file(_ word: String, _ other: String) -> String {
                """
                FROM starter AS made
                RUN mkdir /out && echo \(word) > /out/f && chown 7:8 /out/f
                RUN echo \(other) > /elsewhere
                FROM starter
                RUN --mount=from=made,source=/out,target=/m cat /m/f; stat -c %u:%g /m/f
                """
            }
            #expect(try await stage.build(file("one", "x")).told.output == "one\n7:8\n")
            #expect(try await stage.build(file("one", "y")).told.output == "")
            #expect(try await stage.build(file("two", "y")).told.output == "two\n7:8\n")
        }
    }

    @Test func `what a bind mount shows decides whether the command runs again`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("1", to: "in/f")
            try stage.write("1", to: "out")
            let file = "FROM starter\nRUN --mount=source=in,target=/m cat /m/f > /copy"
            try await stage.build(file)
            try stage.write("2", to: "out")
            #expect(try await stage.build(file).told.lines == ["1 cached", "2 cached"])
            try stage.write("22", to: "in/f")
            #expect(
                try await stage.build(file).told.lines == [
                    "1 cached", "2 missed: in/f changed: size 1 → 2", "2 done",
                ])
            #expect(try await stage.run("cat", "/copy") == "22")
        }
    }

    @Test(arguments: [
        ("source=nosuch,target=/m", "\"/nosuch\": not found"), ("target=/", "invalid mount target"),
        ("source=../x,target=/m", "outside of the build context"), ("from=nosuch,target=/m", "No such image: nosuch"),
        ("type=ssh,target=/m", "no agent"),
    ])
    func `a mount that cannot be says why`(mount: String, reason: String) async throws {
        try await BuildStage.scoped { stage async throws in
            let failure = try await stage.failure("FROM starter\nRUN --mount=\(mount) true")
            #expect(failure.contains(reason), "\(failure)")
        }
    }

    @Test func `a cache begins with what a stage has, and keeps what commands write`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = """
                FROM starter AS seed
                RUN mkdir /seed && echo first > /seed/log && chown 5:6 /seed/log && chmod 711 /seed
                FROM starter
                RUN --mount=type=cache,id=c,from=seed,source=/seed,target=/c stat -c %a:%u /c /c/log; echo more >> /c/log; cat /c/log
                RUN --mount=type=cache,id=c,target=/c ls /c
                """
            #expect(try await stage.build(file).told.output == "711:0\n644:5\nfirst\nmore\n")
            #expect(
                try await stage.build { $0.usesCache = false }.told.output == "711:0\n644:5\nfirst\nmore\nmore\n")
        }
    }

    @Test func `a cache that is locked is one command's at a time, a private one another's`() async throws {
        try await BuildStage.scoped { stage async throws in
            func file(_ sharing: String) -> String {
                let work = "mkdir /c/held && sleep 0.3 && ls /c | wc -l && rmdir /c/held"
                let run = "RUN --mount=type=cache,id=\(sharing),sharing=\(sharing),target=/c \(work)"
                return """
                    FROM starter AS one
                    \(run) # one
                    FROM starter AS two
                    \(run) # two
                    FROM starter
                    COPY --from=one /etc/passwd /1
                    COPY --from=two /etc/passwd /2
                    """
            }
            #expect(try await stage.build(file("locked")).told.output == "1\n1\n")
            #expect(try await stage.build(file("private")).told.output == "1\n1\n")
        }
    }

    @Test func `a stage is built on a directory or on another image`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("mine", to: "f")
            let other = stage.roots.files + "/other"
            try FileManager.default.createDirectory(atPath: other + "/sub", withIntermediateDirectories: true)
            try "from there".write(toFile: other + "/sub/g", atomically: false, encoding: .utf8)
            try "out".write(toFile: other + "/ignored", atomically: false, encoding: .utf8)
            try "ignored".write(toFile: other + "/.dockerignore", atomically: false, encoding: .utf8)
            let file = "FROM base AS b\nFROM tools\nCOPY --from=b / /b/\nCOPY --from=base /sub /sub\nCOPY f /"
            func build() async throws -> BuildStage.Told {
                try await stage.build(file) { $0.contexts = ["base": .directory(other), "tools": .image("starter")] }
                    .told
            }
            _ = try await build()
            #expect(
                try await stage.run("sh", "-c", "cd /b; find . -type f | sort; cat sub/g /sub/g /f")
                    == "./.dockerignore\n./sub/g\nfrom therefrom theremine")
            #expect(try await build().lines.allSatisfy { $0.hasSuffix("cached") })
            try "another".write(toFile: other + "/sub/g", atomically: false, encoding: .utf8)
            #expect(try await build().lines.contains("1 missed: sub/g changed: size 10 → 7"))
            #expect(try await stage.run("cat", "/b/sub/g") == "another")
        }
    }

    @Test func `a base that is a directory has what BuildKit gives an image from nothing`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "base/f")
            try await stage.build("FROM base") { $0.contexts = ["base": .directory(stage.context + "/base")] }
            let details = try await stage.engine.images.inspect("t")
            #expect(
                details.settings.environment == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
        }
    }
}
