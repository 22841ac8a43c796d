// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// `debug`: shells in what has none, in containers, and right before a build's failed step.
struct DebugTests {
    private static let failing = """
        FROM starter
        ARG WHO=me
        ENV SET=yes
        WORKDIR /app
        COPY server.js .
        RUN echo "$WHO" && no-such-program
        """

    /// What a command prints in a shell that `debug` opens.
    private func debug(_ stage: BuildStage, _ command: String, _ words: String...) async throws -> String {
        try await stage.dsh.program(["debug", "-c", command] + words).succeed()
    }

    @Test func `an image without any file has a shell, and is as it was afterwards`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.build("FROM scratch\nCMD [\"none\"]\n")
            let before = try await stage.engine.images.inspect("t")
            #expect(try await debug(stage, "ls -d /etc /proc; id -u; touch /made; echo *", "t").hasSuffix("proc sys"))
            #expect(try await debug(stage, "test -e /made || echo gone", "t") == "gone")
            #expect(try await stage.engine.images.inspect("t") == before)
            #expect(try await stage.dsh("debug", "-c", "exit 3", "t").status == 3)
            #expect(try await stage.engine.containers.list(ContainerQuery(all: true)).isEmpty)
        }
    }

    @Test func `the image's own programs come first, its settings hold, and input is read`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("#!/bin/sh\necho the image's own\n", to: "ls", mode: 0o755)
            try await stage.build(
                "FROM starter\nENV PATH=/own:/bin A=b\nCOPY ls /own/\nWORKDIR /srv\nUSER 1000\nENTRYPOINT [\"none\"]\n")
            #expect(try await debug(stage, "which ls; pwd; echo $A; id -u", "t") == "/own/ls\n/srv\nb\n0")
            #expect(try await debug(stage, "id -u", "--user", "1000", "t") == "1000")
            let piped = try await stage.dsh.program(["debug", "t"]).run(input: Array("pwd\nexit 4\n".utf8))
            #expect(piped.text == "/srv\n" && piped.status == 4)
            // Whoever removed the starters has the tools all the same.
            for image in ["t", "starter", "hello"] { _ = try await stage.dsh("rmi", image) }
            try await stage.build("FROM scratch\n")
            #expect(try await debug(stage, "busybox | head -1", "t").contains("BusyBox"))
        }
    }

    @Test func `a container that runs is joined; the tools are seen by the shell alone`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.dsh.succeed("run", "-d", "--name", "web", "--read-only", "starter", "sleep", "600")
            #expect(try await debug(stage, "ps | grep -c '[s]leep 600'; ls /dev/.dsh", "web") == "1\nbin\nempty")
            #expect(try await stage.dsh.succeed("exec", "web", "ls", "-A", "/dev/.dsh") == "")
            #expect(
                try await stage.dsh.succeed("exec", "web", "sh", "-c", "grep -c /dev/.dsh /proc/mounts || true") == "0")
            #expect(try await stage.dsh("debug", "-c", "touch /x", "web").status == 1)
            try await stage.dsh.succeed("rm", "-f", "web")
        }
    }

    @Test func `what a stopped container wrote is seen, and stays as it is`() async throws {
        try await BuildStage.scoped { stage async throws in
            try await stage.dsh.succeed(
                "run", "--name", "done", "-e", "A=b", "starter", "sh", "-c", "echo 1 > /own; rm /bin/vi")
            #expect(
                try await debug(stage, "cat /own; echo $A; ls /bin/vi 2>&1; rm /own", "done").hasPrefix("1\nb\nls: "))
            #expect(try await debug(stage, "cat /own", "done") == "1")
            try await stage.dsh.succeed("rm", "done")
        }
    }

    @Test func `a failed step opens right before its command, with what the command saw`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("one\n", to: "server.js")
            #expect(try await stage.engine.debugging.failedStep() == nil)
            let failure = await #expect(throws: BuildFailure.self) {
                try await stage.build(Self.failing) { $0.arguments = ["WHO": "나"] }
            }
            #expect(failure?.isKept == true)
            let failed = try #require(try await stage.engine.debugging.failedStep())
            #expect(
                failed.step.number == 6 && failed.place == "Dockerfile:6" && failed.reason.contains("exit code: 127"))
            #expect(failed.command == #"echo "$WHO" && no-such-program"#)
            #expect(
                try await debug(stage, "pwd; cat server.js; echo $WHO $SET; ls -A") == "/app\none\n나 yes\nserver.js")
            #expect(try await debug(stage, "cat $HISTFILE") == failed.command)
            #expect(try await stage.dsh("debug", "-c", failed.command ?? "").status == 127)
            // Nobody sees what it stands on.
            #expect(try await stage.engine.images.list(ImageQuery()).map(\.repository) == ["hello", "starter"])
        }
    }

    @Test func `it outlives its image's name and an image prune, and goes with success or a cache prune`() async throws
    {
        try await BuildStage.scoped { stage async throws in
            try stage.write("one\n", to: "server.js")
            _ = await #expect(throws: BuildFailure.self) { try await stage.build(Self.failing) }
            try await stage.dsh.succeed("image", "prune", "-a", "-f")
            #expect(try await debug(stage, "cat server.js") == "one")
            #expect(try await stage.engine.system.check(mend: true).isEmpty)
            #expect(try await debug(stage, "cat server.js") == "one")

            // Another build's success leaves it alone, its own takes it away.
            _ = try await stage.engine.images.restoreStarters()
            try await stage.build { $0.dockerfile = .text(Array("FROM starter\n".utf8), name: "other") }
            #expect(try await stage.engine.debugging.failedStep() != nil)
            try await stage.build(Self.failing.replacing("&& no-such-program", with: ""))
            #expect(try await stage.engine.debugging.failedStep() == nil)

            _ = await #expect(throws: BuildFailure.self) { try await stage.build(Self.failing) }
            try await stage.dsh.succeed("rmi", "-f", "t")
            try await stage.dsh.succeed("builder", "prune", "-a", "-f")
            #expect(try await stage.engine.debugging.failedStep() == nil)
            await #expect { try await stage.engine.debugging.debug(.failedStep, DebugRequest()) } throws: {
                ($0 as? EngineError)?.code == .notFound
            }
            try await stage.dsh.succeed("image", "prune", "-a", "-f")
            let left = try FileManager.default.contentsOfDirectory(atPath: stage.roots.root + "/layers")
            #expect(left.isEmpty, "\(left)")
        }
    }

    @Test func `the last of several is kept; a COPY is, a build that was cancelled is not`() async throws {
        try await BuildStage.scoped { stage async throws in
            for number in 1...3 {
                _ = await #expect(throws: BuildFailure.self) {
                    try await stage.build("FROM starter\nRUN echo \(number) > /n\nCOPY missing /\n")
                }
                let failed = try #require(try await stage.engine.debugging.failedStep())
                #expect(failed.step.instruction == "COPY missing /" && failed.command == nil)
                #expect(try await debug(stage, "cat /n") == "\(number)")
            }
            try stage.write("FROM starter\nRUN sleep 600\n", to: "Dockerfile")
            let build = Task { try await stage.build() }
            build.cancel()
            _ = await build.result
            #expect(try await stage.engine.debugging.failedStep()?.step.instruction == "COPY missing /")
        }
    }

    @Test(arguments: [
        ("RUN exit 1", "exit 1"), (#"RUN ["sh", "-c", "echo 'a b'; exit 1"]"#, #"sh -c 'echo '\''a b'\''; exit 1'"#),
        ("RUN false && \\\n  true", "false &&   true"),
        ("SHELL [\"sh\", \"-e\", \"-c\"]\nRUN exit 1", "sh -e -c 'exit 1'"),
        ("RUN <<EOF\necho a\nexit 1\nEOF", #"sh -c "$(printf '%s\n' 'echo a' 'exit 1')""#),
    ])
    func `the command is one line that can be run again`(instruction: String, command: String) async throws {
        try await BuildStage.scoped { stage async throws in
            _ = await #expect(throws: BuildFailure.self) { try await stage.build("FROM starter\n\(instruction)\n") }
            #expect(try await stage.engine.debugging.failedStep()?.command == command)
            #expect(try await stage.dsh("debug", "-c", command).status == 1)
            #expect(try await stage.dsh("debug", "-c", "again").status == 1)
        }
    }

    @Test func `on a terminal it says where it is, and again runs the command`() async throws {
        try await BuildStage.scoped { stage async throws in
            _ = await #expect(throws: BuildFailure.self) {
                try await stage.build("FROM starter\nRUN echo wo\"\"rd && exit 7\n")
            }
            try await PseudoTerminal.running(stage.dsh.program(["debug"])) { terminal in
                try await terminal.waitFor("'again' runs it once more.")
                try await terminal.waitFor("/ #")
                terminal.type("again; exit $?\r")
                try await terminal.waitFor("word")
                #expect(try await terminal.program.waitForEnd().status == 7)
            }
        }
    }
}
