// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Setting a terminal failed.
public struct TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried.
    public let step: String
    /// The kernel's errno.
    public let number: Int32

    public var description: String { step + ": " + String(cString: strerror(number)) }
}

/// How a terminal treats its keys and its output: a snapshot of its termios(3).
///
/// An interactive shell takes one when it starts and applies it after each command, since a program that was killed may
/// have left echo off or the terminal raw.
public struct TerminalModes: Sendable {
    var termios: termios

    /// What the terminal behind `descriptor` is set to now.
    public init(of descriptor: Int32) throws(TerminalError) {
        termios = Glibc.termios()
        guard tcgetattr(descriptor, &termios) == 0 else { throw TerminalError(step: "tcgetattr", number: errno) }
    }

    /// Sets the terminal, keeping keys that were typed but not read.
    public func apply(to descriptor: Int32) throws(TerminalError) {
        var termios = termios
        while tcsetattr(descriptor, TCSANOW, &termios) != 0 {
            if errno != EINTR { throw TerminalError(step: "tcsetattr", number: errno) }
        }
    }

    /// The modes in which a line editor reads: each key at once and unechoed, Ctrl-C still a signal.
    ///
    /// Carriage returns stay translated: what is typed ahead of the next command then waits in the kernel with the line
    /// feeds that a program in the usual modes expects.
    func forEditing() -> TerminalModes {
        var modes = self
        modes.termios.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        modes.termios.c_lflag |= tcflag_t(ISIG)
        modes.termios.c_iflag &= ~tcflag_t(IXON | INLCR | IGNCR | ISTRIP)
        modes.termios.c_iflag |= tcflag_t(ICRNL)
        modes.termios.c_oflag |= tcflag_t(OPOST | ONLCR)
        modes.setKey(VMIN, 1)
        modes.setKey(VTIME, 0)
        // Ctrl-\ and Ctrl-Z are keys like others: neither may end or stop the shell.
        modes.setKey(VQUIT, Self.disabled)
        modes.setKey(VSUSP, Self.disabled)
        return modes
    }

    /// The modes in which every byte passes to a container's terminal (cfmakeraw(3)).
    func forPassing() -> TerminalModes {
        var modes = self
        cfmakeraw(&modes.termios)
        return modes
    }

    /// `_POSIX_VDISABLE` on Linux.
    private static let disabled: UInt8 = 0

    private mutating func setKey(_ index: Int32, _ value: UInt8) {
        withUnsafeMutableBytes(of: &termios.c_cc) { $0[Int(index)] = value }
    }
}

/// A terminal whose keys arrive raw as long as this value lives.
///
/// The modes found are put back when it goes, when ``restore()`` is called, and when the process exits or is ended by
/// SIGTERM, SIGHUP or SIGQUIT meanwhile.
public struct RawMode: ~Copyable, Sendable {
    public enum Purpose: Sendable {
        /// A line editor: each key at once, Ctrl-C still a signal, output as usual.
        case editing
        /// An attached container's terminal: every byte is its own.
        case passing
    }

    private let descriptor: Int32
    private let found: TerminalModes

    /// - Parameters:
    ///   - descriptor: the terminal.
    ///   - found: the modes to come back to; `nil` means the present ones.
    /// - Throws: ``TerminalError`` where `descriptor` is no terminal or is gone.
    public init(
        _ descriptor: Int32, for purpose: Purpose, comingBackTo found: TerminalModes? = nil
    ) throws(TerminalError) {
        let modes: TerminalModes
        if let found { modes = found } else { modes = try TerminalModes(of: descriptor) }
        LastResort.arm(descriptor, modes)
        do {
            try (purpose == .editing ? modes.forEditing() : modes.forPassing()).apply(to: descriptor)
        } catch {
            LastResort.disarm()
            throw error
        }
        self.descriptor = descriptor
        self.found = modes
    }

    /// Puts the modes back now.
    public consuming func restore() {}

    deinit {
        // A terminal that has gone needs no modes.
        try? found.apply(to: descriptor)
        LastResort.disarm()
    }
}

/// Puts the terminal back when the process ends while it is raw.
private enum LastResort {
    private static let signals = [SIGTERM, SIGHUP, SIGQUIT]

    /// What the handler needs, at a place that never moves.
    private struct Armed {
        var descriptor: Int32
        var termios: termios
    }
    // Plain memory and not a class or a lock: a signal handler may touch nothing else. It is written only while
    // `descriptor` is -1, which the handler and the exit hook take for "nothing to do".
    nonisolated(unsafe) private static let armed: UnsafeMutablePointer<Armed> = {
        let place = UnsafeMutablePointer<Armed>.allocate(capacity: 1)
        place.initialize(to: Armed(descriptor: -1, termios: Glibc.termios()))
        atexit { LastResort.putBack() }
        return place
    }()

    static func arm(_ descriptor: Int32, _ modes: TerminalModes) {
        armed.pointee.descriptor = -1
        armed.pointee.termios = modes.termios
        armed.pointee.descriptor = descriptor
        for number in signals {
            var present = sigaction()
            sigaction(number, nil, &present)
            // Only where nobody handles or ignores the signal.
            guard present.__sigaction_handler.sa_handler == nil else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = lastResortHandler
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
    }

    static func disarm() {
        armed.pointee.descriptor = -1
    }

    static func putBack() {
        guard armed.pointee.descriptor >= 0 else { return }
        tcsetattr(armed.pointee.descriptor, TCSANOW, &armed.pointee.termios)
        armed.pointee.descriptor = -1
    }
}

/// tcsetattr(3) and raise(3) are among what signal-safety(7) allows; SA_RESETHAND makes the second delivery fatal.
private func lastResortHandler(_ number: Int32) {
    LastResort.putBack()
    raise(number)
}
