// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

/// What a session remembers from one command to the next.
struct SessionTests {
    private func shell(containers: [String] = [], images: [String] = []) throws -> Typist {
        let typist = Typist(.shell)
        try typist.engine.with { contents in
            for name in containers {
                let summary = try ContainerSummary.sample(name)
                contents.containers.append(summary)
                contents.details[name] = ContainerDetails(summary: summary, request: ContainerRequest(image: "node"))
            }
            for name in images { contents.images.append(try .sample(name)) }
        }
        return typist
    }

    @Test(arguments: [
        ("stop", "stop web"), ("restart", "restart web"), ("kill", "kill web SIGKILL"), ("wait", "wait web"),
        ("logs", "logs web"),
        ("logs -f", "logs web"), ("rm", "rm web gently alone"), ("rename api", "rename web api"),
        ("exec ls", "exec web"),
        ("exec -i sh -c ls", "exec web"), ("start", "start web"), ("cp :/x .", "copy"),
    ])
    func `commands take the current container and say so`(line: String, call: String) async throws {
        let typist = try shell(containers: ["web"])
        _ = await typist("use web")
        let seen = await typist(line)
        #expect(seen.status == 0, "\(seen.error)")
        #expect(seen.error.contains("(current container: web)"))
        #expect(typist.engine.calls.contains(call))
    }

    @Test(arguments: [
        ("run -d", "run node"), ("history", "history node"), ("rmi", "rmi node gently with layers"),
        ("tag x:1", "tag node x:1"),
        ("create", "create node"),
    ])
    func `commands take the current image and say so`(line: String, call: String) async throws {
        let typist = try shell(images: ["node"])
        _ = await typist("use node")
        let seen = await typist(line)
        #expect(seen.error.contains("(current image: node)"))
        #expect(typist.engine.calls.contains(call))
    }

    @Test func `a container that is named wins over the current one in exec`() async throws {
        let typist = try shell(containers: ["web", "db"])
        _ = await typist("use web")
        _ = await typist("exec db ls")
        #expect(typist.engine.calls.last == "exec db")
    }

    @Test func `use sets, shows and goes back`() async throws {
        let typist = try shell(containers: ["web", "db"], images: ["node"])
        #expect(await typist("use").output == "image: none\ncontainer: none\n")
        #expect(await typist("use -").error == "dsh: nothing was current before\n")
        _ = await typist("use web")
        _ = await typist("use db")
        #expect(await typist("use node").output == "image: node\ncontainer: db\n")
        #expect(await typist("use -").output == "image: node\ncontainer: web\n")
        #expect(await typist("use -").output == "image: node\ncontainer: db\n")
        let seen = await typist("use nothing")
        #expect(seen.status == 1 && seen.error.hasPrefix("dsh: No such container or image: nothing\n"))
        #expect(await Typist(.shell, language: .korean)("use").output == "이미지: 없음\n컨테이너: 없음\n")
    }

    @Test func `what was started, made or run detached becomes current; what was removed is forgotten`() async throws {
        let typist = try shell(containers: ["web"])
        for (line, name) in [
            ("run -d --name one1 node", "one1"), ("create --name two2 node", "two2"), ("start web", "web"),
        ] {
            _ = await typist(line)
            #expect(typist.session.currentContainer?.text == name)
        }
        _ = await typist("rm web")
        #expect(typist.session.currentContainer == nil)
        #expect(await typist("stop").error.hasPrefix("dsh: 'stop' requires at least 1 argument"))
    }

    @Test func `variables are dsh's own, those set, then the environment's`() async throws {
        let typist = try shell()
        typist.session.set("PATH", to: "mine")
        typist.session.status = 3
        #expect(typist.session.variable("PATH") == "mine")
        #expect(typist.session.variable("status") == "3")
        #expect(typist.session.variable("image") == "")
        #expect(typist.session.variable("NOT_SET_ANYWHERE") == nil)
        #expect(typist.session.variable("HOME") != nil)
    }

    @Test func `relative paths follow the directory`() throws {
        let session = try shell().session
        #expect(session.hostPath("a/b") == "/work/a/b" && session.hostPath("/a") == "/a")
        try session.changeDirectory(to: "/tmp")
        try session.changeDirectory(to: "../usr/./bin")
        #expect(session.directory == "/usr/bin")
        for (path, reason) in [("nothing", "No such file or directory"), ("/etc/passwd", "Not a directory")] {
            let error = #expect(throws: EngineError.self) { try session.changeDirectory(to: path) }
            #expect(error?.message == "cd: \(path): \(reason)")
        }
        #expect(session.directory == "/usr/bin")
    }

    @Test func `commands are written as they are typed here`() async throws {
        #expect(await Typist(.shell)("stop --help").output.hasPrefix("Usage:  stop [OPTIONS]"))
        #expect(await Typist(.script)("stop --help").output.hasPrefix("Usage:  stop [OPTIONS]"))
        #expect(await Typist()("stop --help").output.hasPrefix("Usage:  dsh stop [OPTIONS]"))
        #expect(await Typist(.shell)("help").output.contains("expect COMMAND"))
    }
}
