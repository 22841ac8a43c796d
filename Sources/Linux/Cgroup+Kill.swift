// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

extension Cgroup {
    /// Kills every process of the group, of groups inside it and whatever they start meanwhile, and returns when all
    /// are gone: what ends a container whose monitor is dead. A group that does not exist is empty.
    ///
    /// - Throws: EBUSY when processes are left after ten seconds: stuck in the kernel, as on a dead network drive.
    public func killAll() throws(SystemError) {
        if let unifiedDirectory, access("\(unifiedDirectory)/cgroup.kill", F_OK) == 0 {
            // cgroup.kill takes whatever is being forked meanwhile along, so that once is enough.
            do throws(SystemError) {
                try Self.write("1", to: "\(unifiedDirectory)/cgroup.kill")
            } catch {
                if error.number != ENODEV, error.number != ENOENT { throw error }
            }
            return try waitUntilEmpty(unifiedDirectory)
        }
        let deadline = Clocks.steady + 10_000_000_000
        while case let left = processes, !left.isEmpty {
            guard Clocks.steady < deadline else { throw SystemError(step: "kill a cgroup", number: EBUSY) }
            for pid in left { try Self.killAndWait(pid, until: deadline) }
        }
    }

    /// The processes of the group and of groups inside it, as this process counts; those being reaped may be left out.
    public var processes: [Int32] {
        guard let top = directories.first?.path else { return [] }
        func collect(_ path: String) -> [Int32] {
            // A group that vanishes while it is read has no processes.
            let own = (try? Self.read("\(path)/cgroup.procs")) ?? ""
            return own.split(separator: "\n").compactMap { Int32($0) }
                + Self.childGroups(of: path).flatMap { collect("\(path)/\($0)") }
        }
        return collect(unifiedDirectory.flatMap { access($0, F_OK) == 0 ? $0 : nil } ?? top)
    }

    /// Waits for `populated 0` in cgroup.events, which poll(2) reports as an exceptional condition, or for the group's end:
    /// its monitor removes it as soon as nothing is left in it.
    private func waitUntilEmpty(_ directory: String) throws(SystemError) {
        do throws(SystemError) {
            try waitForNobody(in: directory)
        } catch {
            // Only an empty group can be removed. kernfs: whoever has a file of a removed directory open reads ENODEV.
            if error.number != ENODEV, error.number != ENOENT { throw error }
        }
    }

    private func waitForNobody(in directory: String) throws(SystemError) {
        let events = try Descriptor(opening: "\(directory)/cgroup.events", O_RDONLY)
        let deadline = Clocks.steady + 10_000_000_000
        while true {
            try attempt("rewind cgroup.events") { lseek(events.number, 0, SEEK_SET) }
            let text = String(decoding: try events.readToEnd(), as: UTF8.self)
            if text.contains("populated 0") { return }
            let left = (deadline - Clocks.steady) / 1_000_000
            guard left > 0 else { throw SystemError(step: "kill \(directory)", number: EBUSY) }
            var wait = pollfd(fd: events.number, events: Int16(POLLPRI), revents: 0)
            try attempt("wait for \(directory)") { poll(&wait, 1, CInt(left)) }
        }
    }

    private static func killAndWait(_ pid: Int32, until deadline: Int64) throws(SystemError) {
        let number = clinux_pidfd_open(pid)
        // Gone since the list was read.
        if number < 0 { return }
        let handle = Descriptor(number: number)
        _ = clinux_pidfd_signal(handle.number, SIGKILL)
        var wait = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
        let left = max(0, (deadline - Clocks.steady) / 1_000_000)
        try attempt("wait for process \(pid)") { poll(&wait, 1, CInt(left)) }
    }
}
