// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What came of moving bytes without waiting.
public enum Transfer: Hashable, Sendable {
    /// So many were moved.
    case moved(Int)
    /// The source has no more, for good.
    case ended
    /// Nothing to take or no room just now.
    case later
    /// It cannot go on; errno.
    case failed(CInt)
}

/// A pipe that two sockets' bytes pass through without being copied to user space: splice(2).
public final class SplicePipe: Sendable {
    private let pipe: Pipe

    /// Makes a pipe that holds up to `size` bytes, or the kernel's 64 KiB where it grants no more.
    public init(size: Int) throws(SystemError) {
        pipe = try Pipe()
        // pipe(7): an ordinary user's pipes together are bounded; a smaller one only means more calls.
        _ = clinux_set_pipe_size(pipe.writing.number, CInt(size))
    }

    /// Takes up to `count` bytes from a socket.
    public func fill(from source: borrowing Descriptor, count: Int) -> Transfer {
        Self.splice(source.number, pipe.writing.number, count)
    }

    /// Gives up to `count` bytes, which it holds, to a socket.
    public func empty(into target: borrowing Descriptor, count: Int) -> Transfer {
        Self.splice(pipe.reading.number, target.number, count)
    }

    private static func splice(_ from: CInt, _ to: CInt, _ count: Int) -> Transfer {
        while true {
            let moved = clinux_splice(from, to, count, UInt32(CLINUX_SPLICE_MOVE | CLINUX_SPLICE_NONBLOCK))
            if moved > 0 { return .moved(moved) }
            if moved == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .later
            default: return .failed(errno)
            }
        }
    }
}
