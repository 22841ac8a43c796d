// SPDX-License-Identifier: Apache-2.0
internal import ShellLanguage

/// Whether Enter goes on instead of running the line.
enum UnfinishedLine {
    /// An open quote, a backslash at the end, `&&` with nothing behind it: whatever more text can still make right.
    static func isUnfinished(_ line: String) -> Bool {
        // To a program of the host a backslash at the end is text; a person who typed one wants to go on.
        if line.reversed().prefix(while: { $0 == "\\" }).count % 2 == 1 { return true }
        return Program.isIncomplete(line)
    }
}
