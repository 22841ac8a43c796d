// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// Starts one program, passes signals on to it, reaps whatever else ends, and ends as it does.
struct InitProgram {
    let file: String
    let arguments: [String]

    /// What would be sent by mistake, or by the program's own fault, is not passed on.
    private static let kept: Set<CInt> = [
        SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU, SIGKILL, SIGSTOP,
    ]

    /// - Returns: the program's status, or 128 + n where signal n ended it.
    func run() throws(SystemError) -> CInt {
        // A background process may still hand the terminal over.
        SignalDispositions.ignore(SIGTTOU)
        SignalDispositions.ignore(SIGTTIN)
        let signals = try SignalDescriptor((1..<32).filter { !Self.kept.contains($0) })
        guard let child = try ChildProcess.clone(into: [], cgroup: nil) else { become() }
        while true {
            var wait = pollfd(fd: signals.descriptor.number, events: Int16(POLLIN), revents: 0)
            try attempt("wait for signals") { poll(&wait, 1, -1) }
            while let signal = try signals.next() {
                // It may just have ended; then its end comes next.
                if signal != SIGCHLD { try? child.signal(signal) }
            }
            while let ended = try ChildProcess.reapNext() {
                guard ended.pid == child.pid else { continue }
                switch ended.ending {
                case .exited(let status): return CInt(status)
                case .signaled(let signal): return 128 + signal
                }
            }
        }
    }

    /// In the child: a process group of its own, in the foreground of the terminal where there is one.
    private func become() -> Never {
        setpgid(0, 0)
        if isatty(0) == 1 { tcsetpgrp(0, getpid()) }
        // Nothing is blocked or ignored in a fresh program.
        try? SignalDispositions.reset()
        let pointers = CStrings(arguments)
        execve(file, pointers.pointers, environ)
        let number = errno
        let reason = SystemError(step: "", number: number).reason
        Self.complain("exec \(arguments.first ?? file) failed: \(reason)")
        ChildProcess.exitNow(number == ENOENT ? 127 : 126)
    }

    static func complain(_ text: String) {
        _ = Array("docker-init: \(text)\n".utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
