// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// Eight processes on one root at once, with commands drawn by lot. `DSH_TEST_COMMANDS` says how many (320 otherwise),
/// `DSH_TEST_SEED` draws the same again.
struct CrowdTests {
    private static let lanes = 8

    private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

    @Test func `database and disk agree after whatever they do`() async throws {
        let seed = Self.number("DSH_TEST_SEED") ?? UInt64.random(in: 1...999_999)
        let count = Int(Self.number("DSH_TEST_COMMANDS") ?? 320) / Self.lanes
        try await FaultGround.scoped { ground in
            try await ground.dsh.succeed("save", "-o", "hello.tar", "hello")
            await withTaskGroup(of: Void.self) { group in
                for lane in 0..<Self.lanes {
                    group.addTask {
                        var lot = Lot(seed: seed &* 31 &+ UInt64(lane))
                        for _ in 0..<count { await Self.perform(lot.command(), ground, seed) }
                    }
                }
            }
            try await Self.expectAgreement(ground, seed)
        }
    }

    private static func perform(_ words: [String], _ ground: FaultGround, _ seed: UInt64) async {
        do {
            let result = try await ground.dsh.program(words).run(within: .seconds(120))
            let said = result.errorText
            let isInternal = ["SQLite", "Fatal", ".swift", "database is", "supervisor"].contains { said.contains($0) }
            #expect(!isInternal, "seed \(seed), \(words): \(said)")
            #expect(said.isEmpty || result.status != 0 || words.contains("-q"), "seed \(seed), \(words): \(said)")
            #expect(
                [0, 1, 125, 126, 127, 137, 143].contains(result.status), "seed \(seed), \(words): \(result.status)")
        } catch {
            Issue.record("seed \(seed), \(words): \(error)")
        }
    }

    private static func expectAgreement(_ ground: FaultGround, _ seed: UInt64) async throws {
        let engine = try LocalContainerEngine(paths: ground.paths)
        // Ends that nobody watched are settled by their supervisors in their own time.
        try await until("seed \(seed): supervisors of what does not run are gone") {
            ground.monitors.count == ground.containerMonitors.count
        }
        let listed = try await engine.containers.list(ContainerQuery(all: true))
        let ids = listed.map(\.id.text).sorted()
        #expect(FaultGround.names(in: ground.paths.root + "/containers") == ids, "seed \(seed)")
        let running = listed.filter { $0.state.isRunning }.map(\.id.text).sorted()
        #expect(FaultGround.names(in: ground.paths.runRoot + "/containers") == running, "seed \(seed)")
        #expect(FaultGround.names(in: ground.paths.runRoot + "/execs").isEmpty, "seed \(seed)")
        // Nothing was killed, so there is nothing to be mended.
        let findings = try await engine.system.check(mend: false)
        #expect(findings.isEmpty, "seed \(seed): \(findings)")
        for container in listed {
            try await engine.containers.remove(ContainerName(container.id.text), force: true, volumes: false)
        }
        for image in ["hello", "starter"] where try await engine.images.find(ImageName(image)) == nil {
            _ = try await engine.images.restoreStarters()
        }
        let names = try await engine.images.list(ImageQuery()).map { "\($0.repository ?? ""):\($0.tag ?? "")" }
        for name in names where name.hasPrefix("tag") {
            _ = try await engine.images.remove(ImageName(name), force: true, prune: true)
        }
        ground.removeFiles()
        try await ground.expectClean(engine, "seed \(seed)", comparingStore: false)
    }
}

extension Lot {
    private mutating func name() -> String { "c\(Int.random(in: 0..<5, using: &self))" }

    private mutating func tag() -> String { "tag\(Int.random(in: 0..<3, using: &self))" }

    /// Few names, so that the eight get in each other's way.
    fileprivate mutating func command() -> [String] {
        let name = name()
        let other = self.name()
        let tag = tag()
        let commands: [[String]] = [
            ["run", "-d", "--name", name, "starter", "sleep", "600"],
            ["run", "-d", "--name", name, "-p", "80", "starter", "sleep", "600"],
            ["run", "-d", "--rm", "--name", name, "starter", "sleep", "0.05"],
            ["run", "--name", name, "--network", "none", "starter", "sh", "-c", "echo hello"],
            ["run", "--rm", "starter", "true"],
            ["run", "--name", name, "starter", "/nowhere"],
            ["create", "--name", name, "starter", "sleep", "600"],
            ["start", name],
            ["stop", "-t", "0", name], ["restart", "-t", "0", name], ["kill", name],
            ["rm", name], ["rm", "-f", name], ["rm", "-f", name, other],
            ["rename", name, other],
            ["exec", name, "true"], ["exec", "-d", name, "sleep", "0.05"],
            ["ps", "-a"], ["ps", "-a", "-s"], ["inspect", name], ["logs", name], ["ps", "-aq"],
            ["cp", "\(name):/etc/hosts", "hosts-\(next())"],
            ["container", "prune", "-f"],
            ["tag", "hello", tag], ["rmi", tag], ["images", "-a"], ["history", "hello"],
            ["load", "-q", "-i", "hello.tar"], ["rmi", "-f", "hello"], ["image", "prune", "-f"],
            ["save", "-o", "saved-\(next()).tar", "starter"],
            ["system", "check"], ["ps", "-q"],
        ]
        return commands[Int.random(in: 0..<commands.count, using: &self)]
    }
}
