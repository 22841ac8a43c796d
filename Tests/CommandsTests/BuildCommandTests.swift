// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

/// Whole lines of `build` and `builder`, from what is typed to what is seen.
struct BuildCommandTests {
    private static let warning = BuildWarning(
        rule: "JSONArgsRecommended",
        message: "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
        url: "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/",
        place: "Dockerfile:4\n  CMD node server.js\n  ^", line: 4)

    private static let events: [BuildEvent] = [
        .started(BuildViewTests.from), .finished(BuildViewTests.from, fromCache: true, size: nil),
    ]

    @Test func `a build ends with the image's id and its names`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { contents in
                contents.buildEvents = Self.events
                contents.builtNames = ["goals:latest", "a/b:1"]
            }
            let steps = "[1/4] FROM starter\n  CACHED (Using cache)\n"
            let names = "Successfully tagged goals:latest\nSuccessfully tagged a/b:1\n"
            let result = "Successfully built \(RecordingEngine.id.prefix(12))\n\(names)"
            for line in ["build .", "build --progress=plain .", "build --progress tty .", "docker buildx build ."] {
                #expect(await typist(line) == Seen(status: 0, output: result, error: steps))
            }
            for line in ["build -q .", "build --progress=quiet .", "build -q --progress quiet ."] {
                #expect(
                    await typist(line) == Seen(status: 0, output: "sha256:\(RecordingEngine.id)\n", error: ""))
            }
            let raw = await typist("build --progress=rawjson .")
            #expect(raw.output == "" && raw.error.hasPrefix("{\"event\":\"started\",\"seconds\":0"))
            let built =
                "{\"event\":\"built\",\"image\":\"sha256:\(RecordingEngine.id)\",\"names\":[\"goals:latest\",\"a/b:1\"]}\n"
            #expect(raw.error.hasSuffix(built))
        }
    }

    @Test func `BUILDKIT_PROGRESS is the progress where none is given`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { $0.buildEvents = Self.events }
            typist.session.set("BUILDKIT_PROGRESS", to: "rawjson")
            #expect(await typist("build .").error.hasPrefix("{"))
            #expect(await typist("build --progress plain .").error.hasPrefix("[1/4]"))
        }
    }

    @Test func `warnings stand above the result`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { $0.warnings = [Self.warning] }
            let one = await typist("build .")
            #expect(
                one.error == """

                     1 warning found (use 'dsh build --check' to see more):
                     - JSONArgsRecommended: \(Self.warning.message) (line 4)


                    """)
            typist.engine.with { $0.warnings = [Self.warning, Self.warning] }
            #expect(await typist("build .").error.hasPrefix("\n 2 warnings found ("))
            #expect(await typist("build -q .").error == "")
        }
    }

    @Test func `--check builds nothing, shows everything, and fails where there is something`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            #expect(
                await typist("build --check .")
                    == Seen(status: 0, output: "Check complete, no warnings found.\n", error: ""))
            typist.engine.with { $0.warnings = [Self.warning] }
            #expect(
                await typist("build --check .")
                    == Seen(
                        status: 1,
                        output: """
                            Check complete, 1 warning has been found!

                            WARNING: JSONArgsRecommended - \(Self.warning.url)
                            \(Self.warning.message)
                            \(Self.warning.place)

                            """, error: ""))
            #expect(typist.engine.calls == ["check build", "check build"])
        }
    }

    @Test func `a base that is not here is told as run tells it`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { $0.buildFailure = EngineError.noSuchImage("node") }
            let seen = await typist("build --pull .")
            #expect(seen.status == 1)
            #expect(
                seen.error.hasPrefix(
                    "Unable to find image 'node:latest' locally\ndsh: pulling images is not there yet\n"))
        }
    }

    @Test func `a tag that cannot be is named`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { contents in
                contents.buildFailure = EngineError(.invalid, .image("UPPER"), "invalid reference format: …")
            }
            let error = "dsh: invalid tag \"UPPER\": invalid reference format: …\n     Did you mean: upper\n"
            #expect(await typist("build -t UPPER .") == Seen(status: 1, output: "", error: error))
        }
    }

    @Test func `a failed step is shown with its last lines, its place and the likely cause`() async throws {
        try await BuildGround.scoped { ground in
            let failure = BuildFailure.sample("npm install", 127, ["/bin/sh: npm: not found"])
            let typist = ground.typist()
            typist.engine.with { contents in
                contents.buildEvents = [.started(BuildViewTests.run), .failed(BuildViewTests.run)]
                contents.buildFailure = failure
            }
            let seen = await typist("build -q .")
            #expect(seen.status == 1 && seen.output == "")
            #expect(
                seen.error == """
                    dsh: process "/bin/sh -c npm install" did not complete successfully: exit code: 127
                    ------
                     > [3/4] RUN npm install:
                       /bin/sh: npm: not found
                    ------
                    Dockerfile:4
                         This base has no npm. Begin with FROM node

                    """)
            let korean = ground.typist(language: .korean)
            korean.engine.with { $0.buildFailure = failure }
            #expect(await korean("build -q .").error.hasSuffix("이 베이스 이미지에는 npm이(가) 없습니다. FROM node로 시작하세요\n"))
        }
    }

    @Test(
        arguments: [
            (127, "sh: 1: curl: not found", "This base has no curl. Install it"),
            (127, "bash: line 1: apt-get: command not found", "This base has no apt-get. Alpine's is apk"),
            (127, "exec: \"python\": executable file not found in $PATH", "FROM python"),
            (127, "", "127 means that the program was not found"), (126, "/bin/sh: ./x: Permission denied", "chmod +x"),
            (1, "tar: write error: No space left on device", "The disk is full"),
            (
                1, "npm ERR! enoent ENOENT: no such file or directory, open '/app/package.json'",
                "package.json is not there yet"
            ),
            (100, "Temporary failure resolving 'deb.debian.org'", "found no network"),
            (1, "wget: bad address 'example.com'", "found no network"),
            (1, "mkdir: can't create directory '/x': Permission denied", "USER root"),
            (137, "", "137 means"), (2, "make: *** [all] Error 2", nil), (1, "grep: x: No such file or directory", nil),
        ] as [(Int32, String, String?)])
    func `the likely cause is told from the status and the last lines`(
        status: Int32, line: String, cause: String?
    ) {
        let failure = BuildFailure.sample("x", status, line.isEmpty ? [] : ["before", line])
        let likely = BuildFailureReport(failure: failure, isForTerminal: false).likelyCause?.english
        if let cause { #expect(likely?.contains(cause) == true, "\(likely ?? "")") } else { #expect(likely == nil) }
    }

    @Test(arguments: ["-q", "--progress=plain", "--progress=rawjson"])
    func `a failure without lines gets those that were seen last`(flag: String) async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            let lines = (1...12).map { "line \($0)\n" }.joined()
            typist.engine.with { contents in
                contents.buildEvents = [
                    .started(BuildViewTests.run), .output(BuildViewTests.run, .output, Array(lines.utf8)),
                    .output(BuildViewTests.run, .error, Array("sh: 1: npm: not found".utf8)),
                    .failed(BuildViewTests.run),
                ]
                contents.buildFailure = BuildFailure.sample("npm install", 127, [])
            }
            let seen = await typist("build \(flag) .").error
            let report = try #require(seen.firstRange(of: "------\n")).upperBound
            #expect(
                seen[report...] == """
                     > [3/4] RUN npm install:
                    \((4...12).map { "   line \($0)\n" }.joined())   sh: 1: npm: not found
                    ------
                    Dockerfile:4
                         This base has no npm. Begin with FROM node

                    """)
        }
    }

    @Test func `a step that ran no command is shown with its place`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { contents in
                contents.buildFailure = BuildFailure(
                    step: BuildViewTests.copy, place: "Dockerfile:3", reason: "\"/x\": not found", status: nil,
                    lastLines: [])
            }
            #expect(
                await typist("build -q .").error == "dsh: \"/x\": not found\n > [2/4] COPY . /app\nDockerfile:3\n")
        }
    }

    // MARK: The cache

    @Test(
        arguments: [
            ("builder prune -f", nil), ("buildx prune --all --force", nil),
            ("builder prune -af --keep-storage 2GB", 2 << 30), ("buildx prune -f --reserved-space=512m", 512 << 20),
            ("builder prune -f --keep-storage 0", 0),
        ] as [(String, Int64?)])
    func `builder prune hands on what may stay`(line: String, kept: Int64?) async {
        let typist = Typist()
        typist.engine.with { $0.report = PruneReport(removed: ["abc", "def"], reclaimed: ByteCount(1_234_567)) }
        #expect(
            await typist(line)
                == Seen(
                    status: 0, output: "Deleted build cache objects:\nabc\ndef\n\nTotal reclaimed space: 1.235MB\n",
                    error: ""))
        #expect(typist.engine.calls == ["prune cache"])
        #expect(typist.engine.with { $0.kept } == kept.map { ByteCount($0) })
    }

    @Test func `builder du lists the cache, and what of it can be had back`() async {
        let typist = Typist()
        let hour = Timestamp(nanoseconds: Timestamp.now.nanoseconds - 3_600_000_000_000)
        typist.engine.with { contents in
            contents.cachedSteps = [
                CachedStep(
                    id: RecordingEngine.id, instruction: "RUN npm install", created: hour, used: hour,
                    size: ByteCount(4_200_000), isShared: false),
                CachedStep(
                    id: String(RecordingEngine.id.reversed()), instruction: "COPY . /app", created: hour, used: hour,
                    size: ByteCount(800_000), isShared: true),
            ]
        }
        #expect(
            await typist("builder du").output == """
                ID             INSTRUCTION       RECLAIMABLE   SIZE      LAST ACCESSED
                0123456789ab   RUN npm install   true          4.2MB     About an hour ago
                fedcba987654   COPY . /app       true          800kB     About an hour ago

                Shared:       800kB
                Private:      4.2MB
                Reclaimable:  5MB
                Total:        5MB

                """)
        #expect(
            await typist.type(["buildx", "du", "--format", "{{.ID}} {{.Shared}}"]).output
                == "0123456789ab false\nfedcba987654 true\n")
    }
}
