// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Testing

@testable import Commands

struct CompletionsTests {
    private func session() throws -> Session {
        let typist = Typist(.shell, directory: "/usr")
        try typist.engine.with { contents in
            contents.containers = [
                try .sample("web"),
                try .sample("old", id: String(repeating: "ab", count: 32), state: .init(status: .exited)),
            ]
            contents.images = [
                try .sample("node"), try .sample("node", "20"),
                try .sample("debian", "12", id: String(repeating: "cd", count: 32)),
            ]
            contents.layers = [1, 2].map {
                ImageLayer(
                    number: $0, diffID: "", instruction: "RUN x", created: nil, size: ByteCount(1), sharers: [])
            }
            contents.files = [
                "web:/": ["srv/", "etc/", ".dockerenv", "한글.txt"], "web:/etc/": ["passwd", "group", "passwd-", "ssl/"],
                "old:etc/": ["hosts"], "image node:20:/": ["app/"], "image node:20:/app/": ["s.js"],
            ]
        }
        return typist.session
    }

    @Test(arguments: [
        ("st", ["start", "stop"]), ("docker st", ["start", "stop"]), ("container pr", ["prune"]),
        (
            "image ",
            [
                "build", "history", "import", "inspect", "layers", "load", "ls", "prune", "restore-starters", "rm",
                "save", "tag",
            ]
        ),
        ("stop ", ["web"]), ("start ", ["old"]), ("attach ", ["web"]), ("logs ", ["web", "old"]), ("rm ", ["old"]),
        ("rm -f ", ["web", "old"]),
        ("rm --force ", ["web", "old"]), ("stop web ", []), ("logs w", ["web"]), ("logs ab", ["abababababab"]),
        ("rename web ", []),
        ("run ", ["node", "node:20", "debian:12"]), ("run n", ["node", "node:20"]),
        ("run node:", ["node:latest", "node:20"]), ("rmi debian:", ["debian:12"]),
        ("run cd", ["cdcdcdcdcdcd"]), ("run node ", []), ("run -it n", ["node", "node:20"]), ("exec web ", []),
        ("run --net", ["--network"]), ("run --network ", ["default", "none", "host"]),
        ("run --network=h", ["--network=host"]), ("run --pull ", ["always", "missing", "never"]),
        ("run -itw ", []), ("kill -s K", ["KILL"]), ("stop --signal T", ["TERM"]),
        ("run --cap-add NET_A", ["NET_ADMIN"]), ("ps --filter st", ["status="]),
        ("ps -f status=e", ["status=exited"]), ("ps --filter=na", ["--filter=name="]), ("help sto", ["stop"]),
        ("use ", ["web", "old", "node", "node:20", "debian:12"]),
        ("inspect w", ["web"]), ("cp w", ["web:"]), ("cp n", ["node:", "node:20:"]), ("cp x n", []),
        ("cp node:2", ["node:20:"]), ("cp node:20:/", ["node:20:/app/"]), ("cp node:20:/app/s", ["node:20:/app/s.js"]),
        ("cp x node:20:/", []), ("layers n", ["node", "node:20"]), ("layers node ", ["2", "1", "/"]),
        ("layers node 1", ["1"]), ("layers node:20 /a", ["/app/"]), ("layers node 1 ", []),
        ("load -i /usr/bi", ["/usr/bin/"]), ("run -v bi", ["bin/"]),
        ("run -v /usr:/x", []), ("history --h", ["--help", "--human"]),
        ("cp web:", ["web:/etc/", "web:/srv/", "web:/한글.txt"]),
        ("cp web:/", ["web:/etc/", "web:/srv/", "web:/한글.txt"]),
        ("cp web:/.", ["web:/.dockerenv"]), ("cp web:/etc/pa", ["web:/etc/passwd", "web:/etc/passwd-"]),
        ("cp file web:/etc/s", ["web:/etc/ssl/"]), ("cp -L old:etc/h", ["old:etc/hosts"]), ("cp web:/none/", []),
        ("cp nobody:/", []), ("cp :/", []), ("cp ./web:/", []), ("docker container cp web:/s", ["web:/srv/"]),
        ("exec web cat /etc/g", ["/etc/group"]), ("exec -it web /s", ["/srv/"]), ("exec web cat etc/g", []),
        ("exec nobody /", []),
        ("nonsense ", []), ("ps ", []), ("run --publish ", []), ("run node --na", []),
    ])
    func `Tab offers what can stand there`(line: String, words: [String]) async throws {
        var typed = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let current = typed.removeLast()
        let found = await Completions.candidates(after: typed, current: current, in: try session())
        #expect(found.map(\.text) == words)
    }

    @Test func `each candidate has a word about it, and says whether the word ends`() async throws {
        let session = try session()
        let containers = await Completions.candidates(after: ["stop"], current: "", in: session)
        #expect(containers.map(\.description) == ["node · Up Less than a second"])
        let images = await Completions.candidates(after: ["run"], current: "deb", in: session)
        #expect(images.map(\.description) == ["4.5MB · 2 days ago"])
        let commands = await Completions.candidates(after: [], current: "", in: session)
        #expect(commands.allSatisfy { !$0.description.isEmpty && $0.isComplete })
        #expect(commands.map(\.text).contains("expect") && commands.map(\.text).contains("run"))
        let flags = await Completions.candidates(after: ["run"], current: "--", in: session)
        #expect(flags.count == RunCommand.declaration.flags.count + 1 && flags.allSatisfy { !$0.description.isEmpty })
        #expect(await Completions.candidates(after: ["cp"], current: "we", in: session).first?.isComplete == false)
        #expect(
            Completions.hostPaths("/usr/bi", in: session) == [
                Candidate("/usr/bin/", "directory", isComplete: false, label: "bin/")
            ])
    }

    @Test func `a path without a container's name is in the current one, and a menu shows only its last part`()
        async throws
    {
        let session = try session()
        session.use(ContainerName("web"))
        let found = await Completions.candidates(after: ["cp"], current: ":/etc/", in: session)
        #expect(found.map(\.text) == [":/etc/group", ":/etc/passwd", ":/etc/passwd-", ":/etc/ssl/"])
        #expect(found.map(\.label) == ["group", "passwd", "passwd-", "ssl/"])
        #expect(found.map(\.description) == ["file", "file", "file", "directory"])
        #expect(found.map(\.isComplete) == [true, true, true, false])
        let words = await Completions.containerPaths("/e", in: session)
        #expect(words == [Candidate("/etc/", "directory", isComplete: false, label: "etc/")])
        #expect(await Completions.containerPaths("e", in: session) == [])
    }

    @Test func `without an engine there are no candidates and no complaint`() async {
        let state = SessionState(kind: .shell) { throw EngineError(.system, .engine, "broken") }
        #expect(await Completions.candidates(after: ["stop"], current: "", in: Session(state)) == [])
    }
}
