// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The default container beside that of Debian's docker.io, line by line. The tables in `Docker/` were printed by it, by
/// the same programs; a difference stands below, and its reason in `Docs/security.md`.
struct DockerTableTests {
    private static func table(_ name: String) throws -> [String] {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let text = try String(contentsOf: directory.appendingPathComponent("Docker/\(name)"), encoding: .utf8)
        return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    // MARK: What a container is

    /// A line that Docker's container has and one of ours; `nil` where there is none.
    private static let facts: [(docker: String?, ours: String?)] = [
        (nil, "mount: /proc/interrupts rw,nosuid tmpfs"),
        ("masked: /proc/interrupts 2252 bytes", "masked: /proc/interrupts 0 bytes"),
        (
            "mount: /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime tmpfs",
            "mount: /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime tmpfs"
        ),
        ("control group: /docker/ID", "control group: /"),
        ("setting: ipv6/conf/all/disable_ipv6 1", "setting: ipv6/conf/all/disable_ipv6 0"),
        ("file: /etc/mtab symbolic link 777 0:0", nil),
        ("file: /.dockerenv regular empty file 755 0:0", nil),
    ]

    @Test func `ids, capabilities, limits, mounts, devices and paths are those of Docker's container`() async throws {
        try await DshProgram.scoped { dsh in
            let script = try Self.table("container.sh").joined(separator: "\n")
            let shown = try await dsh.succeed("run", "--rm", "--network", "none", "starter", "sh", "-c", script)
            let ours = Set(shown.split(separator: "\n").map(String.init))
            let docker = Set(try Self.table("container.txt"))
            #expect(docker.count > 80 && ours.count > 80)
            #expect(docker.subtracting(ours) == Set(Self.facts.compactMap(\.docker)))
            #expect(ours.subtracting(docker) == Set(Self.facts.compactMap(\.ours)))
        }
    }

    // MARK: What it may call

    enum Outcome: String { case refused, unknown, reached }

    /// A call as a table names it, with its outcome.
    private struct Call {
        let name: String
        let outcome: Outcome

        /// `TABLE NUMBER [ARGUMENT] OUTCOME [NAME]`
        init?(tableLine line: String) {
            let words = line.split(separator: " ").map(String.init)
            guard let place = words.firstIndex(where: { Outcome(rawValue: $0) != nil }) else { return nil }
            name = words[..<place].joined(separator: " ")
            outcome = Outcome(rawValue: words[place]) ?? .reached
        }

        /// The same as the probe prints it: the outcome is the name of an error, or another word.
        init(probeLine line: Substring) {
            let words = line.split(separator: " ")
            name = words.dropLast().joined(separator: " ")
            outcome =
                switch words.last {
                case "EPERM": .refused
                case "ENOSYS": .unknown
                default: .reached
                }
        }
    }

    /// Calls of which Docker 28's profile, which is ours, says something else than that of 20.10 does.
    private static let calls: [(numbers: ClosedRange<Int>, docker: Outcome, ours: Outcome)] = [
        // name_to_handle_at
        (303...303, .refused, .reached),
        // process_vm_readv, process_vm_writev
        (310...311, .refused, .reached),
        // pkey_mprotect, pkey_alloc, pkey_free
        (329...331, .refused, .reached),
        // io_uring_setup, io_uring_enter, io_uring_register
        (425...427, .reached, .refused),
        // set_mempolicy_home_node
        (450...450, .unknown, .refused),
        // cachestat, fchmodat2; futex_wake to listmount; mseal to removexattrat
        (451...452, .unknown, .reached), (454...458, .unknown, .reached), (462...466, .unknown, .reached),
        // lsm_get_self_attr, lsm_set_self_attr, lsm_list_modules
        (459...461, .unknown, .refused),
    ]
    /// The same where the 32-bit table has other numbers: name_to_handle_at, process_vm_…, pkey_….
    private static let compatible: [Int: Int] = [341: 303, 347: 310, 348: 311, 380: 329, 381: 330, 382: 331]

    private static func expected(_ call: String, _ docker: Outcome) -> Outcome {
        let words = call.split(separator: " ")
        guard words.count >= 2, let number = Int(words[1]) else { return docker }
        // AF_VSOCK, in both tables.
        if ["native 41 0x28", "i386 359 0x28"].contains(call) { return .refused }
        guard words.count == 2 else { return docker }
        let native = words[0] == "i386" ? compatible[number] ?? (number > 402 ? number : -1) : number
        return calls.first { $0.numbers.contains(native) }?.ours ?? docker
    }

    #if arch(x86_64)
        @Test func `every system call is answered as in Docker's container`() async throws {
            try await DshProgram.scoped { dsh in
                let rows = try Self.table("calls.txt").compactMap(Call.init(tableLine:))
                let docker = Dictionary(rows.map { ($0.name, $0.outcome) }) { first, _ in first }
                let run = ["run", "--rm", "--network", "none", "-v", "\(ContainmentTests.probe):/probe:ro"]
                let ours = try await dsh.program(run + ["starter", "/probe", "calls"]).succeed()
                let open = try await dsh.program(run + ["--privileged", "starter", "/probe", "calls"]).succeed()
                // What this kernel does not have says nothing of a filter.
                let missing = Set(
                    open.split(separator: "\n").map(Call.init(probeLine:)).filter { $0.outcome == .unknown }.map(\.name)
                )
                let tried = ours.split(separator: "\n").map(Call.init(probeLine:))
                #expect(tried.count > 1800 && rows.count > 900)
                for call in tried {
                    if call.name.hasPrefix("x32") {
                        #expect(call.outcome != .reached, "\(call.name)")
                        continue
                    }
                    let expected = Self.expected(call.name, docker[call.name] ?? .unknown)
                    if expected == .reached, missing.contains(call.name) { continue }
                    #expect(call.outcome == expected, "\(call.name)")
                }
                #expect(open.split(separator: "\n").count { $0.hasSuffix(" EPERM") } < 40, "the filter is what refuses")
            }
        }
    #endif
}
