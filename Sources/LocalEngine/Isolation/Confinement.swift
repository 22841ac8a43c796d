// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

/// What Docker hides from containers, and what it lets them use, by default.
enum Confinement {
    /// Paths of the kernel that show nothing inside.
    static var maskedPaths: [String] {
        [
            "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
            "/sys/firmware",
        ]
    }

    /// Paths of the kernel that cannot be written inside.
    static let readOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// Nothing but making nodes (which then cannot be opened), the harmless devices, and terminals.
    static let deviceRules: [LaunchDescription.DeviceRule] = {
        typealias Rule = LaunchDescription.DeviceRule
        let mknod: UInt8 = 4
        var rules = [
            Rule(isAllowed: false), Rule(isAllowed: true, kind: .character, access: mknod),
            Rule(isAllowed: true, kind: .block, access: mknod),
        ]
        // null, zero, full, random, urandom; tty, console, ptmx: Documentation/admin-guide/devices.txt.
        for minor: UInt32 in [3, 5, 7, 8, 9] {
            rules.append(Rule(isAllowed: true, kind: .character, major: 1, minor: minor))
        }
        for minor: UInt32 in [0, 1, 2] {
            rules.append(Rule(isAllowed: true, kind: .character, major: 5, minor: minor))
        }
        // Every terminal of devpts(5).
        rules.append(Rule(isAllowed: true, kind: .character, major: 136))
        return rules
    }()

    /// `--privileged`.
    static let allDevices = [LaunchDescription.DeviceRule(isAllowed: true)]

    /// Docker's number of open files.
    static let dockerOpenFiles: UInt64 = 1_048_576

    /// The number of open files that a container may have: Docker's where this process may raise its own limit, otherwise
    /// as many as it has itself. `info` tells the difference; a container that asked for nothing gets no notice of it.
    static var openFiles: UInt64 {
        // Both calls fail only for arguments that do not exist.
        guard let own = try? ProcessLimit(UInt32(RLIMIT_NOFILE.rawValue)), own.hard < dockerOpenFiles else {
            return dockerOpenFiles
        }
        // Where it is not known, the limit that every process may set is taken.
        let mayRaise = (try? Capabilities.current().effective).map { $0 & 1 << resourceBit != 0 } ?? false
        return mayRaise ? dockerOpenFiles : own.hard
    }

    private static let resourceBit = UInt64(Capability.sysResource.rawValue)

    /// getrlimit(2)'s limits of a container's processes, where they are not the supervisor's own.
    static var processLimits: [LaunchDescription.ResourceLimit] {
        let files = openFiles
        return [.init(resource: UInt32(RLIMIT_NOFILE.rawValue), soft: files, hard: files)]
    }

    /// Below /proc/sys/net: as in Docker, whoever is root inside listens on low ports and pings without a capability.
    static let networkSettings = [
        LaunchDescription.KernelSetting(name: "net.ipv4.ip_unprivileged_port_start", value: "0"),
        LaunchDescription.KernelSetting(name: "net.ipv4.ping_group_range", value: "0 2147483647"),
    ]
}
