// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// Attachments: terminals, detach keys, signals, several clients, dead supervisors.
@Suite struct ContainerAttachTests {
    /// A pipe to type into, and one to read what the program says.
    private final class Keyboard: Sendable {
        let typing: Pipe
        let showing: Pipe

        init() throws {
            typing = try Pipe()
            showing = try Pipe()
        }

        var streams: AttachedStreams {
            AttachedStreams(input: typing.reading.number, output: showing.writing.number, error: nil)
        }

        func type(_ text: String) throws { try typing.writing.writeAll(text.utf8) }

        /// Reads until the text has come; a test that waits for something else is ended by its time limit.
        func show(until text: String) async throws -> String {
            let number = showing.reading.number
            return try await onOwnThread { _ in
                var seen: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 4096)
                while !String(decoding: seen, as: UTF8.self).contains(text) {
                    let count = read(number, &chunk, chunk.count)
                    if count <= 0 { break }
                    seen += chunk[..<count]
                }
                return String(decoding: seen, as: UTF8.self)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a terminal has its size at the first instruction, follows changes, and detach keys leave it running`()
        async throws
    {
        try await ContainerStage.scoped { stage in
            var request = stage.request("sh", name: "shell")
            request.hasTerminal = true
            request.keepsInputOpen = true
            request.terminalSize = TerminalSize(rows: 33, columns: 99)
            let started = try await stage.containers.run(
                request, attaching: AttachRequest(terminalSize: TerminalSize(rows: 33, columns: 99)))
            let attachment = try #require(started.attachment)
            #expect(attachment.hasTerminal)
            let keyboard = try Keyboard()
            async let end = attachment.relay(keyboard.streams, detachKeys: .standard)
            try keyboard.type("stty size; echo d''one\n")
            #expect(try await keyboard.show(until: "done").contains("33 99"))
            try await attachment.resize(to: TerminalSize(rows: 50, columns: 120))
            try keyboard.type("stty size; echo d''one2\n")
            #expect(try await keyboard.show(until: "done2").contains("50 120"))
            try keyboard.type("\u{10}\u{11}")
            #expect(try await end == .detached)
            #expect(try await stage.containers.inspect("shell").summary.state.isRunning)

            let again = try await stage.containers.attach("shell", AttachRequest())
            let other = try Keyboard()
            async let secondEnd = again.relay(other.streams, detachKeys: .standard)
            try other.type("exit 7\n")
            #expect(try await secondEnd == .exited(7))
            #expect(try await stage.containers.wait("shell") == 7)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the first detach key reaches the program when nothing follows it`() async throws {
        try await ContainerStage.scoped { stage in
            var request = stage.request("sh", "-c", "echo ready; head -c 1 | od -t x1", name: "keys")
            request.keepsInputOpen = true
            let started = try await stage.containers.run(request, attaching: AttachRequest())
            let keyboard = try Keyboard()
            async let end = try #require(started.attachment).relay(keyboard.streams, detachKeys: .standard)
            _ = try await keyboard.show(until: "ready")
            let before = Clocks.steady
            try keyboard.type("\u{10}")
            #expect(try await keyboard.show(until: "10").contains("10"))
            #expect(Clocks.steady - before >= 500_000_000)
            #expect(try await end == .exited(0))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `signals go to the program through the attachment`() async throws {
        try await ContainerStage.scoped { stage in
            let script = "trap 'echo got; exit 4' INT; echo ready; while :; do sleep 0.05; done"
            let started = try await stage.containers.run(
                stage.request("sh", "-c", script), attaching: AttachRequest(input: false))
            let attachment = try #require(started.attachment)
            let keyboard = try Keyboard()
            async let end = attachment.relay(
                AttachedStreams(input: nil, output: keyboard.showing.writing.number, error: nil), detachKeys: nil)
            _ = try await keyboard.show(until: "ready")
            try await attachment.send(.interrupt)
            #expect(try await end == .exited(4))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a supervisor that is killed takes its container along, and everybody is told the truth`() async throws {
        try await ContainerStage.scoped { stage in
            let started = try await stage.containers.run(
                stage.request("sleep", "600", name: "doomed"), attaching: AttachRequest(input: false))
            let program = try await stage.containers.inspect("doomed").summary.state.processID
            let attachment = try #require(started.attachment)
            let keyboard = try Keyboard()
            let relay = Task {
                try await attachment.relay(
                    AttachedStreams(input: nil, output: keyboard.showing.writing.number, error: nil), detachKeys: nil)
            }
            kill(try stage.supervisor(of: program), SIGKILL)
            let error = await #expect(throws: EngineError.self) { try await relay.value }
            #expect(error?.code == .unreachable)
            let state = try await stage.containers.inspect("doomed").summary.state
            #expect(state.status == .exited)
            #expect(state.exitCode == 137)
            #expect(!state.error.isEmpty)
            #expect(isOver(program))
            let findings = try await stage.system.check(mend: false)
            // The layer of these tests is made by hand, so no image owns it.
            #expect(findings.allSatisfy { $0.kind == .orphanedLayer })
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "su worker -c 'sleep 600'",
            "exec su worker -c 'exec sleep 600'",
        ])
    func `what outlives its supervisor is killed by the next command`(script: String) async throws {
        try await ContainerStage.scoped { stage in
            _ = try await stage.containers.run(
                stage.request("sh", "-c", "echo up; " + script, name: "doomed"), attaching: nil)
            let program = try await stage.containers.inspect("doomed").summary.state.processID
            kill(try stage.supervisor(of: program), SIGKILL)
            #expect(try await stage.containers.wait("doomed") == 137)
            #expect(try await stage.containers.list(ContainerQuery()).isEmpty)
            #expect(isOver(program))
        }
    }

    @Test func `a stopped container cannot be attached to`() async throws {
        try await ContainerStage.scoped { stage in
            try await stage.run(stage.request("true", name: "over"))
            let error = await #expect(throws: EngineError.self) {
                try await stage.containers.attach("over", AttachRequest())
            }
            #expect(error?.message == "You cannot attach to a stopped container, start it first")
            #expect(error?.code == .conflict)
        }
    }

    /// Gone, or dead and only waiting for the machine's first process to take note of it.
    private func isOver(_ pid: Int32) -> Bool {
        guard let status = SmallFile.text("/proc/\(pid)/status") else { return true }
        return status.contains("State:\tZ") || status.contains("State:\tX")
    }
}
