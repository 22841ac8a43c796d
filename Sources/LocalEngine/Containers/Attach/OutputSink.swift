// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// Writes to a descriptor of somebody else's without ever waiting in write(2), and without touching its flags: the shell
/// and other programs have the same open file.
final class OutputSink {
    private enum Way {
        /// A file or device that takes everything at once.
        case direct
        /// An open file of our own for the same pipe or terminal, so that O_NONBLOCK is ours alone.
        case reopened
        /// MSG_DONTWAIT.
        case socket
        /// A pipe that is ready takes this much without waiting: pipe(7), PIPE_BUF.
        case smallPieces
    }

    private let own: Descriptor?
    private let way: Way
    /// The descriptor to wait for.
    let number: CInt
    private let name: String

    /// - Parameter name: for error messages: `standard output`.
    init(_ number: CInt, name: String) {
        self.name = name
        var status = stat()
        let type = fstat(number, &status) == 0 ? status.st_mode & S_IFMT : 0
        var own: Descriptor?
        switch type {
        case S_IFSOCK: way = .socket
        case S_IFIFO, S_IFCHR:
            let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY
            // Another user's terminal cannot be opened again: then small pieces must do.
            own = try? Descriptor(opening: "/proc/self/fd/\(number)", flags)
            way = own == nil ? .smallPieces : .reopened
        default: way = .direct
        }
        self.number = own?.number ?? number
        self.own = own
    }

    /// Writes as much as goes at once; 0 means that one has to wait for `POLLOUT`.
    ///
    /// - Throws: `.system`, with EPIPE when nobody reads any more.
    func write(_ bytes: UnsafeRawBufferPointer) throws(EngineError) -> Int {
        while true {
            let count =
                switch way {
                case .direct, .reopened: Glibc.write(number, bytes.baseAddress, bytes.count)
                case .socket:
                    send(number, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
                case .smallPieces: isReady ? Glibc.write(number, bytes.baseAddress, min(bytes.count, 4096)) : 0
                }
            if count >= 0 { return count }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { throw .failed("write \(name)") }
        }
    }

    private var isReady: Bool {
        var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}
