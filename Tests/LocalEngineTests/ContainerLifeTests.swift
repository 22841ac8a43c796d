// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// The turns that a container's life can take, and what each command says at each.
@Suite struct ContainerLifeTests {
    /// Where a container stands when a command comes.
    enum Stand: String, CaseIterable, Sendable { case made, running, over, gone }

    /// A container named `c` that stands there, and its id.
    private func bring(_ stage: ContainerStage, to stand: Stand) async throws -> ContainerID {
        // A program that ends when it is asked to: with status 5.
        let script = "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done"
        let created = try await stage.containers.create(stage.request("sh", "-c", script, name: "c"))
        if stand == .running || stand == .over {
            _ = try await stage.containers.start("c", attaching: nil)
            try await stage.waitForLog("up\n", of: "c")
        }
        if stand == .over { try await stage.containers.stop("c", signal: nil, grace: nil) }
        if stand == .gone { try await stage.containers.remove("c", force: false, volumes: false) }
        return created.id
    }

    /// What a command does: nil succeeds.
    private static let says: [(String, [Stand: String])] = [
        ("start", [.gone: "No such container: c"]),
        ("stop", [.gone: "No such container: c"]),
        ("restart", [.gone: "No such container: c"]),
        (
            "kill",
            [
                .made: "cannot kill container: c: container ID is not running",
                .over: "cannot kill container: c: container ID is not running", .gone: "No such container: c",
            ]
        ),
        ("rename", [.gone: "No such container: c"]),
        (
            "rm",
            [
                .running: "cannot remove container \"/c\": container is running: "
                    + "stop the container before removing or force remove",
                .gone: "No such container: c",
            ]
        ),
        ("rm -f", [.gone: "No such container: c"]),
        (
            "attach",
            [
                .made: "You cannot attach to a stopped container, start it first",
                .over: "You cannot attach to a stopped container, start it first", .gone: "No such container: c",
            ]
        ),
        (
            "exec",
            [
                .made: "container ID is not running", .over: "container ID is not running",
                .gone: "No such container: c",
            ]
        ),
    ]

    @Test(arguments: says.indices, Stand.allCases)
    func `every command at every stand does its work or says why not`(row: Int, stand: Stand) async throws {
        let (command, sentences) = Self.says[row]
        try await ContainerStage.scoped { stage in
            let id = try await bring(stage, to: stand)
            let containers = stage.containers
            var said: String?
            do {
                switch command {
                case "start": _ = try await containers.start("c", attaching: nil)
                case "stop": try await containers.stop("c", signal: nil, grace: nil)
                case "restart": try await containers.restart("c", signal: nil, grace: nil)
                case "kill": try await containers.kill("c", signal: .kill)
                case "rename": try await containers.rename("c", to: "d")
                case "rm": try await containers.remove("c", force: false, volumes: false)
                case "rm -f": try await containers.remove("c", force: true, volumes: false)
                case "attach": try await containers.attach("c", AttachRequest(input: false)).detach()
                default: _ = try await containers.exec("c", ExecRequest(command: ["true"]), attaching: nil)
                }
            } catch let error as EngineError {
                said = error.message
            }
            #expect(said == sentences[stand]?.replacing("ID", with: id.text))
        }
    }

    @Test func `a container keeps its files and its id from start to start, and ends each time anew`() async throws {
        try await ContainerStage.scoped { stage in
            let script = "echo x >> /count; exit $(wc -l < /count)"
            let created = try await stage.containers.create(stage.request("sh", "-c", script, name: "c"))
            for round in 1...3 {
                let started = try await stage.containers.start("c", attaching: AttachRequest(input: false))
                #expect(started.container.id == created.id)
                #expect(try await stage.finish(started).status == Int32(round))
                let state = try await stage.containers.inspect("c").summary.state
                #expect(state.status == .exited && state.exitCode == Int32(round))
            }
        }
    }

