// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import MonitorProtocol
import TestSupport
import Testing

@testable import LocalEngine

/// What a crash can leave of containers: `system check` finds each kind, takes it away, and touches nothing else.
///
/// Layers and blobs are in ImageStoreTests, addresses, interfaces and rules in NetworkStateTests.
@Suite struct ContainerCheckTests {
    /// Finds once without touching, once with mending, and then no more.
    private func expect(_ expected: [(CheckFinding.Kind, String)], in stage: ContainerStage) async throws {
        // The layer of these tests is made by hand, so no image owns it.
        func found(mend: Bool) async throws -> [CheckFinding] {
            try await stage.system.check(mend: mend).filter { $0.kind != .orphanedLayer }
        }
        for isMended in [false, true] {
            let findings = expected.map { CheckFinding(kind: $0.0, subject: $0.1, isMended: isMended) }
            #expect(try await found(mend: isMended) == findings)
        }
        #expect(try await found(mend: false).isEmpty)
    }

    private func made(_ path: String) -> String {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            mkdir(partial, 0o755)
        }
        return path
    }

    @Test func `directories of containers that are in no record`() async throws {
        try await ContainerStage.scoped { stage in
            let id = ContainerID.random().text
            let directory = made("\(stage.roots.root)/containers/\(id)")
            _ = made(directory + "/upper/etc")
            let run = made("\(stage.roots.run)/containers/\(ContainerID.random().text)")
            try await expect(
                [(.orphanedContainerDirectory, directory), (.orphanedContainerDirectory, run)], in: stage)
            #expect(access(directory, F_OK) != 0 && access(run, F_OK) != 0)
        }
    }

    @Test func `a container whose supervisor was killed, with everything that it had`() async throws {
        try await ContainerStage.scoped { stage in
            let started = try await stage.containers.run(
                stage.request("sleep", "600", name: "doomed"), attaching: nil)
            let files = stage.containers.files(started.container.id)
            let program = try #require(stage.containers.started(started.container.id)).pid
            kill(try stage.supervisor(of: program), SIGKILL)
            // Its lock is free once it is gone.
            _ = try await onOwnThread { _ in _ = try FileLock.wait(files.places.lock) }
            let seen = Set(try await stage.system.check(mend: false).map(\.kind)).subtracting([.orphanedLayer])
            #expect(seen == [.deadMonitor, .orphanedContainerDirectory, .leakedCgroup])
            let mended = try await stage.system.check(mend: true).filter { $0.kind != .orphanedLayer }
            // What the end requires takes the rest along.
            #expect(mended == [CheckFinding(kind: .deadMonitor, subject: "doomed", isMended: true)])
            try await expect([], in: stage)
            #expect(access(files.runDirectory, F_OK) != 0)
            let state = try await stage.containers.inspect("doomed").summary.state
            #expect(state.status == .exited && state.exitCode == 137)
        }
    }

    @Test func `an end that nobody has dealt with`() async throws {
        try await ContainerStage.scoped { stage in
            // This client promises to settle, and never does.
            let started = try await stage.containers.run(
                stage.request("sh", "-c", "exit 9", name: "over"), attaching: AttachRequest(input: false))
            let files = stage.containers.files(started.container.id)
            _ = try await onOwnThread { _ in _ = try FileLock.wait(files.places.lock) }
            let findings = try await stage.system.check(mend: true).filter { $0.kind != .orphanedLayer }
            #expect(findings == [CheckFinding(kind: .unsettledContainer, subject: "over", isMended: true)])
            try await expect([], in: stage)
            #expect(try await stage.containers.wait("over") == 9)
            #expect(started.attachment != nil, "it has held on until here")
        }
    }

    @Test func `groups with processes that no container has`() async throws {
        try await ContainerStage.scoped { stage in
            let id = ContainerID.random()
            let group = try stage.containers.cgroup(id).group()
            _ = try group.create(using: [])
            let sleeping = try SpawnedProgram(
                try ProtectedProgram("/bin/busybox"), arguments: ["sleep", "600"], environment: [], descriptors: [])
            try group.add(sleeping.pid)
            try await expect([(.leakedCgroup, id.text)], in: stage)
            #expect(group.directories.isEmpty)
            var status: CInt = 0
            #expect(waitpid(sleeping.pid, &status, 0) == sleeping.pid && status & 0x7f == SIGKILL)
        }
    }

    @Test func `mounts below the roots, whatever their names`() async throws {
        try await ContainerStage.scoped { stage in
            let outer = made("\(stage.roots.root)/with blank \\ and 한글")
            #expect(mount("none", outer, "tmpfs", 0, nil) == 0)
            let inner = made(outer + "/inner")
            #expect(mount("none", inner, "tmpfs", 0, nil) == 0)
            try await expect([(.staleMount, inner), (.staleMount, outer)], in: stage)
            rmdir(outer)
        }
    }

    @Test func `files that somebody was writing when he was killed, and not those of the living`() async throws {
        try await ContainerStage.scoped { stage in
            let created = try await stage.containers.create(stage.request("true"))
            let ended = try SpawnedProgram(
                try ProtectedProgram("/bin/busybox"), arguments: ["true"], environment: [], descriptors: [])
            waitpid(ended.pid, nil, 0)
            let draft = "\(stage.roots.root)/settings.\(ended.pid).new"
            let living = "\(stage.roots.root)/settings.\(getpid()).new"
            let record = stage.containers.files(created.id).places.exitRecord + ".new"
            for path in [draft, living, record] { try SmallFile.write("x".utf8, to: path, mode: 0o600) }
            try await expect([(.halfMadeFile, draft), (.halfMadeFile, record)], in: stage)
            #expect(access(living, F_OK) == 0)
            unlink(living)
        }
    }

    @Test func `run directories of single programs`() async throws {
        try await ContainerStage.scoped { stage in
            let dead = made("\(stage.roots.run)/execs/\(ContainerID.random().text)")
            try SmallFile.write([], to: dead + "/lock", mode: 0o600)
            // Whoever made it is about to start a supervisor, which will have a lock of its own.
            let beginning = ExecFiles(EnginePaths(root: stage.roots.root, runRoot: stage.roots.run))
            let lock = try beginning.make(EnginePaths(root: stage.roots.root, runRoot: stage.roots.run))
            try await expect([(.deadMonitor, dead)], in: stage)
            #expect(access(beginning.directory, F_OK) == 0)
            _ = consume lock
            // Killed before it did.
            try await expect([(.deadMonitor, beginning.directory)], in: stage)
        }
    }

    @Test func `what runs, and what is being made, is left alone`() async throws {
        try await ContainerStage.scoped { stage in
            let started = try await stage.containers.run(stage.request("sleep", "600", name: "up"), attaching: nil)
            let directory = made("\(stage.roots.root)/containers/\(ContainerID.random().text)")
            guard let lock = try ContainerLock.take(directory) else {
                throw ProgramFailure(description: "nobody else could have it")
            }
            try await expect([], in: stage)
            #expect(access(directory, F_OK) == 0)
            #expect(try await stage.containers.inspect("up").summary.state.isRunning)
            #expect(stage.containers.started(started.container.id) != nil)
            _ = consume lock
            try await expect([(.orphanedContainerDirectory, directory)], in: stage)
        }
    }

    @Test func `a damaged database is told, and nothing is taken for an orphan`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let paths = EnginePaths(root: roots.root, runRoot: roots.run)
            // Closed before it is spoilt: SQLite keeps pages in memory.
            do { _ = try EngineDatabase(paths: paths) }
            var status = stat()
            #expect(stat(paths.database, &status) == 0)
            let file = try Descriptor(opening: paths.database, O_WRONLY)
            lseek(file.number, status.st_size - 4096, SEEK_SET)
            try file.writeAll([UInt8](repeating: 0xff, count: 4096))
            let directory = made("\(roots.root)/containers/\(ContainerID.random().text)")
            let core = try EngineCore(paths: paths)
            let images = try TestImages(roots.root + "/layers")
            let system = LocalSystem(
                core: core,
                containers: LocalContainers(
                    core: core, images: images, networks: LocalNetworks(paths: paths, database: core.database)),
                images: images)
            let findings = try await system.check(mend: true)
            #expect(!findings.isEmpty)
            #expect(findings.allSatisfy { $0.kind == .damagedDatabase && !$0.isMended })
            #expect(access(directory, F_OK) == 0)
        }
    }
}
