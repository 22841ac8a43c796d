// SPDX-License-Identifier: Apache-2.0
import Commands
import Terminal
import TestSupport
import Testing

@testable import Shell
@testable import editor_probe

struct ShellCompletionTests {
    private func session(images: Int = 0, directory: String? = nil) -> Session {
        Session(
            SessionState(kind: .shell, directory: directory, language: .english) { try StubEngine(manyImages: images) })
    }

    private func candidates(_ line: String, in session: Session? = nil) async -> [Completion.Candidate] {
        await ShellCompletion(session: session ?? self.session()).completion(of: line, at: line.utf8.count).candidates
    }

    /// The line after Tab with a single candidate, or what the candidates are.
    private func completed(_ line: String, in session: Session? = nil) async -> [String] {
        let cursor = line.utf8.count
        let completion = await ShellCompletion(session: session ?? self.session()).completion(of: line, at: cursor)
        let head = String(decoding: Array(line.utf8.prefix(completion.start)), as: UTF8.self)
        return completion.candidates.map { head + $0.replacement + $0.suffix }
    }

    @Test(
        arguments: [
            ("start ", ["start database ", "start 웹서버 "]), ("stop ", ["stop web "]),
            ("docker stop w", ["docker stop web "]),
            ("stop 0a", ["stop 0a1b00000000 "]), ("start de", ["start deb100000000 "]),
            ("ps; stop ", ["ps; stop web "]), ("ps && start 웹", ["ps && start 웹서버 "]),
            ("run deb", ["run debian ", "run debian:12 ", "run deb300000000 "]),
            ("run debian:", ["run debian:latest ", "run debian:12 "]),
            ("run -d registry.example.com:5000/a", ["run -d registry.example.com:5000/a/b:1 "]),
            ("container renam", ["container rename "]), ("run --entryp", ["run --entrypoint "]),
            ("run --network=n", ["run --network=none "]), ("run --network ho", ["run --network host "]),
            ("kill -s TER", ["kill -s TERM "]), ("! tru", ["! true ", "! truncate "]), ("ps | hea", ["ps | head "]),
            ("! echo $contai", ["! echo $container"]), ("run node ls ", []), ("stop 'w", ["stop 'web' "]),
            ("# sto", []),
            ("cp web:/s", ["cp web:/start.sh "]), ("cp web:/m", ["cp web:/my\\ files/"]),
            ("cp 'web:/my files/", ["cp 'web:/my files/값.txt' "]), ("docker cp web:s", ["docker cp web:start.sh "]),
            ("exec web /s", ["exec web /start.sh "]), ("@ cat /s", []),
            ("run -it --name x --na", ["run -it --name x --name "]),
        ] as [(String, [String])])
    func `Tab knows what can stand there`(line: String, expected: [String]) async {
        let completed = await completed(line)
        if line.hasPrefix("!") || line.hasPrefix("ps |") {
            for word in expected { #expect(completed.contains(word)) }
        } else {
            #expect(completed.sorted() == expected.sorted())
        }
    }

    @Test
    func `every candidate has a word about it`() async {
        for line in ["", "st", "container ", "run --", "stop ", "run ", "kill -s "] {
            let candidates = await candidates(line)
            #expect(!candidates.isEmpty)
            #expect(candidates.filter(\.description.isEmpty).map(\.label) == [])
        }
        #expect(await candidates("stop ")[0].description.hasPrefix("node · Up"))
    }

    @Test
    func `paths of the host begin at the session's directory, are quoted, and directories go on`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            _ = try roots.write("", to: "my file.tar")
            _ = try roots.write("", to: "가나.tar")
            let session = session(directory: roots.files)
            #expect(await completed("load -i my", in: session) == ["load -i my\\ file.tar "])
            #expect(await completed("load -i 'my", in: session) == ["load -i 'my file.tar' "])
            #expect(await completed("load < 가", in: session) == ["load < 가나.tar "])
            let up = String(roots.directory.split(separator: "/").last ?? "")
            #expect(await completed("load -i ../../\(up.dropLast())", in: session).contains("load -i ../../\(up)/"))
        }
    }

    @Test
    func `a thousand images are answered within 50 milliseconds`() async {
        let session = session(images: 1000)
        _ = await candidates("run deb", in: session)
        var fastest = Duration.seconds(1)
        // The quickest counts: other tests run beside this one.
        for _ in 0..<20 {
            let begin = ContinuousClock.now
            #expect(await candidates("run many/image9", in: session).count == 111)
            fastest = min(fastest, ContinuousClock.now - begin)
        }
        #expect(fastest < .milliseconds(50))
    }

    @Test(
        arguments: [
            ("run --rm node", true), (" run", false), ("login -u me --password x", false),
            ("login --password=x", false),
            ("docker login -u me -psecret", false), ("login -u me --password-stdin", true), ("run -p 80:80 node", true),
        ])
    func `passwords stay out of the history`(line: String, mayBeRemembered: Bool) {
        #expect(Secrets.mayBeRemembered(line) == mayBeRemembered)
    }

    @Test(arguments: [
        ("echo 'a", true), ("echo \\", true), ("ps &&", true), ("ps |", true), ("ps", false), ("echo )", false),
    ])
    func `Enter goes on while the text can still become right`(line: String, goesOn: Bool) {
        #expect(UnfinishedLine.isUnfinished(line) == goesOn)
    }
}

struct ShellPromptTests {
    private func text(_ prompt: ShellPrompt, columns: Int) -> String {
        prompt.prompt(columns: columns).spans.map(\.text).joined()
    }

    @Test(
        arguments: [
            (120, "dsh registry.example.com/team/app:1 web● [1] ❯ "), (60, "dsh app:1 web● [1] ❯ "),
            (30, "dsh web● [1] ❯ "), (18, "dsh web● [1] ❯ "),
        ])
    func `a long image gives way to its last part, then to the container alone`(columns: Int, expected: String) {
        let prompt = ShellPrompt(
            image: "registry.example.com/team/app:1", container: "web", liveness: .running, status: 1)
        #expect(text(prompt, columns: columns) == expected)
    }

    @Test(arguments: [(ShellPrompt.Liveness.running, "●"), (.stopped, "○"), (.gone, "✗")])
    func `how the container is can be told without colours`(liveness: ShellPrompt.Liveness, mark: String) {
        #expect(text(ShellPrompt(container: "웹", liveness: liveness), columns: 80) == "dsh 웹\(mark) ❯ ")
    }

    @Test
    func `a name cannot command the terminal`() {
        #expect(text(ShellPrompt(image: "a\u{1B}[2J"), columns: 80) == "dsh a^[[2J ❯ ")
    }
}
