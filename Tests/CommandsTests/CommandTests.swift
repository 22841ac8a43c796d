// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Terminal
import Testing

@testable import Commands

/// What each command asks the engine for, and what it prints.
struct CommandTests {
    @Test(arguments: [
        ("start a b", ["start a", "start b"]), ("stop a b", ["stop a", "stop b"]), ("restart a", ["restart a"]),
        ("kill a", ["kill a SIGKILL"]), ("kill -s HUP a", ["kill a SIGHUP"]),
        ("kill --signal=15 a b", ["kill a SIGTERM", "kill b SIGTERM"]),
        ("wait a", ["wait a"]), ("rm a", ["rm a gently alone"]), ("rm -fv a", ["rm a by force with volumes"]),
        ("rename a b", ["rename a b"]), ("rmi x", ["rmi x gently with layers"]),
        ("rmi -f --no-prune x", ["rmi x by force alone"]),
        ("tag a b:1", ["tag a b:1"]), ("history x", ["history x"]), ("container prune -f", ["prune containers "]),
        ("container prune --force --filter until=10m", ["prune containers until=10m"]),
        ("image prune -f", ["prune images dangling"]),
        ("image prune -af", ["prune images all"]), ("system check", ["check and mend"]),
        ("system check --dry-run", ["check only"]),
        ("settle \(RecordingEngine.id)", ["settle \(RecordingEngine.id)"]), ("images", ["list images "]),
        ("images node:20", ["list images node:20"]),
        ("logs web", ["logs web"]), ("create node", ["create node"]), ("stop /web", ["stop web"]),
    ])
    func `a command makes its call`(line: String, calls: [String]) async {
        let typist = Typist()
        let seen = await typist(line)
        #expect(seen.status == 0, "\(seen.error)")
        #expect(typist.engine.calls.sorted() == calls.sorted())
    }

    @Test(
        arguments: [
            ("stop web", nil, nil), ("stop -t 3 web", nil, 3), ("stop --time 0 web", nil, 0),
            ("stop -s INT web", "INT", nil),
            ("stop --signal 9 --timeout=-1 web", "KILL", -1), ("restart -t 2 -s HUP web", "HUP", 2),
        ] as [(String, String?, Int?)])
    func `stop and restart hand on the signal and the grace`(line: String, signal: String?, grace: Int?) async throws {
        let typist = Typist()
        #expect(await typist(line) == Seen(status: 0, output: "web\n", error: ""))
        let asked = try #require(typist.engine.with { $0.stopped.map { ($0.signal, $0.grace) } })
        #expect(try asked.0 == signal.map { try Signal(parsing: $0) })
        #expect(asked.1 == grace.map { .seconds($0) })
    }

    @Test func `stop says beforehand why it will wait, unless it kills at once`() async {
        let typist = Typist()
        typist.engine.with { $0.ignored = IgnoredSignal(signal: .terminate, program: "sleep") }
        let seen = await typist("stop -t 4 web")
        #expect(seen.error.contains("sleep is process 1 and does not handle SIGTERM, so it is killed after 4 s"))
        #expect(seen.error.contains("--init"))
        #expect(await typist("stop -t 0 web").error == "")
    }

    @Test func `no failure hides another, and what succeeds is printed`() async {
        let typist = Typist()
        typist.engine.with { contents in
            contents.failures["rm a gently alone"] = .noSuchContainer("a")
            contents.failures["rm c gently alone"] = .noSuchContainer("c")
        }
        let seen = await typist("rm a b c")
        #expect(seen.status == 1 && seen.output == "b\n")
        let lines = seen.error.split(separator: "\n").filter { $0.hasPrefix("dsh: ") }
        #expect(lines == ["dsh: No such container: a", "dsh: No such container: c"])
    }

