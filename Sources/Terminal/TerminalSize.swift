// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Columns and rows of a terminal.
public struct TerminalSize: Hashable, Sendable {
    public var columns: Int
    public var rows: Int

    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// The size that the terminal behind `descriptor` has now; `nil` where there is no terminal or it tells no size.
    public static func current(of descriptor: Int32) -> TerminalSize? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}

/// Whether `descriptor` is a terminal (isatty(3)).
public func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
