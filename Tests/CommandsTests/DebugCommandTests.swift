// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

/// `debug`: what it opens, and what it says first.
struct DebugCommandTests {
    private static let failed = FailedStep(
        step: BuildStep(number: 3, total: 5, stage: nil, instruction: "RUN npm install", id: 3), place: "Dockerfile:4",
        reason: "exit code: 127", command: "npm install", failed: Timestamp(nanoseconds: 0))

    @Test func `a container comes before an image of its name, and what is neither is said to be none`() async throws {
        let typist = Typist()
        let container = try ContainerSummary.sample("web")
        try typist.engine.with { contents in
            contents.images = [try .sample("web"), try .sample("app")]
            contents.details["web"] = ContainerDetails(summary: container, request: ContainerRequest(image: "web"))
        }
        #expect(await typist("debug web").error == "A shell in debug-1; exit leaves it.\n")
        #expect(typist.engine.with { $0.debug }?.target == .container("web"))
        #expect(
            await typist.type(["debug", "-u", "1000", "-c", "ls /", "app"]) == Seen(status: 0, output: "", error: ""))
        let (target, request) = try #require(typist.engine.with { $0.debug })
        #expect(target == .image("app") && request.command == "ls /" && request.user == "1000")
        #expect(!request.hasTerminal)
        let nobody = await typist("debug nobody")
        #expect(nobody.status == 125 && nobody.error.hasPrefix("dsh: No such container or image: nobody\n"))
    }

    @Test func `alone it opens the failed step that is kept, and shows its command`() async throws {
        let typist = Typist(.shell)
        let none = await typist("debug")
        #expect(none.status == 1)
        #expect(none.error.hasPrefix("dsh: no failed step is kept") && none.error.contains("debug web"))
        typist.engine.with { $0.failedStep = Self.failed }
        #expect(
            await typist("debug").error == """
                Right before [3/5] RUN npm install (Dockerfile:4), which did:
                  npm install
                'again' runs it once more. Nothing done here changes an image; exit leaves.

                """)
        #expect(typist.engine.with { $0.debug }?.target == .failedStep)
    }

    @Test func `the program's status is the command's`() async throws {
        let typist = Typist()
        typist.engine.with {
            $0.failedStep = Self.failed
            $0.attachment = FinishedAttachment(output: "out\n", end: .exited(7))
        }
        #expect(await typist("debug -c false") == Seen(status: 7, output: "out\n", error: ""))
    }

    @Test(arguments: [true, false])
    func `a failed build names debug where the step is kept`(isKept: Bool) async throws {
        try await BuildGround.scoped { ground in
            var failure = BuildFailure.sample("npm install", 1, [])
            failure.isKept = isKept
            let typist = ground.typist()
            let kept = failure
            typist.engine.with { $0.buildFailure = kept }
            let seen = await typist("build .")
            #expect(seen.status == 1)
            #expect(seen.error.contains("'dsh debug' opens a shell right before this step") == isKept)
        }
    }
}
