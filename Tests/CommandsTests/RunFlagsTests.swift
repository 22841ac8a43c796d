// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

/// What `run` and `create` ask the engine for.
struct RunFlagsTests {
    private func request(_ words: [String], command: String = "create") async throws -> ContainerRequest {
        let typist = Typist()
        typist.session.set("FROM_SESSION", to: "yes")
        let seen = await typist.type([command] + words)
        try #require(seen.status == 0, "\(seen.error)")
        return try #require(typist.engine.with { $0.request })
    }

    private struct Change: Sendable, CustomTestStringConvertible {
        let typed: String
        let change: @Sendable (inout ContainerRequest) -> Void
        var testDescription: String { typed }

        init(_ typed: String, _ change: @escaping @Sendable (inout ContainerRequest) -> Void) {
            self.typed = typed
            self.change = change
        }
    }

    private static func port(
        _ host: UInt16?, _ inside: UInt16, _ address: String? = nil, _ transport: Transport = .tcp
    ) throws -> PortMapping {
        PortMapping(
            address: try address.map { try IPAddress(parsing: $0) }, hostPort: host.flatMap { PortNumber($0) },
            containerPort: try #require(PortNumber(inside)), transport: transport)
    }

    private static let table: [Change] = [
        Change("") { _ in },
        Change("--name web") { $0.name = "web" },
        Change("-it") {
            $0.hasTerminal = true
            $0.keepsInputOpen = true
        },
        Change("-i") { $0.keepsInputOpen = true },
        Change("--rm") { $0.removesItself = true },
        Change("-e A=1 -e B=2") { $0.environment = ["A=1", "B=2"] },
        Change("-e A=") { $0.environment = ["A="] },
        Change("-e FROM_SESSION") { $0.environment = ["FROM_SESSION=yes"] },
        Change("-e NOT_SET_ANYWHERE") { $0.environment = [] },
        Change("-w /app") { $0.workingDirectory = "/app" },
        Change("-u 1000:1000") { $0.user = "1000:1000" },
        Change("-h box") { $0.hostname = "box" },
        Change("-l a=b -l c -l d=e=f") { $0.labels = ["a": "b", "c": "", "d": "e=f"] },
        Change("--entrypoint sh") { $0.entrypoint = ["sh"] },
        Change("--entrypoint=") { $0.entrypoint = [] },
        Change("--network none") { $0.network = .none },
        Change("--net host") { $0.network = .host },
        Change("--network bridge") { $0.network = .standard },
        Change("-m 512m") { $0.limits.memory = ByteCount(536_870_912) },
        Change("-m 0") { $0.limits.memory = nil },
        Change("--cpus 1.5") { $0.limits.milliCPUs = 1500 },
        Change("--cpus .25") { $0.limits.milliCPUs = 250 },
        Change("--pids-limit 100") { $0.limits.processes = 100 },
        Change("--pids-limit -1") { $0.limits.processes = nil },
        Change("--cap-add net_admin --cap-add CAP_SYS_TIME --cap-drop all") {
            $0.addedCapabilities = ["NET_ADMIN", "SYS_TIME"]
            $0.droppedCapabilities = ["ALL"]
        },
        Change("--privileged") { $0.isPrivileged = true },
        Change("--read-only") { $0.isReadOnly = true },
        Change("--init") { $0.usesInit = true },
        Change("--stop-signal INT") { $0.stopSignal = .interrupt },
        Change("--stop-timeout 3") { $0.stopTimeout = .seconds(3) },
        Change("--stop-timeout -1") { $0.stopTimeout = .seconds(-1) },
        Change("--pull never") { $0.pull = .never },
        Change("--pull missing") { $0.pull = .missing },
        Change("--tmpfs /run --tmpfs /tmp:size=64m,mode=1777") {
            $0.temporaryFilesystems = [.init(target: "/run"), .init(target: "/tmp", options: "size=64m,mode=1777")]
        },
        Change("-v /data:/in") { $0.binds = [.init(source: "/data", target: "/in")] },
        Change("-v /data/../x:/in:ro") { $0.binds = [.init(source: "/x", target: "/in", isReadOnly: true)] },
        Change("-v ./src:/app -v .:/here -v ../up:/up:rw,rslave") {
            $0.binds = [
                .init(source: "/work/src", target: "/app"), .init(source: "/work", target: "/here"),
                .init(source: "/up", target: "/up", propagation: "rslave"),
            ]
        },
        Change("--mount type=bind,source=/,target=/host,readonly") {
            $0.binds = [.init(source: "/", target: "/host", isReadOnly: true)]
        },
        Change("--mount type=bind,src=/tmp,dst=/t,bind-propagation=shared,ro=false") {
            $0.binds = [.init(source: "/tmp", target: "/t", propagation: "shared")]
        },
        Change("--mount type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=700") {
            $0.temporaryFilesystems = [.init(target: "/t", options: "size=1m,mode=700")]
        },
        Change("-a stdin -a STDOUT") { $0.keepsInputOpen = true },
    ]

    @Test(arguments: table.indices)
    func `every flag of create changes just what it says`(row: Int) async throws {
        let change = Self.table[row]
        var wanted = ContainerRequest(image: "node")
        change.change(&wanted)
        #expect(try await request(change.typed.words + ["node"]) == wanted)
    }

    @Test(
        arguments: [
            ("80", [(nil, 80)]), ("3000:80", [(3000, 80)]), ("8000-8001:80-81", [(8000, 80), (8001, 81)]),
        ] as [(String, [(UInt16?, UInt16)])])
    func `ports are published`(text: String, ports: [(UInt16?, UInt16)]) async throws {
        let wanted = try ports.map { try Self.port($0.0, $0.1) }
        for words in [["-p", text], ["-p" + text], ["--publish=" + text]] {
            #expect(try await request(words + ["node"]).ports == wanted)
        }
    }

    @Test func `a range of the host may lead to one port of the container`() async throws {
        let ports = try await request(["-p", "8000-8010:80", "node"]).ports
        #expect(ports.map { $0.text() } == ["8000-8010:80/tcp"])
    }

    @Test func `ports have addresses and transports`() async throws {
        let words = ["-p", "127.0.0.1:53:53/udp", "-p", "[::1]::80", "node"]
        #expect(
            try await request(words).ports == [try Self.port(53, 53, "127.0.0.1", .udp), try Self.port(nil, 80, "::1")])
    }

