// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Signals that arrive on a descriptor instead of interrupting: signalfd(2).
public struct SignalDescriptor: ~Copyable {
    /// To wait for; it never blocks.
    public let descriptor: Descriptor

    /// Blocks `signals` for this process and collects them from now on.
    public init(_ signals: [CInt]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        try attempt("block signals") { sigprocmask(SIG_BLOCK, &set, nil) }
        descriptor = Descriptor(number: try attempt("signalfd") { clinux_signal_descriptor(&set) })
    }

    /// The next signal that came, or `nil`.
    public func next() throws(SystemError) -> CInt? {
        // signalfd(2): a record has 128 bytes and begins with the signal's number.
        var record: InlineArray<16, UInt64> = .init(repeating: 0)
        var span = record.mutableSpan
        let number = descriptor.number
        let count = span.withUnsafeMutableBufferPointer { Glibc.read(number, $0.baseAddress, 128) }
        guard count == 128 else { return nil }
        return CInt(truncatingIfNeeded: record[0] & 0xffff_ffff)
    }
}

/// What a process does with signals, before it becomes another program.
public enum SignalDispositions {
    /// Ignores a signal.
    public static func ignore(_ number: CInt) { signal(number, SIG_IGN) }

    /// Blocks nothing and ignores nothing: execve(2) passes both on.
    public static func reset() throws(SystemError) {
        // posix_spawn(3) leaves 32 and 33, which the C library keeps for its threads, ignored: it must not be asked for them.
        // SIGKILL and SIGSTOP cannot be changed.
        for number in CInt(1)...64 where number != SIGKILL && number != SIGSTOP {
            try attempt("reset signal \(number)") { clinux_signal_default(number) }
        }
        var none = sigset_t()
        sigemptyset(&none)
        try attempt("unblock signals") { sigprocmask(SIG_SETMASK, &none, nil) }
    }
}
