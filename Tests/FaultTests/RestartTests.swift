// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// A restart of the machine as its files see it: every process dies at once, what is not on disk is gone, and the kernel
/// has another boot id.
struct RestartTests {
    /// Whether the run directory is on a disk, which a person may choose, or goes with the machine as /run does.
    @Test(arguments: [true, false])
    func `nothing is shown running that is not, and everything can be started again`(runRootStays: Bool) async throws {
        try await FaultGround.scoped { ground in
            let dsh = ground.dsh
            try await dsh.succeed("run", "-d", "-p", "80", "--name", "up", "starter", "sleep", "600")
            try await dsh.succeed("run", "-d", "--rm", "--name", "gone", "starter", "sleep", "600")
            #expect(try await dsh("run", "--name", "over", "starter", "sh", "-c", "exit 4").status == 4)
            try await dsh.succeed("create", "--name", "new", "starter", "true")
            for monitor in ground.monitors { kill(monitor, SIGKILL) }
            try await until("everything is dead") { dsh.roots.leaks.processes.isEmpty }
            try await Self.loseWhatIsNotOnDisk(ground, runRootStays)

            let states = try await Self.afterRestart(dsh, ["ps", "-a", "--format", "{{.Names}} {{.State}}"]).succeed()
            #expect(states.split(separator: "\n").sorted() == ["new created", "over exited", "up exited"])
            #expect(try await Self.afterRestart(dsh, ["ps", "-q"]).succeed().isEmpty)
            let format = "{{.State.Running}} {{.State.Pid}} {{.State.ExitCode}} {{.State.Error}}"
            let state = try await Self.afterRestart(dsh, ["inspect", "--format", format, "up"]).succeed()
            #expect(state == "false 0 255 the machine was restarted while the container ran")
            let over = try await Self.afterRestart(dsh, ["inspect", "--format", "{{.State.ExitCode}}", "over"])
                .succeed()
            #expect(over == "4")
            try await Self.afterRestart(dsh, ["start", "up"]).succeed()
            #expect(try await Self.afterRestart(dsh, ["exec", "up", "echo", "again"]).succeed() == "again")
            let ports = try await Self.afterRestart(dsh, ["ps", "--format", "{{.Ports}}"]).succeed()
            #expect(ports.contains("->80/tcp"))
            try await Self.afterRestart(dsh, ["rm", "-f", "up", "over", "new"]).succeed()
            try await Self.afterRestart(dsh, ["system", "check", "--dry-run"]).succeed()
            let engine = try LocalContainerEngine(paths: ground.paths)
            try await ground.expectClean(engine, "a restart")
        }
    }

    @Test func `layers that the kernel had not written out yet are looked at once`() async throws {
        try await FaultGround.scoped { ground in
            let check = Self.afterRestart(ground.dsh, ["system", "check"])
            try await check.succeed()
            let layer = try #require(Self.starterLayer(ground))
            // Known to be on disk, it is not read again; what was lost before shows in the first check only.
            try TreeRemoval.remove("\(ground.paths.layers)/\(layer)/bin")
            try await Self.afterRestart(ground.dsh, ["system", "check"]).succeed()
        }
        try await FaultGround.scoped { ground in
            let layer = try #require(Self.starterLayer(ground))
            try TreeRemoval.remove("\(ground.paths.layers)/\(layer)/bin")
            let result = try await Self.afterRestart(ground.dsh, ["system", "check"]).run()
            #expect(result.status == 1 && result.text.contains(layer), "\(result.text)")
        }
    }

    /// The one with programs in it.
    private static func starterLayer(_ ground: FaultGround) -> String? {
        FaultGround.names(in: ground.paths.layers).first { access("\(ground.paths.layers)/\($0)/bin", F_OK) == 0 }
    }

    private static func loseWhatIsNotOnDisk(_ ground: FaultGround, _ runRootStays: Bool) async throws {
        let roots = ground.dsh.roots
        roots.leaks.removeNetwork()
        // Cgroups are the kernel's own.
        for name in FaultGround.names(in: "/sys/fs/cgroup") + [""] {
            let parent = "/sys/fs/cgroup/\(name)/dsh"
            for group in FaultGround.names(in: parent) where group.contains(roots.tag) { rmdir(parent + "/" + group) }
        }
        guard !runRootStays else { return }
        for name in FaultGround.names(in: roots.run) { try TreeRemoval.remove("\(roots.run)/\(name)") }
    }

    /// `dsh WORDS` in a mount namespace in which the kernel's boot id is another one.
    private static func afterRestart(_ dsh: DshProgram, _ words: [String]) -> Program {
        let file = dsh.roots.directory + "/boot_id"
        let script = """
            echo 11111111-2222-4333-8444-555555555555 > \(file)
            mount --bind \(file) /proc/sys/kernel/random/boot_id && exec "$0" "$@"
            """
        var program = dsh.program(words)
        program.arguments = ["--mount", "/bin/sh", "-c", script, program.path] + program.arguments
        program.path = "/usr/bin/unshare"
        return program
    }
}
