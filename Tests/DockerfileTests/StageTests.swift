// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

struct StageTests {
    static func graph(
        _ text: String, arguments: [String: String] = [:], contexts: Set<String> = []
    ) throws -> StageGraph {
        let document = try document(text)
        return try StageGraph(
            document, try GlobalArguments(document, BuildInputs(arguments: arguments)), contexts: contexts)
    }

    static let file = """
        ARG base=alpine
        FROM $base AS Deps
        RUN x
        FROM deps AS build
        COPY --from=golang:1 /go /go
        FROM scratch AS docs
        COPY --from=0 /a /b
        FROM busybox AS test
        RUN --mount=type=bind,from=build,target=/b y
        FROM scratch
        COPY --from=BUILD /x /x
        """

    @Test(
        arguments: [
            (nil, [0, 1, 4], [2, 3], ["alpine", "golang:1"]), ("deps", [0], [1, 2, 3, 4], ["alpine"]),
            ("docs", [0, 2], [1, 3, 4], ["alpine"]), ("TEST", [0, 1, 3], [2, 4], ["alpine", "golang:1", "busybox"]),
            ("2", [0, 2], [1, 3, 4], ["alpine"]),
        ] as [(String?, [Int], [Int], [String])])
    func `a target needs its base and what it copies from`(
        target: String?, needed: [Int], skipped: [Int], images: [String]
    ) throws {
        let plan = try Self.graph(Self.file).plan(target: target)
        #expect(plan.needed == needed)
        #expect(plan.skipped == skipped)
        #expect(plan.images == images)
        #expect(plan.target == needed.last)
    }

    @Test func `bases, names and needs`() throws {
        let graph = try Self.graph(Self.file, arguments: ["base": "debian"])
        #expect(graph.stages.map(\.base) == [.image("debian"), .stage(0), .scratch, .image("busybox"), .scratch])
        #expect(graph.stages.map(\.displayName) == ["deps", "build", "docs", "test", "stage-4"])
        #expect(graph.stages.map(\.neededStages) == [[], [0], [0], [1], [1]])
        #expect(graph.stages[1].dependencies.map(\.source) == [.image("golang:1")])
    }

    @Test(
        arguments: [
            ("FROM $x", "base name ($x) should not be blank", "$x"),
            ("ARG x\nFROM ${x}", "base name (${x}) should not be blank", "${x}"),
            ("FROM ${x:?}", "failed to process \"${x:?}\": x: is not allowed to be unset", "${x:?}"),
            (
                "FROM --platform=$BULIDPLATFORM a",
                "empty platform value from expression $BULIDPLATFORM (did you mean BUILDPLATFORM?)", "$BULIDPLATFORM"
            ),
            (
                "FROM a\nCOPY --from=$x a b",
                "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround",
                "$x"
            ),
            ("FROM a\nCOPY --from=3 a b", "invalid stage index 3", "3"),
            ("FROM a\nCOPY --from=-1 a b", "invalid stage index -1", "-1"),
            ("FROM a\nRUN --mount=from=9,target=/x y", "invalid stage index 9", "from=9"),
        ] as [(String, String, String)])
    func `a name that leads nowhere`(text: String, message: String, covered: String) throws {
        do {
            _ = try Self.graph(text)
            Issue.record("it was accepted")
        } catch let error as DockerfileError {
            #expect("\(error)" == message)
            #expect(DockerfileText(text, name: "")[error.span] == covered)
        }
    }

    @Test(
        arguments: [
            ("FROM a AS x\nCOPY --from=x a b", nil, "circular dependency detected on stage: x"),
            ("FROM a\nCOPY --from=0 a b", nil, "circular dependency detected on stage: stage-0"),
            (
                "FROM a\nCOPY --from=y a b\nFROM b AS y\nFROM c\nCOPY --from=0 a b", nil,
                "cannot copy from stage \"y\", it needs to be defined before current stage \"stage-0\""
            ),
            (
                "FROM a AS build\nFROM b AS other", "biuld",
                "target stage \"biuld\" could not be found (did you mean build?)"
            ),
            ("FROM a", "7", "target stage \"7\" could not be found"),
        ] as [(String, String?, String)])
    func `what a target cannot be built from`(text: String, target: String?, message: String) throws {
        let graph = try Self.graph(text)
        do {
            _ = try graph.plan(target: target)
            Issue.record("it was accepted")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test func `a stage that nobody needs may be wrong`() throws {
        let graph = try Self.graph("FROM a AS x\nCOPY --from=y a b\nFROM b AS y\nRUN z")
        #expect(try graph.plan().needed == [1])
    }

    @Test func `of two stages of one name FROM takes the one above and --from the last`() throws {
        let graph = try Self.graph("FROM a AS x\nFROM x AS y\nFROM b AS x\nFROM c\nCOPY --from=x a b")
        #expect(graph.stages[1].base == .stage(0))
        #expect(graph.stages[3].dependencies.map(\.source) == [.stage(2)])
    }

    @Test func `a named context takes the place of an image or of a stage`() throws {
        let graph = try Self.graph(
            "FROM alpine AS x\nFROM busybox\nCOPY --from=src a b\nCOPY --from=x a b", contexts: ["alpine", "src", "x"])
        #expect(graph.stages[0].base == .context("x"))
        #expect(graph.stages[1].base == .image("busybox"))
        #expect(graph.stages[1].dependencies.map(\.source) == [.context("src"), .context("x")])
        #expect(try Self.graph("FROM alpine", contexts: ["alpine"]).stages[0].base == .context("alpine"))
    }

    @Test func `the triggers of a stage come first in the one that is built on it`() throws {
        let graph = try Self.graph(
            "FROM a AS src\nFROM b AS x\nONBUILD COPY --from=src a b\nONBUILD RUN y\nFROM x\nRUN z")
        #expect(graph.stages[2].triggers.map(\.keyword) == [.copy, .run])
        #expect(graph.stages[2].dependencies.map(\.source) == [.stage(0)])
        #expect(try graph.plan().needed == [0, 1, 2])
        #expect(try graph.source(of: Word("SRC", TextSpan(0, 3))) == .stage(0))
    }

    @Test func `scratch can be copied from`() throws {
        #expect(try Self.graph("FROM a\nCOPY --from=scratch a b").stages[0].dependencies.map(\.source) == [.scratch])
    }
}
