// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// Makes a container's group with its limits.
struct CgroupSetup {
    private let group: Cgroup
    private let placement: LaunchDescription.CgroupPlacement
    private var missing: Set<Cgroup.Controller> = []
    /// What this machine could not give as asked.
    private(set) var adjustments: [Adjustment] = []

    /// Makes `group` and sets all that `placement` asks for.
    ///
    /// Only controllers that have something to do are used: each costs every start and every end about 0.1 ms.
    /// - Throws: what the kernel refuses as wrong, as a processor that does not exist. What it does not have is an
    ///   adjustment instead.
    init(_ group: Cgroup, _ placement: LaunchDescription.CgroupPlacement) throws(SystemError) {
        self.group = group
        self.placement = placement
        let limits = placement.limits
        var needed: Set<Cgroup.Controller> = []
        if limits.memory != nil || limits.memoryAndSwap != nil { needed.insert(.memory) }
        if limits.cpuQuota != nil || limits.cpuShares != nil { needed.insert(.cpu) }
        if limits.pids != nil { needed.insert(.pids) }
        if !limits.cpus.isEmpty { needed.insert(.cpuset) }
        missing = try group.create(using: needed)
        try apply(limits)
        if !placement.devices.isEmpty { try group.restrictDevices(placement.devices.map(CgroupDeviceRule.init)) }
    }

    private mutating func apply(_ limits: LaunchDescription.CgroupLimits) throws(SystemError) {
        if let memory = limits.memory {
            try set("memory", .memory, "\(memory)") { group throws(SystemError) in try group.limitMemory(memory) }
        }
        if let total = limits.memoryAndSwap {
            try set("memory-swap", .memory, "\(total)") { group throws(SystemError) in
                try group.limitMemoryAndSwap(total, memory: limits.memory ?? 0)
            }
        }
        if let quota = limits.cpuQuota {
            try set("cpus", .cpu, "\(quota)/\(limits.cpuPeriod)") { group throws(SystemError) in
                try group.limitProcessorTime(quota: quota, period: limits.cpuPeriod)
            }
        }
        if let shares = limits.cpuShares {
            try set("cpu-shares", .cpu, "\(shares)") { group throws(SystemError) in try group.setShares(shares) }
        }
        if let pids = limits.pids {
            try set("pids-limit", .pids, "\(pids)") { group throws(SystemError) in try group.limitProcesses(pids) }
        }
        if !limits.cpus.isEmpty {
            try set("cpuset-cpus", .cpuset, limits.cpus) { group throws(SystemError) in
                try group.restrictProcessors(limits.cpus)
            }
        }
    }

    private mutating func set(
        _ setting: String, _ controller: Cgroup.Controller, _ asked: String,
        _ change: (Cgroup) throws(SystemError) -> Void
    ) throws(SystemError) {
        if missing.contains(controller) {
            return adjustments.append(Adjustment(setting: setting, asked: asked))
        }
        do throws(SystemError) {
            try change(group)
        } catch {
            // A file that is not there (no accounting of swap, say), or that this root may not write.
            guard error.number == ENOENT || error.number == EPERM || error.number == EOPNOTSUPP else { throw error }
            adjustments.append(Adjustment(setting: setting, asked: asked, number: error.number))
        }
    }
}

extension CgroupDeviceRule {
    init(_ rule: LaunchDescription.DeviceRule) {
        let kind: Kind =
            switch rule.kind {
            case .all: .all
            case .character: .character
            case .block: .block
            }
        self.init(
            isAllowed: rule.isAllowed, kind: kind, major: rule.major, minor: rule.minor,
            access: Access(rawValue: rule.access))
    }
}