    @Test func `the words after the image are the program's`() async throws {
        let request = try await request(["--rm", "node", "node", "-e", "1", "--", "--name", "x"])
        #expect(request.command == ["node", "-e", "1", "--", "--name", "x"])
        #expect(request.name == nil && request.image == "node")
    }

    @Test func `run -d prints the whole id and makes the container current`() async throws {
        let typist = Typist(.shell)
        let seen = await typist("run -d --name web node")
        #expect(seen == Seen(status: 0, output: RecordingEngine.id + "\n", error: ""))
        #expect(typist.session.currentContainer == "web")
        #expect(typist.session.variable("last") == RecordingEngine.id)
        #expect(typist.engine.with { $0.attaching } == nil)
    }

    @Test func `what a machine cannot give is said once in a process`() async throws {
        let typist = Typist(.shell)
        let adjustment = Adjustment(kind: .controller, name: "memory", asked: "512MiB", given: "")
        typist.engine.with { $0.adjustments = [adjustment] }
        #expect(await typist("run -d node").error.contains("memory"))
        #expect(await typist("run -d node").error == "")
        let capability = Adjustment(kind: .capability, name: "CAP_SYS_RESOURCE", asked: "granted", given: "")
        typist.engine.with { $0.adjustments = [capability] }
        #expect(await typist("run -d node").error.contains("cannot give CAP_SYS_RESOURCE; the container runs"))
    }

