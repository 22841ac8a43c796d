// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// SIGKILL of dsh at each step of a build: `system check` ends clean, and the next build is right.
struct BuildKillTests {
    private static let dockerfile = """
        FROM starter AS one
        COPY f /f
        RUN echo $(cat /f) > /made
        FROM starter
        WORKDIR /w
        COPY --from=one /made /w/
        RUN --mount=from=one,target=/m cp /m/made again
        """

    private static func write(_ text: String, to name: String, _ ground: FaultGround) throws {
        try text.write(toFile: ground.dsh.roots.files + "/" + name, atomically: false, encoding: .utf8)
    }

    @Test func `killed at each step of a build`() async throws {
        let begin = ContinuousClock.now
        try await FaultGround.each(BuildPoint.allCases.map(\.name)) { step, ground in
            try Self.write(Self.dockerfile, to: "Dockerfile", ground)
            try Self.write("hello \(step)", to: "f", ground)
            let words = ["build", "-q", "-t", "t", "."]
            let killed = try await ground.dsh(with: "\(step):kill").program(words).run()
            #expect(killed.status == 128 + SIGKILL, "\(step): \(killed.status) \(killed.errorText)")
            let engine = try LocalContainerEngine(paths: ground.paths)
            let unmended = try await engine.system.check(mend: true).filter { !$0.isMended }
            #expect(unmended.isEmpty, "\(step): \(unmended)")
            // A supervisor whose group was emptied goes in its own time, as does its network.
            try await until("\(step): a supervisor stays") { ground.isQuiet }
            let found = try await engine.system.check(mend: true).filter { $0.kind != .leakedInterface }
            #expect(found.isEmpty, "\(step): \(found)")
            try await ground.dsh.program(words).succeed()
            let seen = try await ground.dsh.program(["run", "--rm", "t", "cat", "/w/made", "/w/again"]).succeed()
            #expect(seen == "hello \(step)\nhello \(step)", "\(step)")
            try await ground.dsh.program(["rmi", "-f", "t"]).succeed()
            try await ground.dsh.program(["builder", "prune", "-a", "-f"]).succeed()
            try await ground.expectConsistent(step)
            ground.removeFiles()
        }
        print("\(BuildPoint.allCases.count) rows in \(ContinuousClock.now - begin)")
    }

    @Test func `the command of a build whose dsh was killed is ended by system check`() async throws {
        try await FaultGround.scoped { ground async throws in
            try Self.write("FROM starter\nRUN echo up; sleep 600", to: "Dockerfile", ground)
            let running = try ground.dsh.program(["build", "--progress", "plain", "."]).start(on: .pipes)
            defer { running.end() }
            running.closeInput()
            try await until("the command does not run") { !ground.monitors.isEmpty }
            running.signal(SIGKILL)
            _ = try await running.waitForEnd()
            #expect(!ground.monitors.isEmpty)
            let engine = try LocalContainerEngine(paths: ground.paths)
            #expect(try await engine.system.check(mend: false).map(\.kind).contains(.orphanedContainerDirectory))
            _ = try await engine.system.check(mend: true)
            #expect(ground.monitors.isEmpty)
            try await until("a supervisor stays") { ground.isQuiet }
            try await ground.expectConsistent("an orphaned command")
            ground.removeFiles()
        }
    }
}
