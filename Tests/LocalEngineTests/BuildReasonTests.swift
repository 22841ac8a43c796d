// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import TestSupport
import Testing

@testable import LocalEngine

/// Why each step of a build was taken from the cache or done anew.
@Suite struct BuildReasonTests {
    private static let file = """
        FROM starter
        WORKDIR /app
        COPY a b ./
        ENV E=1
        ARG v=x
        RUN echo $v > v
        RUN echo end > end
        CMD ["a"]
        """

    private func ground(_ stage: BuildStage) throws {
        try stage.write("1", to: "a")
        try stage.write("1", to: "b")
    }

    @Test func `a first build, the same again, and one without the cache say so of every step`() async throws {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            let first = try await stage.build(Self.file).told.explanations
            #expect(first.first == "1 no former build of this Dockerfile has done it")
            #expect(first.dropFirst() == (2...8).map { "\($0) step 1 was done anew, and this one stands on it" }[...])
            let second = try await stage.build(Self.file).told.explanations
            #expect(
                second
                    == (1...8).map {
                        "\($0) " + ($0 == 3 ? "2 files are as they were" : "nothing it depends on has changed")
                    })
            let third = try await stage.build(Self.file) { $0.usesCache = false }.told.explanations
            #expect(third == (1...8).map { "\($0) the cache is not used" })
        }
    }

    @Test(arguments: [
        ("ENV E=1", "ENV E=2", "4 the instruction was: ENV E=1", "6 E changed: 1 → 2"),
        ("CMD", "EXPOSE 80\nCMD", "8 the instruction is new", "9 nothing it depends on has changed"),
        ("ENV E=1\n", "", "4 an instruction before it is gone: ENV E=1", "5 E is not set any more"),
        (
            "echo end", "echo END", "7 the instruction was: RUN echo end > end",
            "8 step 7 was done anew, and this one stands on it"
        ),
        ("v=x", "v=y", "5 the instruction was: ARG v=x", "6 v changed: x → y"),
        (
            "RUN echo $v", "USER nobody\nWORKDIR /tmp\nRUN echo $v", "6 the instruction is new",
            "8 step 7 was done anew, and this one stands on it"
        ),
    ])
    func `an edited file is told by what is another in it`(old: String, new: String, one: String, another: String)
        async throws
    {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            try await stage.build(Self.file)
            let told = try await stage.build(Self.file.replacingOccurrences(of: old, with: new)).told
            #expect(told.explanations.contains(one), "\(told.explanations)")
            #expect(told.explanations.contains(another), "\(told.explanations)")
            #expect(told.lines.count { $0.contains("missed") } <= 1, "\(told.lines)")
        }
    }

    @Test func `an argument, files and a base are told`() async throws {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            try await stage.build(Self.file)
            let argument = try await stage.build(Self.file) { $0.arguments = ["v": "z"] }
            #expect(argument.told.explanations.contains("6 v changed: x → z"))
            try stage.write("22", to: "a")
            try stage.write("2", to: "b")
            let files = try await stage.build(Self.file)
            #expect(
                files.told.explanations.contains("3 a changed: size 1 → 2, and 1 more"), "\(files.told.explanations)")
            let base = "FROM mine\nCOPY b /"
            for text in ["FROM scratch\nCOPY a /", "FROM scratch\nCOPY b /"] {
                try await stage.build {
                    $0.names = ["mine"]
                    $0.dockerfile = .text(Array(text.utf8), name: "base")
                }
                let told = try await stage.build(base).told
                guard text.contains(" b ") else { continue }
                #expect(
                    told.explanations == [
                        "1 mine is another image than it was", "2 step 1 was done anew, and this one stands on it",
                    ])
            }
        }
    }

    @Test func `nothing is compared with another Dockerfile's steps`() async throws {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            try stage.write("FROM starter\nRUN echo one", to: "One")
            try stage.write("FROM starter\nRUN echo two", to: "Two")
            for name in ["One", "Two"] {
                let told = try await stage.build { $0.dockerfile = .path(stage.context + "/" + name) }.told
                #expect(told.lines == ["1 done", "2 done"])
            }
            for name in ["one", "two"] {
                let text = Array("FROM starter\nRUN echo text \(name)".utf8)
                let told = try await stage.build {
                    $0.names = [ImageName(name)]
                    $0.dockerfile = .text(text, name: "Dockerfile")
                }.told
                #expect(told.lines == ["1 done", "2 done"])
            }
        }
    }

    @Test func `a step whose layer was pruned says that it is gone`() async throws {
        try await BuildStage.scoped { stage async throws in
            try ground(stage)
            try await stage.build(Self.file)
            _ = try await stage.engine.images.remove("t", force: true, prune: true)
            _ = try await stage.engine.builds.pruneCache(CachePruning(all: true))
            let told = try await stage.build(Self.file).told
            #expect(told.explanations.contains("2 its layer is no longer in the cache"), "\(told.explanations)")
        }
    }
}
