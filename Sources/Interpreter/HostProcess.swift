// SPDX-License-Identifier: Apache-2.0
internal import CLinux
import Dispatch
import Glibc
import Synchronization

/// A program of the host that runs beside dsh: `/bin/sh -c TEXT`.
final class HostProcess: Sendable {
    /// What it starts with.
    struct Setting {
        var text: String
        /// `$0`, then `$1` and so on.
        var arguments: [String]
        var environment: [String]
        var directory: String
        var input: Int32
        var output: Int32
        var error: Int32
        /// Whether it gets a process group of its own, where the terminal's Ctrl-C does not reach it.
        var isBackground: Bool
    }

    private struct State {
        var isReaped = false
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let pid: pid_t
    private let isGroup: Bool
    private let state = Mutex(State())

    /// - Throws: `HostFailure` when there is no `/bin/sh`, or the directory is gone.
    init(_ setting: Setting) throws(HostFailure) {
        isGroup = setting.isBackground
        pid = try Self.spawn(setting)
        // waitpid(2) waits, so it gets a thread of its own and not one of Swift's few.
        DispatchQueue(label: "dsh.host-process").async { self.reap() }
    }

    /// Waits for the end; 128 + n where signal n ended it. When the task is cancelled, the process is asked to end, and
    /// killed where it does not within two seconds.
    func wait() async -> Int32 {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let status = state.withLock { state in
                    if state.status == nil { state.waiters.append(continuation) }
                    return state.status
                }
                if let status { continuation.resume(returning: status) }
            }
        } onCancel: {
            end(SIGTERM)
        }
    }

    /// Sends a signal; does nothing when the process is over.
    func signal(_ number: Int32) {
        state.withLock { state in
            // The number cannot be another's while it is not reaped.
            if !state.isReaped { kill(isGroup ? -pid : pid, number) }
        }
    }

    /// Asks the process to end, and kills it where it does not within two seconds.
    func end(_ number: Int32) {
        signal(number)
        DispatchQueue.global().asyncAfter(deadline: .now() + 2) { self.signal(SIGKILL) }
    }

    private func reap() {
        var seen = siginfo_t()
        while waitid(P_PID, id_t(pid), &seen, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        var raw: Int32 = 0
        let waiters = state.withLock { state in
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            state.isReaped = true
            let status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + raw & 0x7F
            state.status = status
            defer { state.waiters = [] }
            return state.waiters.map { ($0, status) }
        }
        for (waiter, status) in waiters { waiter.resume(returning: status) }
    }

    private static func spawn(_ setting: Setting) throws(HostFailure) -> pid_t {
        // Copies past 2 first, so that no dup2(2) overwrites a descriptor that another one needs.
        let copies = [setting.input, setting.output, setting.error].map { clinux_duplicate($0) }
        defer { for copy in copies where copy >= 0 { close(copy) } }
        guard copies.allSatisfy({ $0 >= 0 }) else { throw HostFailure(step: "duplicate a descriptor", number: errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, Int32(number))
        }
        clinux_spawn_close_from(&actions, 3)
        clinux_spawn_start_in(&actions, setting.directory)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let group = setting.isBackground ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

        var words = (["sh", "-c", setting.text] + setting.arguments).map { strdup($0) } + [nil]
        var variables = setting.environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &words, &variables)
        guard failure == 0 else { throw HostFailure(step: "start /bin/sh in \(setting.directory)", number: failure) }
        return pid
    }
}
