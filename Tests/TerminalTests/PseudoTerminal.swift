// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// A pty pair of a test's own: what the program would see, and the person's side.
final class PseudoTerminal {
    let person: Int32
    let program: Int32

    init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
        var ends: (person: Int32, program: Int32) = (-1, -1)
        try #require(openpty(&ends.person, &ends.program, nil, nil, nil) == 0)
        (person, program) = ends
        resize(columns: columns, rows: rows)
    }

    deinit {
        close(program)
        close(person)
    }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(person, UInt(TIOCSWINSZ), &size)
    }

    func type(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(person, $0.baseAddress, $0.count) }
    }

    /// Everything that the program has written so far.
    func screenBytes() -> String {
        var text: [UInt8] = []
        var waiting = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 0) > 0, waiting.revents & Int16(POLLIN) != 0 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(person, &buffer, buffer.count)
            if count <= 0 { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
