// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import TestSupport
import Testing

@testable import LocalEngine

/// What went wrong elsewhere: Docs/cases.md.
@Suite struct BuildCaseTests {
    @Test(arguments: [
        ("*\n!*/*.txt", "./a/1.txt"), ("*\n!**/*.py", "./a/b/3.py\n./a/2.py"), ("a\n!a/b", "./Dockerfile\n./a/b/3.py"),
    ])
    func `an exception with wildcards takes back what is below an excluded directory`(
        rules: String, files: String
    ) async throws {
        try await BuildStage.scoped { stage async throws in
            for name in ["a/1.txt", "a/2.py", "a/b/3.py"] { try stage.write("x", to: name) }
            try stage.write(rules + "\n!.dockerignore\n.dockerignore", to: ".dockerignore")
            try await stage.build("FROM starter\nCOPY . /c")
            #expect(
                try await stage.run("sh", "-c", "cd /c; find . -type f | sort")
                    == files.split(separator: "\n").sorted().joined(separator: "\n"))
        }
    }

    @Test func `a context by way of a link is the same context, and an ignore file that is a link counts`() async throws
    {
        try await BuildStage.scoped { stage async throws in
            for name in ["keep", "drop"] { try stage.write("x", to: name) }
            try stage.write("drop\nrules\n.dockerignore", to: "rules")
            try FileManager.default.createSymbolicLink(
                atPath: stage.context + "/.dockerignore", withDestinationPath: "rules")
            let link = stage.roots.files + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "context")
            let first = try await stage.build("FROM starter\nCOPY . /c")
            #expect(try await stage.run("ls", "-A", "/c") == "Dockerfile\nkeep")
            for path in [link, link + "/", stage.context + "/", stage.roots.files + "/./link/."] {
                let built = try await stage.build { $0.context = .directory(path) }
                #expect(built.image.id == first.image.id, "\(path)")
                #expect(built.told.lines == ["1 done", "2 cached"], "\(path)")
            }
        }
    }

    @Test func `an inherited CMD that ENTRYPOINT takes away is told once`() async throws {
        try await BuildStage.scoped { stage async throws in
            let built = try await stage.build("FROM starter\nENTRYPOINT [\"echo\"]\nENTRYPOINT [\"cat\"]")
            let notes = built.image.warnings.filter { $0.rule == "InheritedCommandDropped" }
            #expect(notes.map(\.line) == [2])
            let again = try await stage.build("FROM starter\nENTRYPOINT [\"echo\"]\nCMD [\"a\"]")
            #expect(!again.image.warnings.contains { $0.rule == "InheritedCommandDropped" })
        }
    }

    @Test func `a user that the image does not know is an error that says so`() async throws {
        try await BuildStage.scoped { stage async throws in
            let failure = try await stage.failure("FROM starter\nUSER nobodyknows\nWORKDIR /w")
            #expect(failure.contains("Dockerfile:3: ") && failure.contains("nobodyknows"), "\(failure)")
        }
    }

    @Test func `files with several names stay one, a stage's triggers are not inherited, capabilities are kept`()
        async throws
    {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "d/one")
            #expect(link(stage.context + "/d/one", stage.context + "/d/two") == 0)
            try stage.write("BZh91AY", to: "a.tar.bz2")
            try await stage.build(
                "FROM starter AS b\nONBUILD RUN echo ran > /ran\nFROM b\nCOPY d /d/\nCOPY --from=b /etc /e")
            #expect(try await stage.run("sh", "-c", "stat -c %h /d/one /d/two; cat /ran") == "2\n2\nran")
            #expect(try await stage.failure("FROM t\nADD a.tar.bz2 /").contains("cannot unpack a.tar.bz2"))
            // A trigger that was inherited would have been run here, too.
            #expect(try await stage.build("FROM t\nRUN rm /ran").told.lines.count == 2)
        }
    }

    @Test func `two builds at once do the same step once`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "f")
            try stage.write("FROM starter\nCOPY f /f\nRUN sleep 0.5; date +%N > /when", to: "Dockerfile")
            let (roots, context) = (stage.roots, stage.context)
            let all = try await withThrowingTaskGroup(of: (ImageID, [String]).self) { group in
                for number in 1...3 {
                    group.addTask {
                        var request = BuildRequest(context: .directory(context))
                        request.names = [ImageName("t\(number)")]
                        let told = BuildStage.Told()
                        return (try await roots.engine().builds.build(request) { told.take($0) }.id, told.lines)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(all.map(\.0)).count == 1)
            for step in [2, 3] { #expect(all.count { $0.1.contains("\(step) done") } == 1, "\(all)") }
        }
    }

    @Test func `hosts are added for RUN, and enter its key`() async throws {
        try await BuildStage.scoped { stage async throws in
            let file = "FROM starter\nRUN grep -E 'db|me' /etc/hosts"
            let hosts = [
                BuildRequest.HostEntry(name: "db", address: try IPAddress(parsing: "10.1.2.3")),
                BuildRequest.HostEntry(name: "me", address: nil),
            ]
            let told = try await stage.build(file) { $0.hosts = hosts }.told
            #expect(told.output.hasPrefix("10.1.2.3\tdb\n") && told.output.contains("\tme\n"), "\(told.output)")
            #expect(try await stage.build(file) { $0.hosts = hosts }.told.lines.last == "2 cached")
            #expect(try await stage.failure(file).contains("exit code: 1"))
        }
    }

    @Test func `prune keeps what an image has too, unless all is asked for, and removes the caches of RUN`()
        async throws
    {
        try await BuildStage.scoped { stage async throws in
            let builds = stage.engine.builds
            try await stage.build(
                "FROM starter\nRUN --mount=type=cache,target=/c head -c 50000 /dev/zero > /c/f; head -c 100000 /dev/zero > /big"
            )
            #expect(try await builds.cachedSteps().map(\.isShared) == [true])
            let old = try await builds.pruneCache(CachePruning(all: true, unusedFor: .seconds(3600)))
            #expect(old.removed.isEmpty && old.reclaimed.bytes == 0)
            let gentle = try await builds.pruneCache(CachePruning())
            #expect(gentle.removed.count == 1 && (50_000..<100_000).contains(gentle.reclaimed.bytes), "\(gentle)")
            #expect(try await builds.cachedSteps().count == 1)
            // The image keeps its layer: nothing is gained by forgetting how it was made.
            let whole = try await builds.pruneCache(CachePruning(all: true))
            #expect(whole.removed.count == 1 && whole.reclaimed.bytes == 0, "\(whole)")
            #expect(try await stage.run("stat", "-c", "%s", "/big") == "100000")
            try await stage.build { $0.names = [] }
            #expect(try await builds.cachedSteps().count == 1)
        }
    }

    @Test func `parents are kept from the point on, and where files lie decides`() async throws {
        try await BuildStage.scoped { stage async throws in
            for name in ["a/b/c/f", "d/b/c/f"] { try stage.write("x", to: name) }
            try await stage.build("FROM starter\nCOPY --parents a/b/./c/f /p/\nCOPY --parents a/b/c/f /q/")
            #expect(try await stage.run("sh", "-c", "find /p /q -type f | sort") == "/p/c/f\n/q/a/b/c/f")
            try await stage.build("FROM starter\nCOPY --parents d/b/c/f /q/")
            #expect(try await stage.run("sh", "-c", "find /q -type f") == "/q/d/b/c/f")
        }
    }
}
