// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import TestSupport
import Testing

@testable import LocalEngine

/// What a program sees and may do inside, with the engine's own rules: the container's program, and every one that is
/// started beside it.
///
/// Each mechanism by itself is in MonitorTests; setuid programs and the supervisor's own file are in ScenarioTests too.
@Suite struct ContainerIsolationTests {
    /// Who runs with what, and what the kernel then says of it.
    struct Who: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var user: String?
        var added: [String] = []
        var dropped: [String] = []
        var isPrivileged = false
        /// Both in the kernel's sixteen digits.
        var effective: String
        var bounding: String
    }

    private static let standard = "00000000a80425fb"
    private static let nothing = "0000000000000000"
    private static let everybody = [
        Who(testDescription: "root", effective: standard, bounding: standard),
        Who(testDescription: "user 1000", user: "1000", effective: nothing, bounding: standard),
        Who(testDescription: "root, all dropped", dropped: ["ALL"], effective: nothing, bounding: nothing),
        Who(
            testDescription: "user 1000, all dropped", user: "1000:1000", dropped: ["ALL"], effective: nothing,
            bounding: nothing),
        Who(
            testDescription: "root with NET_ADMIN", added: ["NET_ADMIN"], effective: "00000000a80435fb",
            bounding: "00000000a80435fb"),
        Who(
            testDescription: "user by name with NET_ADMIN", user: "worker", added: ["CAP_NET_ADMIN"],
            effective: nothing, bounding: "00000000a80435fb"),
    ]

    private func request(_ who: Who, _ stage: ContainerStage, _ script: String) -> ContainerRequest {
        var request = stage.request("sh", "-c", script)
        request.user = who.user
        request.addedCapabilities = who.added
        request.droppedCapabilities = who.dropped
        request.isPrivileged = who.isPrivileged
        return request
    }

    /// Runs a script as the container's program and as one more program beside it; what each printed.
    private func both(_ who: Who, _ stage: ContainerStage, _ script: String) async throws -> [String] {
        // It lives while the other does: numbers of what is gone are given again.
        var waiting = request(who, stage, "sleep 600")
        waiting.name = "beside"
        let started = try await stage.containers.run(waiting, attaching: nil)
        let attachment = try await stage.containers.exec(
            "beside", ExecRequest(command: ["sh", "-c", script]), attaching: AttachRequest(input: false))
        let second = try await stage.finish(try #require(attachment), id: started.container.id)
        let first = try await stage.run(request(who, stage, script))
        return [first.output, second.output]
    }

    @Test(arguments: everybody)
    func `capabilities and filter are the same for the program and for those beside it`(who: Who) async throws {
        try await ContainerStage.scoped { stage in
            let script = "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -d '\\t'"
            for shown in try await both(who, stage, script) {
                #expect(
                    shown.split(separator: "\n").map(String.init) == [
                        "CapInh:\(Self.nothing)", "CapPrm:\(who.effective)", "CapEff:\(who.effective)",
                        "CapBnd:\(who.bounding)", "CapAmb:\(Self.nothing)", "NoNewPrivs:0", "Seccomp:2",
                    ])
            }
        }
    }

    @Test(arguments: everybody)
    func `what takes no capability and Docker's filter forbids is forbidden to everybody`(who: Who) async throws {
        try await ContainerStage.scoped { stage in
            // A user namespace: the kernel lets anybody make one.
            for shown in try await both(who, stage, "unshare -U true 2>&1 || true") {
                #expect(shown == "unshare: unshare(0x10000000): Operation not permitted\n")
            }
        }
    }

    @Test func `without the filter the same is allowed: the test can tell`() async throws {
        try await ContainerStage.scoped { stage async throws in
            let who = Who(testDescription: "", isPrivileged: true, effective: "", bounding: "")
            #expect(try await both(who, stage, "unshare -U true && echo made") == ["made\n", "made\n"])
        }
    }

    @Test func `every namespace is the container's own, and those beside it share it`() async throws {
        try await ContainerStage.scoped { stage in
            let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "uts"]
            let script = kinds.map { "ls -l /proc/self/ns/\($0) | sed 's/.*-> //'" }.joined(separator: ";")
            let host = try await Program("/bin/sh", ["-c", script]).run().lines
            let who = Self.everybody[0]
            let seen = try await both(who, stage, script).map { $0.split(separator: "\n").map(String.init) }
            for inside in seen {
                #expect(inside.count == kinds.count && Set(inside).isDisjoint(with: host))
            }
            #expect(Set(seen[0]).isDisjoint(with: seen[1]), "two containers share nothing")
            let attachment = try await stage.containers.exec(
                "beside", ExecRequest(command: ["sh", "-c", script + "; ls /proc | grep -c '^[0-9]'"]),
                attaching: AttachRequest(input: false))
            let id = try await stage.containers.inspect("beside").summary.id
            let again = try await stage.finish(try #require(attachment), id: id).output.split(separator: "\n")
            #expect(again.dropLast().map(String.init) == seen[1])
            // sleep, the shell, ls and grep: nobody of the host's, nor of the supervisors.
            #expect(again.last == "4")
        }
    }

    @Test func `every masked path shows nothing, and every read-only path refuses`() async throws {
        try await ContainerStage.scoped { stage in
            let masked = Confinement.maskedPaths.joined(separator: " ")
            let closed = Confinement.readOnlyPaths.joined(separator: " ")
            let script = """
                for p in \(masked); do
                    if [ -d $p ]; then ls -A $p; elif [ -e $p ]; then cat $p; fi
                done
                for p in \(closed); do
                    [ -e $p ] || continue
                    f=$p; [ -d $p ] && f=$(find $p -type f | head -n 1)
                    [ -z "$f" ] || (: >> $f) 2>&1 | grep -v 'Read-only file system'
                done
                touch /sys/x 2>&1; mkdir /sys/fs/cgroup/x 2>&1; echo over
                """
            for shown in try await both(Self.everybody[0], stage, script) {
                #expect(
                    shown == """
                        touch: /sys/x: Read-only file system
                        mkdir: can't create directory '/sys/fs/cgroup/x': Read-only file system
                        over

                        """)
            }
        }
    }

    @Test func `devices are the harmless ones, and a node made by hand leads nowhere`() async throws {
        try await ContainerStage.scoped { stage in
            let script = """
                ls /dev | grep -v core | tr '\\n' ' '; echo
                mknod /disk b 254 0; head -c 1 /disk 2>&1; mknod /mem c 1 1; head -c 1 /mem 2>&1
                mknod /zero c 1 5; head -c 3 /zero | wc -c; echo over > /dev/null
                """
            for shown in try await both(Self.everybody[0], stage, script) {
                #expect(
                    shown == """
                        fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero 
                        head: /disk: Operation not permitted
                        head: /mem: Operation not permitted
                        3

                        """)
            }
        }
    }

    @Test func `no descriptor of the engine's or the supervisor's is open inside`() async throws {
        try await ContainerStage.scoped { stage in
            // The fourth is the one that ls reads the directory with.
            for shown in try await both(Self.everybody[0], stage, "ls /proc/self/fd | wc -l; ls /proc/1/fd | wc -l") {
                #expect(shown == "4\n3\n")
            }
        }
    }
}
