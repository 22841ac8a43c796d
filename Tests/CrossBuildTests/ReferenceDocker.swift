// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Docker of Debian's packages, whose BuildKit says what is right: a daemon of the suite's own, which knows no network
/// and keeps everything in one directory.
struct ReferenceDocker: Sendable {
    /// That of the suite that is running.
    @TaskLocal static var current: ReferenceDocker?

    /// Where the packages were unpacked by `Scripts/test`; without it, those that are installed.
    private static let place = getenv("DSH_TEST_DOCKER").map { String(cString: $0) } ?? ""
    private static let client = place + "/usr/bin/docker"
    private static let daemon = place + "/usr/sbin/dockerd"
    static let isHere = [client, daemon, ImageFacts.python].allSatisfy { (path: String) in access(path, X_OK) == 0 }

    private let directory: String
    private var socket: String { "unix://\(directory)/socket" }
    private var group: String { "/dsh-cross-\(getpid())" }

    /// `docker WORDS…`, with BuildKit for `build`.
    func program(_ words: [String]) -> Program {
        let environment = ["DOCKER_BUILDKIT": "1", "HOME": directory]
        return Program(Self.client, ["-H", socket] + words, environment: environment)
    }

    /// Runs `docker WORDS…` to its end.
    @discardableResult
    func succeed(_ words: String...) async throws -> String { try await program(words).succeed() }

    /// Runs `body` beside a daemon that has dsh's own images.
    static func running(_ body: (ReferenceDocker) async throws -> Void) async throws {
        try await DshProgram.scoped { dsh in
            let docker = ReferenceDocker(directory: dsh.roots.files)
            try await docker.daemonProgram.whileRunning { daemon in
                // The client tries once; the socket is there when the daemon answers.
                try await docker.awaitDaemon(daemon)
                for image in ["starter", "hello"] {
                    try await dsh.succeed("save", "-o", "\(image).tar", image)
                    try await docker.succeed("load", "-q", "-i", "\(dsh.directory)/\(image).tar")
                }
                try await body(docker)
                daemon.signal(SIGTERM)
                _ = try await daemon.waitForEnd()
            }
            try await docker.removeGroups()
        }
    }

    private var daemonProgram: Program {
        let words = [
            "--data-root", "\(directory)/lib", "--exec-root", "\(directory)/run", "--pidfile", "\(directory)/pid",
            "-H", socket, "--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", group, "--bridge=none",
            "--iptables=false",
        ]
        let path = "\(Self.place)/usr/bin:\(Self.place)/usr/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
        return Program(Self.daemon, words, environment: ["PATH": path])
    }

    private func awaitDaemon(_ daemon: RunningProgram) async throws {
        guard await daemon.wait(until: { $0.errorText.contains("API listen on") }) else {
            throw ProgramFailure(description: "dockerd does not start\n\(daemon.story)")
        }
    }

    /// Docker leaves the group that its containers had.
    private func removeGroups() async throws {
        let find = ["-depth", "-type", "d", "-path", "*\(group)*", "-exec", "rmdir", "{}", "+"]
        try await Program("/usr/bin/find", ["/sys/fs/cgroup"] + find).succeed()
    }
}

/// Runs a suite beside one `ReferenceDocker`.
struct BesideDocker: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await ReferenceDocker.running { docker in
            try await ReferenceDocker.$current.withValue(docker) { try await function() }
        }
    }
}

extension Trait where Self == BesideDocker {
    static var besideDocker: Self { BesideDocker() }
}
