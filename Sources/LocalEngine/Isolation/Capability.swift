// SPDX-License-Identifier: Apache-2.0

import Engine

/// A capability of capabilities(7), by the kernel's number.
enum Capability: UInt8, CaseIterable, Sendable {
    case chown, dacOverride, dacReadSearch, fowner, fsetid, kill, setgid, setuid, setpcap, linuxImmutable
    case netBindService, netBroadcast, netAdmin, netRaw, ipcLock, ipcOwner, sysModule, sysRawio, sysChroot, sysPtrace
    case sysPacct, sysAdmin, sysBoot, sysNice, sysResource, sysTime, sysTtyConfig, mknod, lease, auditWrite
    case auditControl, setfcap, macOverride, macAdmin, syslog, wakeAlarm, blockSuspend, auditRead, perfmon, bpf
    case checkpointRestore

    /// The kernel's names without `CAP_`, in the order of their numbers.
    private static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// `SYS_ADMIN`.
    var name: String { Self.names[Int(rawValue)] }

    /// `CAP_SYS_ADMIN` for `21`; a number that has no name yet stays what it is.
    static func fullName(ofNumber text: some StringProtocol) -> String {
        UInt8(text).flatMap(Capability.init).map { "CAP_" + $0.name } ?? "capability \(text)"
    }

    /// Finds `SYS_ADMIN`, `cap_sys_admin`, `CAP_SYS_ADMIN`.
    init?(named text: String) {
        let upper = text.uppercased()
        let bare = upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
        guard let number = Self.names.firstIndex(of: bare) else { return nil }
        self.init(rawValue: UInt8(number))
    }
}

/// A set of capabilities: bit n for capability n, as the kernel keeps them.
struct CapabilitySet: Hashable, Sendable {
    var bits: UInt64

    static let all = CapabilitySet(Capability.allCases)

    /// What Docker leaves to a container's root: enough to install packages, switch users and listen on low ports.
    static let standard = CapabilitySet([
        .auditWrite, .chown, .dacOverride, .fowner, .fsetid, .kill, .mknod, .netBindService, .netRaw, .setfcap, .setgid,
        .setpcap, .setuid, .sysChroot,
    ])

    init(_ capabilities: some Sequence<Capability>) {
        bits = capabilities.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    func contains(_ capability: Capability) -> Bool { bits & (1 << UInt64(capability.rawValue)) != 0 }
}

extension CapabilitySet {
    /// The default set changed by `--cap-add` and `--cap-drop`.
    ///
    /// Docker's rules: `ALL` added starts from everything and drops by name; `ALL` dropped starts from nothing and adds by
    /// name; a name both added and dropped is added. `--privileged` is everything, whatever else is said.
    /// - Throws: `.invalid` for a name that is no capability.
    init(adding added: [String], dropping dropped: [String], isPrivileged: Bool) throws(EngineError) {
        let (addsAll, add) = try Self.read(added)
        let (dropsAll, drop) = try Self.read(dropped)
        if isPrivileged {
            self = .all
        } else if addsAll {
            bits = Self.all.bits & ~drop.bits
        } else if dropsAll {
            bits = add.bits
        } else {
            bits = Self.standard.bits & ~drop.bits | add.bits
        }
    }

    private static func read(_ words: [String]) throws(EngineError) -> (all: Bool, named: CapabilitySet) {
        var all = false
        var named: [Capability] = []
        for word in words {
            let upper = word.uppercased()
            if upper == "ALL" || upper == "CAP_ALL" {
                all = true
            } else if let capability = Capability(named: word) {
                named.append(capability)
            } else {
                let full = upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
                throw EngineError(.invalid, .engine, "invalid capability: \"\(full)\"")
            }
        }
        return (all, CapabilitySet(named))
    }
}
