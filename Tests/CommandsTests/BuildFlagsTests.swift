// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Testing

@testable import Commands

/// What the words of `build` ask of the engine.
struct BuildFlagsTests {
    /// A line, and what it changes of a plain request.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout BuildRequest) -> Void

        init(_ line: String, _ change: @escaping @Sendable (inout BuildRequest) -> Void = { _ in }) {
            testDescription = line
            self.change = change
        }
    }

    @Test(
        arguments: [
            Row("build ."),
            Row("build --pull --rm --force-rm -m 100m -c5 --memory-swap=1g --cache-from x --load --provenance=false ."),
            Row("build -t a -t b:1 .", { $0.names = ["a", "b:1"] }),
            Row("build --tag=node-app .", { $0.names = ["node-app"] }),
            Row(
                "build --build-arg A=1 --build-arg B= --build-arg C=x=y .",
                { $0.arguments = ["A": "1", "B": "", "C": "x=y"] }
            ),
            Row("build --build-arg GIVEN --build-arg DSH_NOT_SET .", { $0.arguments = ["GIVEN": "here"] }),
            Row("build --label a=b --label c .", { $0.labels = ["a": "b", "c": ""] }),
            Row("build --target deps .", { $0.target = "deps" }), Row("build --target= ."),
            Row("build --no-cache .", { $0.usesCache = false }),
            Row("build --no-cache-filter a,b --no-cache-filter c .", { $0.uncachedStages = ["a", "b", "c"] }),
            Row(
                "build --add-host db:host-gateway --add-host x=host-gateway .",
                { $0.hosts = [.init(name: "db", address: nil), .init(name: "x", address: nil)] }),
            Row("build --build-context x=docker-image://a:1 .", { $0.contexts = ["x": .image("a:1")] }),
            Row("build --network none .", { $0.network = .none }),
            Row("build --network=host .", { $0.network = .host }),
            Row("build --platform linux/arm64 .", { $0.platform = "linux/arm64" }),
            Row("build --platform linux/amd64,linux/amd64 .", { $0.platform = "linux/amd64" }),
            Row("build --secret id=GIVEN .", { $0.secrets = ["GIVEN": Array("here".utf8)] }),
            Row("build --secret id=a,env=GIVEN .", { $0.secrets = ["a": Array("here".utf8)] }),
            Row("build --secret type=env,id=a,src=GIVEN .", { $0.secrets = ["a": Array("here".utf8)] }),
            Row("build --secret id=a,src=sub/secret .", { $0.secrets = ["a": Array("hidden".utf8)] }),
            Row(
                "build --build-arg SOURCE_DATE_EPOCH=1700000000 .",
                {
                    $0.arguments = ["SOURCE_DATE_EPOCH": "1700000000"]
                    $0.epoch = 1_700_000_000
                }
            ),
        ])
    func `flags become the request`(row: Row) async throws {
        let files = ["Dockerfile": "FROM starter\n", "sub/secret": "hidden"]
        try await BuildGround.scoped(files) { ground in
            let typist = ground.typist()
            typist.session.set("GIVEN", to: "here")
            let seen = await typist(row.testDescription)
            #expect(seen.status == 0, "\(seen.error)")
            var wanted = BuildRequest(context: .directory(ground.path))
            row.change(&wanted)
            #expect(typist.engine.with { $0.build } == wanted)
        }
    }

    @Test func `the session's SOURCE_DATE_EPOCH stands for every time, unless one is given`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.session.set("SOURCE_DATE_EPOCH", to: "12")
            _ = await typist("build .")
            #expect(typist.engine.with { $0.build?.epoch } == 12)
            #expect(typist.engine.with { $0.build?.arguments } == ["SOURCE_DATE_EPOCH": "12"])
            _ = await typist("build --build-arg SOURCE_DATE_EPOCH=13 .")
            #expect(typist.engine.with { $0.build?.epoch } == 13)
            typist.session.set("SOURCE_DATE_EPOCH", to: "yesterday")
            #expect(await typist("build .").error == "dsh: invalid SOURCE_DATE_EPOCH: yesterday\n")
        }
    }

    @Test(
        arguments: [
            ("build .", "", BuildRequest.Dockerfile.standard), ("build sub", "/sub", .path("sub/dockerfile")),
            ("build -f sub/Other .", "", .path("sub/Other")), ("build -f Dockerfile sub", "/sub", .path("Dockerfile")),
            ("build ./sub/..", "", .standard), ("build --file=Dockerfile link", "/sub", .path("Dockerfile")),
        ] as [(String, String, BuildRequest.Dockerfile)])
    func `a path is one context in every spelling, and -f begins where one is`(
        line: String, directory: String, dockerfile: BuildRequest.Dockerfile
    ) async throws {
        let files = ["Dockerfile": "FROM starter\n", "sub/dockerfile": "FROM starter\n", "sub/Other": "FROM starter\n"]
        try await BuildGround.scoped(files) { ground in
            #expect(symlink("sub", ground.path + "/link") == 0)
            let typist = ground.typist()
            #expect(await typist(line).status == 0)
            let request = try #require(typist.engine.with { $0.build })
            #expect(request.context == .directory(ground.path + directory))
            if case .path(let path) = dockerfile {
                #expect(request.dockerfile == .path("\(ground.path)/\(path)"))
            } else {
                #expect(request.dockerfile == dockerfile)
            }
        }
    }

    @Test func `standard input is an archive or a Dockerfile, as its first bytes say`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            let archive = BuildGround.archive("Dockerfile", "FROM starter\n")
            #expect(try await ground.type("build -", input: archive, typist).status == 0)
            #expect(typist.engine.with { $0.context } == archive)
            #expect(typist.engine.with { $0.build?.dockerfile } == .standard)
            let large = archive + [UInt8](repeating: 7, count: 300_000)
            #expect(try await ground.type("build -f x/Other -", input: large, typist).status == 0)
            #expect(typist.engine.with { $0.context } == large)
            #expect(typist.engine.with { $0.build?.dockerfile } == .inContext("x/Other"))
            let text = Array("FROM starter\nRUN true\n".utf8)
            #expect(try await ground.type("build -", input: text, typist).status == 0)
            #expect(typist.engine.with { $0.build?.context } == .empty)
            #expect(typist.engine.with { $0.build?.dockerfile } == .text(text, name: "Dockerfile"))
            #expect(try await ground.type("build -f - .", input: text, typist).status == 0)
            #expect(typist.engine.with { $0.build?.context } == .directory(ground.path))
            #expect(typist.engine.with { $0.build?.dockerfile } == .text(text, name: "Dockerfile"))
            let seen = try await ground.type("build -f Dockerfile -", input: text, typist)
            #expect(
                seen.error
                    == "dsh: ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles\n")
        }
    }

    @Test func `a file that is an archive is a context too`() async throws {
        try await BuildGround.scoped { ground in
            let archive = BuildGround.archive("Dockerfile", "FROM starter\n")
            try ground.write(archive, to: "context.tar")
            let typist = ground.typist()
            #expect(await typist("build context.tar").status == 0)
            #expect(typist.engine.with { $0.context } == archive)
        }
    }

    @Test(arguments: [
        ([UInt8]([0x1F, 0x8B, 8]), true), (Array("BZh9".utf8), true), ([0x28, 0xB5, 0x2F, 0xFD, 0], true),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], true), (BuildGround.archive("a", ""), true), ([], false),
        (Array("FROM starter\n".utf8), false), (Array(BuildGround.archive("a", "").prefix(511)), false),
        ([UInt8](repeating: 0x20, count: 512), false),
    ])
    func `archives are known by their magic or by their sum`(bytes: [UInt8], isArchive: Bool) {
        #expect(ContextArchive.isArchive(Array(bytes.prefix(512))) == isArchive)
    }

    @Test(arguments: [
        ("build", 1, "'dsh build' requires 1 argument"), ("build a b", 1, "'dsh build' requires 1 argument"),
        ("build nope", 1, "unable to prepare context: path \"nope\" not found\n"),
        ("build https://example.com/x.git", 1, "https://example.com/x.git: reading from an address is not there yet"),
        ("build git@github.com:a/b", 1, "git@github.com:a/b: reading from an address is not there yet"),
        ("build Dockerfile", 1, "unable to prepare context: context must be a directory: Dockerfile"),
        (
            "build empty", 1,
            "failed to read dockerfile: open Dockerfile: no such file or directory\n     Did you mean: -f empty/Dockerfile.dev"
        ),
        ("build -f nope .", 1, "failed to read dockerfile: open nope: no such file or directory\n"),
        ("build -f Dockerfile.dev empty", 1, "\n     Did you mean: -f empty/Dockerfile.dev\n"),
        ("build -f dokcerfile .", 1, "\n     Did you mean: -f Dockerfile\n"),
        ("build -f - -", 1, "invalid argument: can't use stdin for both build context and dockerfile\n"),
        (
            "build --no-cache --no-cache-filter a .", 1,
            "--no-cache and --no-cache-filter cannot currently be used together\n"
        ),
        ("build -q --progress plain .", 1, "progress=plain and quiet cannot be used together\n"),
        ("build --progress plian .", 1, "invalid progress mode plian\n     Did you mean: --progress plain\n"),
        ("build --platform linux/amd64,linux/arm64 .", 1, "Multi-platform build is not supported"),
        ("build --build-arg =x .", 1, "invalid key-value pair \"=x\": empty key\n"),
        ("build --build-context x .", 1, "invalid context value: x, expected key=value\n"),
        (
            "build --build-context x=nope .", 1,
            "failed to get build context x: stat nope: no such file or directory\n"
        ),
        ("build --build-context x=oci-layout://a .", 1, "oci-layout://a: reading from an address is not there yet"),
        ("build --secret src=x .", 1, "secret missing ID\n"), ("build --secret id .", 1, "invalid field 'id' must be"),
        ("build --secret id=a,what=b .", 1, "unexpected key 'what' in 'what=b'\n"),
        ("build --secret id=a,type=x .", 1, "unsupported secret type \"x\"\n"),
        ("build --secret id=a,env=DSH_NOT_SET .", 1, "secret a: environment variable DSH_NOT_SET is not set\n"),
        ("build --secret id=a,src=nope .", 1, "failed to read secret a: open nope: no such file or directory\n"),
        (
            "build --network nowhere .", 1,
            "invalid argument \"nowhere\" for \"--network\" flag: network nowhere not found"
        ),
        ("build --ssh default .", 125, "--ssh is not there yet"), ("build -o out .", 125, "--output is not there yet"),
        ("build --ulimit a=1 .", 125, "--ulimit is not there yet"),
        ("build --add-host a .", 1, "bad format for add-host: \"a\""),
        ("build --add-host a:1 .", 1, "invalid IP address in add-host: \"1\""),
        ("build --memory", 125, "flag needs an argument"),
        ("build --no-such .", 125, "unknown flag: --no-such"), ("build --tga x .", 125, "Did you mean: --tag"),
    ])
    func `what cannot be built is refused in Docker's words`(line: String, status: Int32, sentence: String) async throws
    {
        try await BuildGround.scoped(["Dockerfile": "FROM starter\n", "empty/Dockerfile.dev": ""]) { ground in
            let typist = ground.typist()
            let seen = await typist(line)
            #expect(seen.status == status)
            #expect(
                seen.output == "" && seen.error.hasPrefix("dsh: ") && seen.error.contains(sentence), "\(seen.error)")
            #expect(typist.engine.calls == [])
        }
    }

    @Test func `the id and the metadata are written, and a build that fails leaves no id of another`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            typist.engine.with { $0.builtNames = ["a:latest", "b:1"] }
            let line = "build --iidfile id --metadata-file meta.json ."
            #expect(await typist(line).status == 0)
            #expect(try ground.read("id") == "sha256:" + RecordingEngine.id)
            let metadata = try ground.read("meta.json")
            #expect(metadata.contains("\"containerimage.config.digest\": \"sha256:\(RecordingEngine.id)\""))
            #expect(metadata.contains("\"image.name\": \"a:latest,b:1\""))
            typist.engine.with { $0.buildFailure = BuildFailure.sample("false", 1, []) }
            #expect(await typist(line).status == 1)
            #expect(!ground.exists("id"))
        }
    }

    @Test func `the built image is current, and $last is its id`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist(.shell)
            _ = await typist("build .")
            #expect(typist.session.currentImage == ImageName(RecordingEngine.id.prefix(12)))
            #expect(typist.session.variable("last") == "sha256:" + RecordingEngine.id)
            typist.engine.with { $0.builtNames = ["goals:latest"] }
            _ = await typist("image build -t goals .")
            #expect(typist.session.currentImage == "goals:latest")
        }
    }
}
