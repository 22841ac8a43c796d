// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// Starting and ending.
@Suite struct ContainerRunTests {
    @Test func `a program's output and status arrive, and the container stays`() async throws {
        try await ContainerStage.scoped { stage in
            let outcome = try await stage.run(stage.request("sh", "-c", "echo out; echo err >&2; exit 3", name: "web"))
            #expect(outcome.output == "out\n")
            #expect(outcome.error == "err\n")
            #expect(outcome.end == .exited(3))
            let state = try await stage.containers.inspect("web").summary.state
            #expect(state.status == .exited)
            #expect(state.exitCode == 3)
            #expect(state.finishedAt != nil)
        }
    }

    @Test func `a container that removes itself leaves nothing`() async throws {
        try await ContainerStage.scoped { stage in
            var request = stage.request("true")
            request.removesItself = true
            let outcome = try await stage.run(request)
            #expect(outcome.end == .exited(0))
            #expect(try await stage.containers.list(ContainerQuery(all: true)).isEmpty)
            #expect(access(stage.roots.root + "/containers/" + outcome.id.text, F_OK) != 0)
            #expect(access(stage.roots.run + "/containers/" + outcome.id.text, F_OK) != 0)
        }
    }

    @Test(
        arguments: [
            (["/etc"], 126, .programNotInvocable), (["nosuch"], 127, .programNotFound),
            (["/no/such"], 127, .programNotFound),
        ] as [([String], Int32, EngineError.Code)])
    func `what cannot start stays created, with the shell's status`(
        command: [String], status: Int32, code: EngineError.Code
    ) async throws {
        try await ContainerStage.scoped { stage in
            var request = stage.request(name: "broken")
            request.command = command
            let error = await #expect(throws: EngineError.self) { try await stage.run(request) }
            #expect(error?.code == code)
            let state = try await stage.containers.inspect("broken").summary.state
            #expect(state.status == .created)
            #expect(state.exitCode == status)
            #expect(state.error == error?.message)
        }
    }

    @Test func `a program that a signal ends gives 128 and its number`() async throws {
        try await ContainerStage.scoped { stage in
            let outcome = try await stage.run(stage.request("sh", "-c", "sh -c 'kill -9 $$'; exit $?"))
            #expect(outcome.end == .exited(137))
        }
    }

    @Test func `input reaches the program, and its end too`() async throws {
        try await ContainerStage.scoped { stage in
            var request = stage.request("wc", "-c")
            request.keepsInputOpen = true
            let outcome = try await stage.run(request, input: String(repeating: "x", count: 3_000_000))
            #expect(outcome.output == "3000000\n")
        }
    }

    @Test func `a slow reader loses nothing`() async throws {
        try await ContainerStage.scoped { stage in
            let started = try await stage.containers.run(
                stage.request("head", "-c", "8388608", "/dev/zero"), attaching: AttachRequest(input: false))
            let attachment = try #require(started.attachment)
            var ends: [CInt] = [0, 0]
            #expect(pipe(&ends) == 0)
            let (reading, writing) = (ends[0], ends[1])
            async let end = attachment.relay(
                AttachedStreams(input: nil, output: writing, error: nil), detachKeys: nil)
            let reader = Task.detached {
                // The pipe is full by the time that anything is taken out of it.
                var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, -1)
                var total = 0
                var bytes = [UInt8](repeating: 0, count: 4096)
                while total < 8_388_608, case let count = read(reading, &bytes, bytes.count), count > 0 {
                    total += count
                }
                return total
            }
            #expect(await reader.value == 8_388_608)
            #expect(try await end == .exited(0))
            close(reading)
            close(writing)
        }
    }

    @Test func `a name in use is refused in Docker's words`() async throws {
        try await ContainerStage.scoped { stage in
            let first = try await stage.containers.create(stage.request("true", name: "web"))
            let error = await #expect(throws: EngineError.self) {
                try await stage.containers.create(stage.request("true", name: "web"))
            }
            #expect(error?.code == .conflict)
            #expect(
                error?.message
                    == "Conflict. The container name \"/web\" is already in use by container \"\(first.id)\". "
                    + "You have to remove (or rename) that container to be able to reuse that name.")
            #expect(try await stage.containers.list(ContainerQuery(all: true)).count == 1)
        }
    }

    @Test func `detached, listed, stopped, started again, removed`() async throws {
        try await ContainerStage.scoped { stage in
            let started = try await stage.containers.run(
                stage.request("sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done", name: "web"),
                attaching: nil)
            #expect(try await stage.containers.list(ContainerQuery()).map(\.name) == ["web"])
            #expect(try await stage.containers.inspect("web").summary.state.processID > 0)
            let log = CollectingSink()
            try await waitForLine("ready", in: "web", stage, log)
            try await stage.containers.stop("web", signal: nil, grace: .seconds(20))
            #expect(try await stage.containers.list(ContainerQuery()).isEmpty)
            #expect(try await stage.containers.wait("web") == 5)
            let again = try await stage.containers.start("web", attaching: nil)
            #expect(again.container.id == started.container.id)
            await #expect(throws: EngineError.self) {
                try await stage.containers.remove("web", force: false, volumes: false)
            }
            try await stage.containers.remove("web", force: true, volumes: false)
            #expect(try await stage.containers.list(ContainerQuery(all: true)).isEmpty)
        }
    }

    private func waitForLine(_ line: String, in name: ContainerName, _ stage: ContainerStage, _ sink: CollectingSink)
        async throws
    {
        for _ in 0..<1000 {
            try await stage.containers.logs(name, LogsRequest(), to: sink)
            if sink.text.contains(line) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("no line \(line)")
    }
}