    @Test func `wait prints statuses, rmi and load and restore print what they did`() async throws {
        let typist = Typist()
        try typist.engine.with { contents in
            contents.removals = [.untagged("node:latest"), .deleted("sha256:1")]
            contents.loaded = [
                LoadedImage(id: try ImageID(parsing: "sha256:" + RecordingEngine.id), names: ["a:1", "b:2"]),
                LoadedImage(id: try ImageID(parsing: "sha256:" + RecordingEngine.id), names: []),
            ]
        }
        #expect(await typist("wait a").output == "3\n")
        #expect(await typist("rmi node").output == "Untagged: node:latest\nDeleted: sha256:1\n")
        #expect(
            await typist("load").output
                == "Loaded image: a:1\nLoaded image: b:2\nLoaded image ID: sha256:\(RecordingEngine.id)\n")
        #expect(await typist("image restore-starters").output == "starter:latest\nhello:latest\n")
    }

    @Test(arguments: ["container prune", "image prune", "image prune -a", "builder prune", "builder prune -a"])
    func `a prune asks, and where nobody can be asked it names -f`(line: String) async {
        let typist = Typist()
        let seen = await typist(line)
        #expect(seen.status == 1 && seen.output == "")
        #expect(seen.error.contains("dsh \(line) -f\n"))
        #expect(typist.engine.calls == [])
        #expect(await Typist(language: .korean)(line).error.contains("묻지 않고 지우려면: dsh \(line) -f"))
        typist.session.set("yes", to: "on")
        #expect(await typist(line).status == 0)
    }

    @Test func `a prune prints what it removed and what the disk got back`() async {
        let typist = Typist()
        typist.engine.with { $0.report = PruneReport(removed: ["a1", "b2"], reclaimed: ByteCount(1_234_567)) }
        #expect(
            await typist("container prune -f").output
                == "Deleted Containers:\na1\nb2\n\nTotal reclaimed space: 1.235MB\n")
        typist.engine.with { $0.report = PruneReport(removed: [], reclaimed: ByteCount(0)) }
        #expect(await typist("image prune -f").output == "Total reclaimed space: 0B\n")
    }

    @Test(arguments: [
        ("cp web:/a b", CopyRequest.Place.container("web", "/a"), CopyRequest.Place.host("b")),
        ("cp dummy/. web:/test", .host("dummy/."), .container("web", "/test")),
        ("cp ./a:b web:/test", .host("./a:b"), .container("web", "/test")),
        ("cp /a:b web:c", .host("/a:b"), .container("web", "c")),
        ("cp - web:/x", .archive(0), .container("web", "/x")), ("cp web:a:b .", .container("web", "a:b"), .host(".")),
    ])
    func `places of a copy are read as Docker reads them`(
        line: String, source: CopyRequest.Place, target: CopyRequest.Place
    ) async throws {
        let typist = Typist()
        let seen = await typist(line)
        #expect(seen == Seen(status: 0, output: "", error: ""))
        let request = try #require(typist.engine.with { $0.copy })
        if case .archive = source {
            #expect(request.source == .archive(typist.session.streams.input))
        } else {
            #expect(request.source == source)
        }
        #expect(request.target == target && request.directory == "/work")
    }

    @Test(arguments: [
        ("cp a b", "must specify at least one container source"),
        ("cp a:/x b:/y", "copying between containers is not supported"),
    ])
    func `a copy has one side in a container`(line: String, sentence: String) async {
        let seen = await Typist()(line)
        #expect(seen.status == 1 && seen.error.hasPrefix("dsh: \(sentence)\n"))
    }

    @Test func `logs ask for their part and come out on their streams`() async throws {
        let typist = Typist()
        typist.engine.with { $0.log = [(.output, "one\n"), (.error, "two\n"), (.output, "three\n")] }
        #expect(await typist("logs -ft --tail 5 web") == Seen(status: 0, output: "one\nthree\n", error: "two\n"))
        let request = try #require(typist.engine.with { $0.logs })
        #expect(request.follow && request.timestamps && request.tail == 5)
        _ = await typist("logs --tail all --since 2024-05-01T00:00:00Z --until 1714566896 web")
        let other = try #require(typist.engine.with { $0.logs })
        #expect(other.tail == nil && other.since?.rfc3339 == "2024-05-01T00:00:00Z")
        #expect(other.until?.nanoseconds == 1_714_566_896_000_000_000)
        #expect(await typist("logs --tail x web").status == 125)
        #expect(await typist("logs --details web").error.hasPrefix("dsh: --details is not there yet"))
    }

    @Test func `exec hands on everything it was given`() async throws {
        let typist = Typist()
        let seen = await typist("exec -d -e A=1 -u 1000 -w /x --privileged web sh -c ls")
        #expect(seen == Seen(status: 0, output: "", error: ""))
        var wanted = ExecRequest(command: ["sh", "-c", "ls"])
        wanted.environment = ["A=1"]
        wanted.user = "1000"
        wanted.workingDirectory = "/x"
        wanted.isPrivileged = true
        #expect(typist.engine.with { $0.exec } == wanted)
        #expect(await typist("exec -it web sh").error.hasPrefix("dsh: the input device is not a TTY\n"))
        #expect(await typist("exec -i web sh").status == 0)
        #expect(typist.engine.with { $0.attaching } == AttachRequest(input: true))
    }

    @Test func `import reads changes, a name and a message`() async throws {
        let typist = Typist()
        let seen = await typist.type(["import", "-c", "CMD [\"sh\"]", "-m", "made", "/dev/null", "mine:1"])
        #expect(seen == Seen(status: 0, output: "sha256:\(RecordingEngine.id)\n", error: ""))
        let request = try #require(typist.engine.with { $0.imported })
        #expect(request.changes == ["CMD [\"sh\"]"] && request.name == "mine:1" && request.message == "made")
        #expect(await typist("import https://example.com/x.tar").error.contains("not there yet"))
        #expect(await typist("import /nonexistent").error == "dsh: open /nonexistent: no such file or directory\n")
        #expect(await typist("load -i /nonexistent").error == "dsh: open /nonexistent: no such file or directory\n")
    }

    @Test func `save writes beside its file, and a failure leaves what was there`() async throws {
        var template = Array("/tmp/dsh-save-XXXXXX".utf8CString)
        let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            unlink(directory + "/x.tar")
            rmdir(directory)
        }
        let typist = Typist(directory: directory)
        typist.engine.with { $0.saved = "archive" }
        #expect(await typist("save -o x.tar a b").status == 0)
        #expect(typist.engine.calls == ["save a,b"])
        #expect(try HostFile.read(directory + "/x.tar", shownAs: "x.tar") == Array("archive".utf8))
        typist.engine.with { $0.failures["save"] = .noSuchImage("c") }
        #expect(await typist("save -o x.tar c").status == 1)
        #expect(try HostFile.read(directory + "/x.tar", shownAs: "x.tar") == Array("archive".utf8))
    }

    @Test func `version opens no engine, check reports what it cannot mend`() async {
        let state = SessionState(
            kind: .oneCommand, version: { RecordingEngine().version() },
            engine: { throw EngineError(.system, .engine, "must not be opened") })
        for line in [["version"], ["--version"], ["run", "--help"], ["help"], ["docker", "ps", "--help"]] {
            #expect(
                await CommandRunner.run(
                    line, in: Session(state, streams: Streams(output: .inMemory(), error: .inMemory()))) == 0)
        }
        let typist = Typist()
        #expect(await typist("system check").output == "nothing to mend\n")
        typist.engine.with { $0.findings = [CheckFinding(kind: .staleMount, subject: "/x", isMended: true)] }
        #expect(
            await typist("system check") == Seen(status: 0, output: "mount that was left: /x (mended)\n", error: ""))
        typist.engine.with { $0.findings = [CheckFinding(kind: .deadMonitor, subject: "web", isMended: false)] }
        #expect(await typist("system check").status == 1)
    }

    @Test(arguments: [
        ("version --format {{.Server.Version}}", "0.1.0\n"), ("info -f {{.Containers}}", "0\n"),
        ("--version", "dsh version 0.1.0\n"),
        ("version -f {{.Client.Os}}/{{.Client.Arch}}", "linux/amd64\n"),
    ])
    func `version and info take templates`(line: String, output: String) async {
        #expect(await Typist()(line) == Seen(status: 0, output: output, error: ""))
    }
}