    @Test(
        arguments: [
            ("-d -a stdout node", "Conflicting options: -a and -d", 1),
            (
                "-a foo node",
                #"invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR"#, 125
            ),
            ("--name _a node", "Invalid container name (_a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", 125),
            ("--name -x node", "Invalid container name (-x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", 125),
            ("-p 0:80 node", #"invalid argument "0:80" for "-p, --publish" flag: "0": a port is 1 to 65535"#, 125),
            (
                "-p 80/sctp node",
                #"invalid argument "80/sctp" for "-p, --publish" flag: "sctp": invalid proto: tcp and udp can be published"#,
                125
            ),
            (
                "-m 1x node",
                #"invalid argument "1x" for "-m, --memory" flag: a size is a number and b, k, m or g: 512m"#, 125
            ),
            (
                "--cpus two node",
                #"invalid argument "two" for "--cpus" flag: failed to parse two as a rational number"#, 125
            ),
            (
                "--stop-timeout x node",
                #"invalid argument "x" for "--stop-timeout" flag: strconv.ParseInt: parsing "x": invalid syntax"#, 125
            ),
            ("--stop-signal FOO node", "invalid signal: FOO", 125),
            ("--cap-add FOO node", #"invalid capability: "FOO""#, 125),
            ("-w app node", "the working directory 'app' is invalid, it needs to be an absolute path", 125),
            ("-e =x node", "invalid environment variable: =x", 125),
            ("--env-file /nonexistent node", "open /nonexistent: no such file or directory", 125),
            ("--pull maybe node", #"invalid pull option: 'maybe': must be one of "always", "missing" or "never""#, 125),
            ("--pull always node", "--pull always is not there yet: Docker's run has it, dsh's does not", 125),
            (
                "--network mine node",
                #"invalid argument "mine" for "--network" flag: network mine not found: default, none and host are there"#,
                125
            ),
            (
                "--detach-keys ctrl-1 node",
                #"invalid argument "ctrl-1" for "--detach-keys" flag: Unknown character: 'ctrl-1'"#, 125
            ),
            ("-v data:/data node", "data:/data: named and anonymous volumes are not there yet", 125),
            ("-v /data node", "/data: named and anonymous volumes are not there yet", 125),
            ("-v /a:b node", "invalid mount path: 'b' mount path must be absolute", 125),
            ("-v /a:/ node", "invalid specification: destination can't be '/'", 125),
            ("-v /a:/b:what node", "invalid mode: what", 125),
            ("-v /a::/b node", "invalid spec: /a::/b: empty section between colons", 125),
            ("-v /a:/b:ro:x node", "invalid volume specification: '/a:/b:ro:x'", 125),
            (
                "--mount type=volume,target=/x node",
                "--mount type=volume,target=/x: named and anonymous volumes are not there yet", 125
            ),
            (
                "--mount type=bind,target=/x node",
                #"invalid mount config for type "bind": field Source must not be empty"#, 125
            ),
            (
                "--mount type=bind,source=/nonexistent,target=/x node",
                #"invalid mount config for type "bind": bind source path does not exist: /nonexistent"#, 125
            ),
            (
                "--mount type=cloud,target=/x node",
                #"invalid mount config for type "cloud": mount type unknown"#, 125
            ),
            (
                "--mount type=bind,nonsense=1,target=/x node",
                #"invalid argument "type=bind,nonsense=1,target=/x" for "--mount" flag: unexpected key 'nonsense' in 'nonsense=1'"#,
                125
            ),
            ("--tmpfs run node", "invalid mount path: 'run' mount path must be absolute", 125),
            ("-it node", "the input device is not a TTY", 1),
        ] as [(String, String, Int32)])
    func `what cannot be meant is refused before anything is made`(
        words: String, sentence: String, status: Int32
    ) async {
        let typist = Typist()
        let seen = await typist("run " + words)
        #expect(seen.error.hasPrefix("dsh: \(sentence)\n"), "\(seen.error)")
        #expect(seen.status == status && seen.output == "")
        #expect(typist.engine.calls == [])
    }

    static let absent = CommandDeclaration.absentContainerFlags.words.map { BareFlag($0[...]) }

    @Test(arguments: absent.map(\.long))
    func `each flag of Docker's that is not there yet is refused by name`(name: String) async {
        for command in ["run", "create"] {
            let typist = Typist()
            let seen = await typist("\(command) --\(name) 1 node")
            #expect(
                seen.error.hasPrefix("dsh: --\(name) is not there yet: Docker's \(command) has it, dsh's does not\n"))
            #expect(seen.status == 125 && typist.engine.calls == [])
        }
    }

    @Test func `short names of flags that are not there yet are refused too`() async {
        #expect(await Typist()("run -P node").error.hasPrefix("dsh: --publish-all is not there yet"))
        #expect(await Typist()("run -itP node").error.hasPrefix("dsh: --publish-all is not there yet"))
        #expect(await Typist()("run -c 5 node").error.hasPrefix("dsh: --cpu-shares is not there yet"))
    }

    @Test func `a missing image is told in Docker's words, with what to do instead of pulling`() async {
        for (words, name) in [
            ("node", "node:latest"), ("node:20", "node:20"), ("a/b", "a/b:latest"),
            ("docker.io/library/node", "node:latest"),
            ("host:5000/x", "host:5000/x:latest"),
        ] {
            let typist = Typist()
            typist.engine.with { $0.failures["run"] = .noSuchImage(ImageName(words)) }
            let seen = await typist("run \(words)")
            #expect(seen.status == 125 && seen.output == "")
            #expect(
                seen.error.hasPrefix("Unable to find image '\(name)' locally\ndsh: pulling images is not there yet\n"))
            #expect(seen.error.contains("Scripts/offline-images"))
            let quiet = await typist("run -q \(words)")
            #expect(quiet.error.hasPrefix("dsh: pulling images is not there yet\n"))
        }
    }

    @Test func `a misspelt tag is answered with the nearest one`() async throws {
        let typist = Typist()
        try typist.engine.with { try $0.images = [.sample("node"), .sample("debian", "12")] }
        typist.engine.with { $0.failures["run"] = .noSuchImage("node:lastest") }
        #expect(await typist("run node:lastest").error.contains("Did you mean: node:latest\n"))
    }

    @Test(
        arguments: [
            (EngineError.Code.programNotFound, 127), (.programNotInvocable, 126), (.conflict, 125), (.system, 125),
            (.invalid, 125),
        ] as [(EngineError.Code, Int32)])
    func `run tells the engine's failures from the program's`(code: EngineError.Code, status: Int32) async {
        let typist = Typist()
        typist.engine.with { $0.failures["run"] = EngineError(code, .engine, "it went wrong") }
        let seen = await typist("run node nosuch")
        #expect(seen.status == status)
        #expect(seen.error.hasPrefix("dsh: it went wrong\n"))
    }

    @Test func `a flag after the image is shown where it belongs`() async {
        let typist = Typist()
        typist.engine.with {
            $0.failures["run"] = EngineError(.programNotFound, .path("-p"), "exec: \"-p\": not found")
        }
        let seen = await typist("run alpine -p 80:80")
        #expect(seen.status == 127 && seen.error.contains("Perhaps: dsh run -p 80:80 alpine\n"))
    }

    @Test(
        arguments: [
            ("-v /my dir:/x node ls", "'dir:/x' was taken as the image. Quote it: -v '/my dir:/x'"),
            ("-v /my new dir:/x:ro node", "'new' was taken as the image. Quote it: -v '/my new dir:/x:ro'"),
            ("-v ./my dir:/x -p 80:80 node", "'dir:/x' was taken as the image. Quote it: -v './my dir:/x'"),
        ])
    func `a value that a blank cut is shown as it was meant`(words: String, hint: String) async {
        let typist = Typist()
        let seen = await typist("run " + words)
        #expect(seen.status == 125 && seen.error.contains(hint), "\(seen.error)")
        #expect(typist.engine.calls == [])
    }

    @Test func `a word that was taken as the image is named where a later one is an image`() async throws {
        let typist = Typist()
        try typist.engine.with {
            $0.images = [try .sample("node")]
            $0.failures["run"] = .noSuchImage("dir")
        }
        let seen = await typist("run -v /data:/my dir node ls")
        #expect(seen.error.hasPrefix("Unable to find image 'dir:latest' locally\n"))
        #expect(seen.error.contains("'dir' was taken as the image and 'node' as part of the command"), "\(seen.error)")
        #expect(seen.error.contains("Scripts/offline-images"))
    }

    @Test func `an image for another processor is told with both platforms`() async {
        let typist = Typist()
        typist.engine.with {
            $0.adjustments = [
                Adjustment(kind: .platform, name: "platform", asked: "linux/arm64", given: "linux/amd64")
            ]
        }
        let seen = await typist("create node")
        let sentence =
            "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64)"
        #expect(seen.error.contains(sentence) && seen.status == 0)
    }

    @Test func `the program's output and status are the command's own`() async {
        let typist = Typist()
        typist.engine.with { $0.attachment = FinishedAttachment(output: "hi\n", errorOutput: "oh\n", end: .exited(3)) }
        #expect(await typist("run node") == Seen(status: 3, output: "hi\n", error: "oh\n"))
        #expect(await typist("run -a stdout node") == Seen(status: 3, output: "hi\n", error: ""))
        #expect(
            await typist("start -a web")
                == Seen(
                    status: 1, output: "",
                    error: "dsh: No such container: web\n     'dsh ps -a' lists all containers, stopped ones too\n"))
        #expect(await typist("exec web ls") == Seen(status: 3, output: "hi\n", error: "oh\n"))
    }
}
