// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Kinds of namespaces(7).
public struct Namespaces: OptionSet, Hashable, Sendable {
    /// The bits of clone(2).
    public let rawValue: UInt64
    /// Takes the bits of clone(2).
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Mounts.
    public static let mount = Namespaces(rawValue: clinux_new_mount)
    /// Process numbers.
    public static let pid = Namespaces(rawValue: clinux_new_pid)
    /// Interfaces, routes, ports.
    public static let network = Namespaces(rawValue: clinux_new_net)
    /// Host and domain name.
    public static let uts = Namespaces(rawValue: clinux_new_uts)
    /// System V and POSIX queues, shared memory.
    public static let ipc = Namespaces(rawValue: clinux_new_ipc)
    /// The root of the cgroup hierarchies.
    public static let cgroup = Namespaces(rawValue: clinux_new_cgroup)

    /// Enters `kinds` of the namespaces of the process behind a pidfd.
    ///
    /// A pid namespace changes only for children made later. setns(2): a mount namespace needs CAP_SYS_CHROOT too.
    public static func enter(_ kinds: Namespaces, of process: borrowing ProcessHandle) throws(SystemError) {
        let number = process.descriptor.number
        try attempt("setns") { clinux_setns(number, kinds.rawValue) }
    }

    /// Undoes `enter(.pid, of:)`: children are born beside this process again.
    ///
    /// Without it no thread can be made any more, here or in what this process becomes by execve(2): clone(2) refuses
    /// CLONE_THREAD where the namespace of children is not one's own.
    public static func leaveEnteredProcesses() throws(SystemError) {
        let own = try Descriptor(opening: "/proc/self/ns/pid", O_RDONLY)
        try attempt("setns to its own pid namespace") { clinux_setns(own.number, clinux_new_pid) }
    }

    /// Gives this process new namespaces.
    public static func leave(_ kinds: Namespaces) throws(SystemError) {
        try attempt("unshare") { clinux_unshare(kinds.rawValue) }
    }
}

/// A process that cannot be mistaken for a later one with the same number: pidfd_open(2).
public struct ProcessHandle: ~Copyable, Sendable {
    /// Its number, as this process counts.
    public let pid: Int32
    /// The pidfd; it becomes readable when the process has ended.
    public let descriptor: Descriptor

    init(pid: Int32, descriptor: consuming Descriptor) {
        self.pid = pid
        self.descriptor = descriptor
    }

    /// The process `pid`, provided that it began at `startTicks` (see `ProcessHandle.startTicks(of:)`).
    ///
    /// - Throws: ESRCH when there is no such process any more.
    public init(pid: Int32, startTicks: UInt64) throws(SystemError) {
        let handle = Descriptor(number: try attempt("pidfd_open \(pid)") { clinux_pidfd_open(pid) })
        // Asked after the pidfd is open: whoever has this number now is who the pidfd means.
        guard try Self.startTicks(of: pid) == startTicks else {
            throw SystemError(step: "find process \(pid)", number: ESRCH)
        }
        self.init(pid: pid, descriptor: handle)
    }

    /// Sends a signal; ESRCH when the process has ended and was reaped.
    public func signal(_ number: CInt) throws(SystemError) {
        try attempt("signal \(number) to process \(pid)") { clinux_pidfd_signal(descriptor.number, number) }
    }

    /// When a process began, in clock ticks since boot: with its number, its identity. proc_pid_stat(5), field 22.
    public static func startTicks(of pid: Int32) throws(SystemError) -> UInt64 {
        let line: [UInt8]
        do throws(SystemError) {
            line = try Descriptor(opening: "/proc/\(pid)/stat", O_RDONLY).readToEnd()
        } catch {
            throw SystemError(step: error.step, number: error.number == ENOENT ? ESRCH : error.number)
        }
        // The second field is a name in parentheses that may hold blanks and parentheses itself.
        guard let nameEnd = line.lastIndex(of: UInt8(ascii: ")")) else {
            throw SystemError(step: "read /proc/\(pid)/stat", number: EINVAL)
        }
        let fields = line[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = UInt64(String(decoding: fields[19], as: UTF8.self)) else {
            throw SystemError(step: "read /proc/\(pid)/stat", number: EINVAL)
        }
        return ticks
    }
}

/// Making and reaping children; for processes with one thread.
public enum ChildProcess {
    /// How a child ended.
    public enum Ending: Hashable, Sendable {
        /// By _exit(2), with this status.
        case exited(UInt8)
        /// By this signal.
        case signaled(Int32)
    }

    /// Makes a child in new namespaces, on return from which the same code goes on twice, as with fork(2).
    ///
    /// - Parameter cgroup: a directory of the unified tree in which the child is born; `nil` leaves it in this one's.
    /// - Returns: the child, or `nil` in the child itself.
    /// - SeeAlso: clone3(2).
    public static func clone(
        into namespaces: Namespaces, cgroup: CInt?
    ) throws(SystemError) -> ProcessHandle? {
        var pidfd: CInt = -1
        let pid = try attempt("clone3") { clinux_clone(namespaces.rawValue, cgroup ?? -1, &pidfd) }
        return pid == 0 ? nil : ProcessHandle(pid: pid, descriptor: Descriptor(number: pidfd))
    }

    /// Reaps one child that has ended, or returns `nil` when none has.
    public static func reapNext() throws(SystemError) -> (pid: Int32, ending: Ending)? {
        var pid: pid_t = 0
        var exited: CInt = 0
        var status: CInt = 0
        try attempt("waitpid") { clinux_reap(&pid, &exited, &status) }
        guard pid > 0 else { return nil }
        return (pid, exited != 0 ? .exited(UInt8(truncatingIfNeeded: status)) : .signaled(status))
    }

    /// Ends this process at once, without whatever exit(3) would run.
    public static func exitNow(_ status: CInt) -> Never { clinux_exit_now(status) }
}
