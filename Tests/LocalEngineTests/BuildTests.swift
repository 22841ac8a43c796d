// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// Images made from Dockerfiles: what is in them, and what is done again.
@Suite struct BuildTests {
    private static let app = """
        FROM starter
        WORKDIR /app
        COPY package.txt /app
        RUN cat package.txt > installed
        COPY . /app
        EXPOSE 80
        ENV GREETING=hi
        CMD ["cat", "server.js"]
        """

    private func course(_ stage: BuildStage) throws {
        try stage.write("one\n", to: "server.js")
        try stage.write("deps\n", to: "package.txt")
    }

    @Test func `an image of the course has its files and its settings, and runs`() async throws {
        try await BuildStage.scoped { stage async throws in
            try course(stage)
            let built = try await stage.build(Self.app)
            #expect(built.image.names == ["t:latest"])
            let details = try await stage.engine.images.inspect("t")
            #expect(details.settings.command == ["cat", "server.js"] && details.settings.workingDirectory == "/app")
            #expect(details.settings.exposedPorts == ["80/tcp"] && details.settings.environment.contains("GREETING=hi"))
            #expect(try await stage.run() == "one")
            #expect(try await stage.run("cat", "installed") == "deps")
            #expect(try await stage.run("sh", "-c", "echo $GREETING; stat -c '%u:%g %a' server.js") == "hi\n0:0 644")
        }
    }

    @Test func `a second build takes every step from the cache and gives the same image`() async throws {
        try await BuildStage.scoped { stage async throws in
            try course(stage)
            let first = try await stage.build(Self.app)
            #expect(first.told.lines == (1...8).map { "\($0) done" })
            let second = try await stage.build(Self.app)
            #expect(second.told.lines == (1...8).map { "\($0) cached" })
            #expect(second.image == first.image)
            let anew = try await stage.build { $0.usesCache = false }
            #expect(anew.told.lines == (1...8).map { "\($0) done" })
        }
    }

