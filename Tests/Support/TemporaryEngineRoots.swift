// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An engine's two roots in a directory of their own under /tmp, and a place for the test's files beside them.
public struct TemporaryEngineRoots: Sendable {
    /// Holds everything of this test.
    public let directory: String
    /// What `DSH_ROOT` and `--root` name.
    public var root: String { directory + "/root" }
    /// What `DSH_RUN` and `--run-root` name.
    public var run: String { directory + "/run" }
    /// For the test's own files.
    public var files: String { directory + "/files" }

    /// Something was left when the test ended.
    public struct Leak: Error, CustomStringConvertible {
        /// One line for each thing.
        public let findings: [String]
        /// The findings as a text.
        public var description: String { "left behind:\n  " + findings.joined(separator: "\n  ") }
    }

    /// Makes the roots, runs `body` and removes everything again.
    ///
    /// - Parameter patience: see `leaksInTheEnd`.
    /// - Throws: what `body` throws; `Leak` when it succeeded but a process, mount, interface, nftables table or cgroup
    ///   of the engine is still there. Leaks are cleaned away in either case.
    public static func scoped<Result>(
        patience: Duration = .seconds(5), _ body: (TemporaryEngineRoots) async throws -> Result
    ) async throws -> Result {
        try await Turnstile.engines.pass { try await inFreshDirectory(patience, body) }
    }

    private static func inFreshDirectory<Result>(
        _ patience: Duration, _ body: (TemporaryEngineRoots) async throws -> Result
    ) async throws -> Result {
        var template = Array("/tmp/dsh-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ProgramFailure(description: "mkdtemp: \(String(cString: strerror(errno)))")
        }
        let path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let roots = TemporaryEngineRoots(directory: path)
        for directory in [roots.root, roots.run, roots.files] { mkdir(directory, 0o755) }
        let result: Result
        do {
            result = try await body(roots)
        } catch {
            roots.remove(withLeaks: true)
            throw error
        }
        let findings = await roots.leaksInTheEnd(patience: patience)
        roots.remove(withLeaks: !findings.isEmpty)
        if !findings.isEmpty { throw Leak(findings: findings) }
        return result
    }

    /// What the engine has outside its directory once those who settle an end have come to theirs, a line for each thing.
    ///
    /// - Parameter patience: a supervisor that nobody watches settles after its container's end, and the kernel takes a
    ///   network namespace apart, and the cable that ends in it, once its last process is gone, in its own time. What is
    ///   there still when this has passed is a leak.
    /// - Parameter expected: what a test itself has put there.
    public func leaksInTheEnd(patience: Duration = .seconds(5), but expected: [String] = []) async -> [String] {
        let deadline = ContinuousClock.now + patience
        let leaks = leaks
        var workers = leaks.processes
        while !workers.isEmpty, ContinuousClock.now < deadline {
            // Cancelled: then it is counted as it is.
            try? await Task.sleep(for: .milliseconds(20))
            workers = leaks.processes
        }
        var findings = leaks.findings(with: workers).filter { !expected.contains($0) }
        while !findings.isEmpty, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
            findings = leaks.findings.filter { !expected.contains($0) }
        }
        return findings
    }

    /// What the engine has on the machine outside its directory.
    public var leaks: LeakCheck { LeakCheck(directory: directory, tag: tag) }

    /// The eight digits that stand in the names of what this engine shares with the whole machine: FNV-1a of the root.
    public var tag: String {
        let hash = root.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Writes a file of the test's own and returns its path; directories on the way are made.
    @discardableResult
    public func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws -> String {
        let path = "\(files)/\(name)"
        var parent = files
        for part in name.split(separator: "/").dropLast() {
            parent += "/" + part
            mkdir(parent, 0o755)
        }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw ProgramFailure(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ProgramFailure(description: "\(path): \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
        fchmod(file, mode)
        return path
    }

    private func remove(withLeaks: Bool) {
        if withLeaks { leaks.clean() }
        leaks.removeNetwork()
        // Through a mount that would not go, the tree could reach files that are not the test's.
        if leaks.mounts.isEmpty { removeTree(directory) }
    }
}

/// Removes a directory and what is under it, without following links.
private func removeTree(_ path: String) {
    for name in names(in: path) {
        let inner = "\(path)/\(name)"
        if isDirectory(inner) { removeTree(inner) } else { unlink(inner) }
    }
    rmdir(path)
}
