// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

struct HintTests {
    private func typist(_ kind: SessionState.Kind = .shell, language: Language = .english) throws -> Typist {
        let typist = Typist(kind, language: language)
        try typist.engine.with { contents in
            contents.containers = [
                try .sample("web"), try .sample("old", state: .init(status: .exited, exitCode: 1, finishedAt: .now)),
            ]
            contents.images = [try .sample("node", "20"), try .sample("debian")]
        }
        return typist
    }

    private static let port = EngineError.Subject.engine

    @Test(
        arguments: [
            ("stop wbe", EngineError.noSuchContainer("wbe"), "Did you mean: web"),
            ("stop something", .noSuchContainer("something"), "'ps -a' lists all containers, stopped ones too"),
            ("stop 01", .ambiguousContainer("01"), "Several ids begin with 01"),
            ("rmi ndoe:20", .noSuchImage("ndoe:20"), "Did you mean: node:20"),
            ("rmi something", .noSuchImage("something"), "'images' lists the images that are here"),
            (
                "rmi Node", EngineError(.invalid, .image("Node"), "repository name must be lowercase"),
                "Did you mean: node"
            ),
            ("run -d --name web node", EngineError(.conflict, .container("web"), "in use"), "'rm web'"),
            ("rename old web", EngineError(.conflict, .container("web"), "in use"), "'rm web'"),
            ("rm web", EngineError(.conflict, .container("web"), "is running"), "'stop web' first, or 'rm -f web'"),
            ("attach web", EngineError(.conflict, .container("web"), "stopped"), "'start -a web'"),
            ("kill web", EngineError(.conflict, .container("web"), "not running"), "'start web'"),
            ("rmi node:20", EngineError(.conflict, .image("node:20"), "in use"), "'rm -f web old', then 'rmi node:20'"),
            (
                "run -d node nosuch", EngineError(.programNotFound, .path("nosuch"), "not found"),
                "'node' was taken as the image and 'nosuch'"
            ),
            ("exec web nosuch", EngineError(.programNotFound, .path("nosuch"), "not found"), "in the container 'web'"),
            ("run -d node /etc", EngineError(.programNotInvocable, .path("/etc"), "denied"), "chmod +x"),
            (
                "run -d node /s",
                EngineError(.programNotFound, .program(.missingInterpreter("/bin/sh\r")), "no such file"),
                #"asks for '/bin/sh\r': the file has Windows line ends. Convert it: sed -i 's/\r$//' FILE"#
            ),
            (
                "exec web /s",
                EngineError(.programNotFound, .program(.missingInterpreter("/bin/bash")), "no such file"),
                "asks for /bin/bash, which the image does not have"
            ),
            (
                "run -d node /s", EngineError(.programNotFound, .program(.missingLoader("/lib/ld.so")), "no such file"),
                "needs the loader /lib/ld.so"
            ),
            (
                "run -d node /s", EngineError(.programNotInvocable, .program(.unknownFormat), "exec format error"),
                "no script that begins with #!"
            ),
            (
                "run -d node /s",
                EngineError(
                    .programNotInvocable, .program(.otherProcessor("arm64", own: "amd64")), "exec format error"),
                "made for linux/arm64, and this machine is linux/amd64"
            ),
        ] as [(String, EngineError, String)])
    func `a failure says what to type next`(line: String, failure: EngineError, hint: String) async throws {
        let typist = try typist()
        let verbs = ["stop", "rmi", "run", "rename", "rm", "attach", "kill", "exec"]
        typist.engine.with { contents in
            for verb in verbs { contents.failures[verb] = failure }
            contents.failures["rm web gently alone"] = failure
        }
        if line.hasPrefix("attach") {
            try typist.engine.with { contents in
                contents.details["web"] = ContainerDetails(
                    summary: try .sample("web"), request: ContainerRequest(image: "node"))
            }
        }
        let seen = await typist(line)
        let lines = seen.error.split(separator: "\n", maxSplits: 1).map(String.init)
        #expect(lines.first == "dsh: \(failure.message)")
        #expect(lines.last?.contains(hint) == true, "\(seen.error)")
        #expect(seen.status != 0)
    }

    @Test func `hints name the containers that keep an image, with their states`() async throws {
        let typist = try typist()
        typist.engine.with { $0.failures["rmi"] = EngineError(.conflict, .image("node"), "in use") }
        let seen = await typist("rmi node")
        #expect(seen.error.contains("Used by web (Up"))
        #expect(seen.error.contains("old (Exited (1) Less than a second ago)"))
        #expect(typist.engine.with { $0.query?.filters } == [Filter(key: "ancestor", value: "node")])
    }

    @Test(
        arguments: [
            ("run -d -p 3000:80 node", "3000:80", 3001, "the left one: -p 3001:80\n"),
            (
                "run -p 127.0.0.1:53:53/udp node", "127.0.0.1:53:53/udp", 8053,
                "the left one: -p 127.0.0.1:8053:53/udp\n"
            ),
            ("start web", "3000:80", 3001, "make a new container with another one: 'run -p 3001:80 …'\n"),
        ] as [(String, String, UInt16, String)])
    func `a port that is taken: the mapping that was typed, with a port that is free`(
        line: String, mapping: String, free: UInt16, hint: String
    ) async throws {
        let typist = try typist()
        let taken = try #require(try PortMapping.parse(mapping[...]).first)
        typist.engine.with { contents in
            for verb in ["run", "start"] {
                contents.failures[verb] = EngineError(.conflict, .port(taken, free: PortNumber(free)), "taken")
            }
        }
        let seen = await typist(line)
        #expect(seen.error.hasPrefix("dsh: taken\n") && seen.error.hasSuffix(hint), "\(seen.error)")
    }

    @Test func `a port that is taken and no other to be had: nothing is advised`() async throws {
        let typist = try typist()
        let taken = try #require(try PortMapping.parse("3000:80").first)
        typist.engine.with { $0.failures["run"] = EngineError(.conflict, .port(taken, free: nil), "taken") }
        #expect(await typist("run -d -p 3000:80 node").error == "dsh: taken\n")
    }

    @Test func `hints are in the reader's language, and as one types here`() async throws {
        let typist = try typist(.oneCommand, language: .korean)
        typist.engine.with { $0.failures["stop"] = .noSuchContainer("something") }
        let seen = await typist("stop something")
        #expect(seen.error == "dsh: No such container: something\n     'dsh ps -a'를 치면 멈춘 것까지 모든 컨테이너가 나옵니다\n")
    }

    @Test func `a failing look for near names does not hide the failure`() async throws {
        let typist = try typist()
        typist.engine.with { contents in
            contents.failures["stop"] = .noSuchContainer("x")
            contents.failures["list containers"] = EngineError(.system, .engine, "broken")
        }
        #expect(await typist("stop x").error.hasPrefix("dsh: No such container: x\n"))
    }
}