    @Test func `a changed file is done again with all that follows, and named; what stands before it is not`()
        async throws
    {
        try await BuildStage.scoped { stage async throws in
            try course(stage)
            let first = try await stage.build(Self.app)
            try stage.write("second\n", to: "server.js")
            let second = try await stage.build(Self.app)
            #expect(
                second.told.lines == [
                    "1 cached", "2 cached", "3 cached", "4 cached", "5 missed: server.js changed: size 4 → 7", "5 done",
                    "6 done", "7 done", "8 done",
                ])
            #expect(second.image.id != first.image.id)
            #expect(try await stage.run() == "second")
        }
    }

    @Test func `times decide nothing, modes do, unless chmod says what they become`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "f")
            let plain = "FROM starter\nCOPY f /f"
            let fixed = "FROM starter\nCOPY --chmod=600 f /f"
            try await stage.build(plain)
            utimes(stage.context + "/f", nil)
            #expect(try await stage.build(plain).told.lines == ["1 cached", "2 cached"])
            chmod(stage.context + "/f", 0o664)
            #expect(
                try await stage.build(plain).told.lines == [
                    "1 cached", "2 missed: f changed: mode 644 → 664", "2 done",
                ])
            try await stage.build(fixed)
            chmod(stage.context + "/f", 0o640)
            #expect(try await stage.build(fixed).told.lines == ["1 cached", "2 cached"])
            #expect(try await stage.run("stat", "-c", "%a", "/f") == "600")
        }
    }

    @Test func `every source of a COPY is watched`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("1", to: "a")
            try stage.write("1", to: "b")
            let file = "FROM starter\nCOPY a b ./"
            try await stage.build(file)
            try stage.write("2", to: "b")
            #expect(try await stage.build(file).told.lines == ["1 cached", "2 missed: b changed: contents", "2 done"])
        }
    }

    @Test func `only the stages that the target needs are built, and files come from them`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = """
                FROM starter AS tools
                RUN mkdir /out && echo tool > /out/tool && chown 7:8 /out/tool
                FROM starter AS unused
                RUN exit 1
                FROM starter
                COPY --from=tools /out/ /opt/
                COPY --from=0 --chown=nobody /out/tool /mine
                COPY --from=hello /hello /opt/hello
                """
            let built = try await stage.build(file)
            #expect(built.told.lines.first == "skipped unused")
            #expect(
                try await stage.run("sh", "-c", "cat /opt/tool; stat -c %u:%g /opt/tool /mine")
                    == "tool\n7:8\n65534:65534")
            #expect(try await stage.build(file).told.lines.filter { $0.hasSuffix("done") }.isEmpty)
        }
    }

    @Test func `a step that fails ends the build with its status, and what was done stays`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = "FROM starter\nRUN echo first\nRUN echo before; exit 3\nRUN echo never"
            await #expect(throws: BuildFailure.self) { try await stage.build(file) }
            let failure = try await stage.failure(file)
            #expect(
                failure
                    == "Dockerfile:3: process \"/bin/sh -c echo before; exit 3\" did not complete successfully: exit code: 3"
            )
            #expect(try await stage.engine.images.find("t") == nil)
            let next = try await stage.build("FROM starter\nRUN echo first")
            #expect(next.told.lines == ["1 done", "2 cached"] || next.told.lines == ["1 cached", "2 cached"])
        }
    }

    @Test(arguments: [
        ("RUN nosuch-program", "exit code: 127"), ("RUN [\"/nosuch\"]", "/nosuch"),
        ("COPY --chown=nobodyknows f /", "nobodyknows"),
        ("COPY serverjs /", "\"/serverjs\": not found (did you mean server.js?)"),
        (
            "COPY hidden.txt /",
            "\"/hidden.txt\": not found: it is there, but .dockerignore line 1 (hidden*) excludes it"
        ),
        ("COPY ../x /", "outside of the build context"), ("COPY *.none /", "\"/*.none\": not found: no file matches"),
        ("COPY f server.js /etc/passwd", "end with a /"), ("COPY dir /etc/passwd", "not a directory"),
        ("ADD https://example.com/x /", "dsh downloads from http:// only"),
        (
            "ADD http://127.0.0.1:1/x /",
            "failed to load http://127.0.0.1:1/x: connect to 127.0.0.1:1: Connection refused"
        ),
        ("ADD https://github.com/a/b.git /", "clone it first"), ("ADD git@github.com:a/b.git /", "clone it first"),
        ("ADD --checksum=sha256:12 http://127.0.0.1:1/x /", "it is sha256: and 64 digits"),
        ("COPY --chmod=u+q f /", "invalid chmod parameter"), ("COPY --chmod=99 f /", "invalid chmod parameter"),
        ("FORM starter", "unknown instruction"), ("FROM nosuch", "No such image: nosuch:latest"),
    ])
    func `what cannot be built is refused with a place and a reason`(line: String, reason: String) async throws {
        try await BuildStage.scoped { stage async throws in
            for name in ["f", "server.js", "hidden.txt", "dir/inner"] { try stage.write("x", to: name) }
            try stage.write("hidden*\n", to: ".dockerignore")
            let failure = try await stage.failure("FROM starter\n" + line)
            #expect(failure.contains(reason), "\(failure)")
        }
    }

    @Test func `what is ignored is not copied, and an exception is`() async throws {
        try await BuildStage.scoped { stage async throws in
            for name in ["a.txt", "node_modules/x", "docs/a.md", "docs/keep.txt"] { try stage.write("x", to: name) }
            try stage.write("node_modules\ndocs\n!docs/*.txt\n", to: ".dockerignore")
            try await stage.build("FROM starter\nCOPY . /c")
            #expect(
                try await stage.run("sh", "-c", "cd /c; find . -type f | sort")
                    == "./.dockerignore\n./Dockerfile\n./a.txt\n./docs/keep.txt")
        }
    }

    @Test func `ENTRYPOINT takes an inherited CMD away, in either order of its own`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.build("FROM starter\nENTRYPOINT [\"echo\"]")
            #expect(try await stage.engine.images.inspect("t").settings.command == nil)
            try await stage.build("FROM starter\nCMD [\"a\"]\nENTRYPOINT [\"echo\"]")
            #expect(try await stage.run() == "a")
        }
    }

    @Test func `ARG before FROM is for FROM, until it is named again`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = "ARG v=starter\nFROM $v\nRUN echo [$v]\nARG v\nRUN echo [$v]"
            #expect(try await stage.build(file).told.output == "[]\n[starter]\n")
            #expect(
                try await stage.build(file) { $0.arguments = ["v": "starter:latest"] }.told.output
                    == "[starter:latest]\n")
        }
    }

    @Test func `WORKDIR belongs to the user that was set, COPY to root`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "f")
            try await stage.build("FROM starter\nUSER nobody\nWORKDIR /w\nRUN touch mine\nCOPY f .")
            #expect(try await stage.run("stat", "-c", "%u", "/w", "/w/mine", "/w/f") == "65534\n65534\n0")
        }
    }

    @Test func `a directory that was made anew shows nothing of the old one, also when it was saved and loaded`()
        async throws
    {
        try await BuildStage.scoped { stage async throws in
            let built = try await stage.build(
                "FROM starter\nRUN mkdir /d && touch /d/old && ln -s old /d/link\nRUN rm -r /d && mkdir /d && touch /d/new\nRUN rm /etc/group"
            )
            #expect(
                try await stage.run("sh", "-c", "ls /d; test -e /etc/group || echo gone")
                    == "new\ngone")
            let saved = try await stage.engine.save("t", in: stage.roots)
            _ = try await stage.engine.images.remove("t", force: false, prune: true)
            _ = try await stage.engine.builds.pruneCache(CachePruning(all: true))
            let loaded = try await stage.engine.load(saved, in: stage.roots)
            #expect(loaded.map(\.id) == [built.image.id])
            #expect(try await stage.run("ls", "/d") == "new")
        }
    }

    @Test func `here-documents are commands, scripts and files`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = """
                FROM starter
                RUN <<END
                echo one > /r
                echo two >> /r
                END
                RUN <<END
                #!/bin/sh
                echo script > /s
                END
                COPY <<END /f
                text of a file
                END
                """
            try await stage.build(file)
            #expect(try await stage.run("cat", "/r", "/s", "/f") == "one\ntwo\nscript\ntext of a file")
            #expect(try await stage.run("sh", "-c", "ls -a /dev/pipes 2>&1 | wc -l") == "1")
        }
    }

    @Test func `ADD unpacks an archive, COPY does not`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("inside", to: "tree/file")
            try await Program("/bin/tar", ["-czf", stage.context + "/a.tgz", "-C", stage.context, "tree"]).succeed()
            try await stage.build("FROM starter\nADD a.tgz /added/\nCOPY a.tgz /copied/")
            #expect(try await stage.run("cat", "/added/tree/file") == "inside")
            #expect(try await stage.run("ls", "/copied") == "a.tgz")
        }
    }

    @Test func `secrets and caches are there for the command, and not in the image`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = """
                FROM starter
                RUN --mount=type=secret,id=key cat /run/secrets/key; date +%N > /now
                RUN --mount=type=cache,target=/cache echo more >> /cache/log; cat /cache/log; date +%N > /now
                """
            let first = try await stage.build(file) { $0.secrets = ["key": Array("hush\n".utf8)] }
            #expect(first.told.output == "hush\nmore\n")
            let second = try await stage.build(file) {
                $0.secrets = ["key": Array("hush\n".utf8)]; $0.usesCache = false
            }
            #expect(second.told.output == "hush\nmore\nmore\n")
            #expect(try await stage.run("sh", "-c", "ls -d /run/secrets /cache 2>/dev/null | wc -l") == "0")
        }
    }

    @Test func `SOURCE_DATE_EPOCH gives the same image twice`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "f")
            let file = "FROM starter\nCOPY f /f\nRUN mkdir /m && echo y > /m/z && ln /m/z /m/w"
            func id() async throws -> ImageID {
                try await stage.build(file) {
                    $0.epoch = 1_700_000_000
                    $0.usesCache = false
                }.image.id
            }
            let first = try await id()
            #expect(try await id() == first)
        }
    }

    @Test func `a build that is cancelled leaves its finished steps, and nothing that runs`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = "FROM starter\nRUN echo done\nRUN echo up; sleep 600"
            try stage.write(file, to: "Dockerfile")
            let told = BuildStage.Told()
            let engine = stage.engine
            var request = BuildRequest(context: .directory(stage.context))
            request.names = ["t"]
            let wanted = request
            let work = Task { try await engine.builds.build(wanted) { told.take($0) } }
            while !told.output.contains("up") { try await Task.sleep(for: .milliseconds(10)) }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
            #expect(try await engine.images.find("t") == nil)
            #expect(try await stage.build("FROM starter\nRUN echo done").told.lines.last == "2 cached")
        }
    }

    @Test func `the cache is listed, kept up to a size, and pruned`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.build("FROM starter\nRUN head -c 100000 /dev/zero > /big\nRUN echo small > /s")
            #expect(try await stage.engine.builds.cachedSteps().map(\.instruction).sorted().count == 2)
            _ = try await stage.engine.images.remove("t", force: false, prune: true)
            #expect(try await stage.engine.builds.cachedSteps().allSatisfy { !$0.isShared })
            let pruned = try await stage.engine.builds.pruneCache(CachePruning(all: true))
            #expect(pruned.reclaimed.bytes >= 100_000)
            #expect(try await stage.engine.builds.cachedSteps().isEmpty)
        }
    }
}
