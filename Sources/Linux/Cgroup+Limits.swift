// SPDX-License-Identifier: Apache-2.0

extension Cgroup {
    /// Limits memory, in bytes.
    public func limitMemory(_ bytes: UInt64) throws(SystemError) {
        try set(.memory, unified: "memory.max", legacy: "memory.limit_in_bytes", "\(bytes)")
    }

    /// Limits memory and swap together, in bytes; the limit of memory alone is set before.
    ///
    /// - Throws: ENOENT where the kernel does not account for swap.
    public func limitMemoryAndSwap(_ bytes: UInt64, memory: UInt64) throws(SystemError) {
        if isUnified {
            let swap = bytes > memory ? bytes - memory : 0
            try set(.memory, unified: "memory.swap.max", legacy: "", "\(swap)")
        } else {
            try set(.memory, unified: "", legacy: "memory.memsw.limit_in_bytes", "\(bytes)")
        }
    }

    /// Limits processor time to `quota` microseconds in each `period`.
    public func limitProcessorTime(quota: UInt64, period: UInt64) throws(SystemError) {
        if isUnified { return try set(.cpu, unified: "cpu.max", legacy: "", "\(quota) \(period)") }
        try set(.cpu, unified: "", legacy: "cpu.cfs_period_us", "\(period)")
        try set(.cpu, unified: "", legacy: "cpu.cfs_quota_us", "\(quota)")
    }

    /// Sets the weight against other groups, in version 1's terms: 2 to 262,144, where 1024 is usual.
    public func setShares(_ shares: UInt64) throws(SystemError) {
        let shares = min(max(shares, 2), 262_144)
        // The conversion that every runtime uses: https://github.com/kubernetes/enhancements, KEP 2254.
        let weight = 1 + (shares - 2) * 9999 / 262_142
        try set(.cpu, unified: "cpu.weight", legacy: "cpu.shares", "\(isUnified ? weight : shares)")
    }

    /// Limits the number of processes and threads.
    public func limitProcesses(_ count: UInt64) throws(SystemError) {
        try set(.pids, unified: "pids.max", legacy: "pids.max", "\(count)")
    }

    /// Restricts the group to some processors, as `0-2,7`.
    ///
    /// - Throws: EINVAL or EACCES for processors that this machine or the parent group does not have.
    public func restrictProcessors(_ list: String) throws(SystemError) {
        try set(.cpuset, unified: "cpuset.cpus", legacy: "cpuset.cpus", list)
    }

    /// How many processes of the group the kernel has killed for want of memory; zero where it does not count.
    public var outOfMemoryKills: UInt64 {
        let file = isUnified ? "memory.events" : "memory.oom_control"
        // No memory controller, no limit, no kill.
        guard let text = try? Self.read("\(directory(.memory))/\(file)") else { return 0 }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return UInt64(words[1]) ?? 0 }
        }
        return 0
    }

    private func set(
        _ controller: Controller, unified: String, legacy: String, _ value: String
    ) throws(SystemError) {
        try Self.write(value, to: "\(directory(controller))/\(isUnified ? unified : legacy)")
    }
}
