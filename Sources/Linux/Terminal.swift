// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Both ends of a new pseudo-terminal: pty(7).
public struct TerminalPair: ~Copyable, Sendable {
    /// What a terminal emulator holds.
    public let leader: Descriptor
    /// What a program holds.
    public let follower: Descriptor
    /// The follower's number below /dev/pts.
    public let number: Int

    /// Makes a pair in the devpts filesystem whose `ptmx` has this path.
    public init(ptmx path: String) throws(SystemError) {
        let leader = try Descriptor(opening: path, O_RDWR | O_NOCTTY)
        let number = leader.number
        try attempt("unlock terminal") { clinux_terminal_unlock(number) }
        // TIOCGPTPEER opens the follower without its path, which a program may have mounted over.
        let follower = Descriptor(number: try attempt("open terminal") { clinux_terminal_follower(number) })
        self.number = Int(try attempt("ask for the terminal's number") { clinux_terminal_number(number) })
        self.leader = leader
        self.follower = follower
    }

    /// Keeps the follower and closes the leader, which was sent elsewhere.
    public consuming func keepFollower() -> Descriptor { follower }
}

/// What can be asked of a terminal: ioctl_tty(2).
public enum Terminal {
    /// Sets the size; the terminal's programs get SIGWINCH when it changes.
    public static func resize(_ terminal: CInt, rows: UInt16, columns: UInt16) throws(SystemError) {
        try attempt("set terminal size") { clinux_terminal_resize(terminal, rows, columns) }
    }

    /// The size.
    public static func size(of terminal: CInt) throws(SystemError) -> (rows: UInt16, columns: UInt16) {
        var size: (UInt16, UInt16) = (0, 0)
        try attempt("ask for terminal size") { clinux_terminal_size(terminal, &size.0, &size.1) }
        return size
    }

    /// Makes the terminal this session's; for a session leader that has none.
    public static func control(_ terminal: CInt) throws(SystemError) {
        try attempt("set controlling terminal") { clinux_terminal_control(terminal) }
    }
}