    @Test func `restart ends the program, starts it anew, and keeps a container that removes itself`() async throws {
        try await ContainerStage.scoped { stage in
            var request = stage.request(
                "sh", "-c", "trap 'exit 0' TERM; echo x >> /count; echo up; while :; do sleep 0.05; done", name: "c")
            request.removesItself = true
            let started = try await stage.containers.run(request, attaching: nil)
            try await stage.waitForLog("up\n", of: "c")
            let before = try await stage.containers.inspect("c").summary.state.processID
            try await stage.containers.restart("c", signal: nil, grace: nil)
            try await stage.waitForLog("up\nup\n", of: "c")
            let details = try await stage.containers.inspect("c")
            #expect(details.summary.id == started.container.id && details.summary.state.processID != before)
            let attachment = try await stage.containers.exec(
                "c", ExecRequest(command: ["cat", "/count"]), attaching: AttachRequest(input: false))
            #expect(try await stage.finish(try #require(attachment), id: started.container.id).output == "x\nx\n")
            try await stage.containers.stop("c", signal: nil, grace: nil)
            #expect(try await stage.containers.list(ContainerQuery(all: true)).isEmpty)
        }
    }

    @Test func `stop asks with the signal that was named, and kills when its time is over`() async throws {
        try await ContainerStage.scoped { stage in
            let script = "trap 'exit 7' USR1; trap '' TERM; echo up; while :; do sleep 0.05; done"
            _ = try await stage.containers.run(stage.request("sh", "-c", script, name: "c"), attaching: nil)
            try await stage.waitForLog("up\n", of: "c")
            try await stage.containers.stop("c", signal: Signal(parsing: "USR1"), grace: nil)
            #expect(try await stage.containers.wait("c") == 7)
            _ = try await stage.containers.start("c", attaching: nil)
            try await stage.waitForLog("up\nup\n", of: "c")
            try await stage.containers.stop("c", signal: nil, grace: .milliseconds(100))
            #expect(try await stage.containers.wait("c") == 137)
        }
    }

    @Test func `whoever waits hears of the end, of a removal too`() async throws {
        try await ContainerStage.scoped { stage in
            _ = try await bring(stage, to: .running)
            let containers = stage.containers
            let waiting = (0..<3).map { _ in Task { try await containers.wait("c") } }
            try await containers.remove("c", force: true, volumes: false)
            for task in waiting {
                // One that came after the removal finds nobody to wait for.
                switch await task.result {
                case .success(let status): #expect(status == 137)
                case .failure(let error): #expect((error as? EngineError)?.message == "No such container: c")
                }
            }
        }
    }

    @Test func `a name can be taken when it is free, and by one only`() async throws {
        try await ContainerStage.scoped { stage in
            let containers = stage.containers
            let first = try await containers.create(stage.request("true", name: "a"))
            _ = try await containers.create(stage.request("true", name: "b"))
            func refusal(_ name: ContainerName) async -> String? {
                await #expect(throws: EngineError.self) { try await containers.rename("b", to: name) }?.message
            }
            #expect(await refusal("a")?.contains("\"/a\" is already in use by container \"\(first.id)\"") == true)
            #expect(await refusal("b") == "Renaming a container with the same name as its current name")
            #expect(await refusal("-b")?.hasPrefix("Invalid container name (-b), only") == true)
            try await containers.rename("a", to: "c")
            try await containers.rename("b", to: "a")
            #expect(try await containers.list(ContainerQuery(all: true)).map(\.name).sorted() == ["a", "c"])
            #expect(try await containers.inspect("c").summary.id == first.id)
        }
    }

    @Test func `many who start and remove the same container at once get in nobody's way`() async throws {
        try await ContainerStage.scoped { stage in
            let id = try await bring(stage, to: .made)
            let containers = stage.containers
            let starts = (0..<4).map { _ in Task { try await containers.start("c", attaching: nil).container.id } }
            for start in starts { #expect(try await start.value == id) }
            try await stage.waitForLog("up\n", of: "c")
            // One start it was: a second program would have said so too.
            let log = CollectingSink()
            try await containers.logs("c", LogsRequest(), to: log)
            #expect(log.text == "up\n")
            let removals = (0..<4).map { _ in
                Task { try await containers.remove("c", force: true, volumes: false) }
            }
            var removed = 0
            for removal in removals {
                switch await removal.result {
                case .success: removed += 1
                case .failure(let error): #expect((error as? EngineError)?.message == "No such container: c")
                }
            }
            #expect(removed >= 1)
            #expect(try await containers.list(ContainerQuery(all: true)).isEmpty)
        }
    }
}
