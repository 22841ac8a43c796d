// SPDX-License-Identifier: Apache-2.0
internal import CLinux
import Glibc
import Synchronization
import Terminal

/// A step on the host's side that the kernel refused.
struct HostFailure: Error, Hashable {
    let step: String
    let number: Int32

    var reason: String { String(cString: strerror(number)) }
}

/// A descriptor that lives as long as this object: files of redirections, ends of pipes.
final class OpenFile: Sendable {
    let descriptor: Int32
    private let isClosed = Atomic(false)

    /// Takes over an open descriptor.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Closes it before the object goes, where another program waits for that.
    func close() {
        if !isClosed.exchange(true, ordering: .relaxed) { Glibc.close(descriptor) }
    }

    /// Opens a file of the host, close-on-exec.
    convenience init(_ path: String, _ flags: Int32) throws(HostFailure) {
        var descriptor: Int32
        repeat {
            descriptor = clinux_openat(AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY, 0o666)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw HostFailure(step: "open", number: errno) }
        self.init(descriptor)
    }

    deinit { close() }

    /// A pipe whose both ends are close-on-exec from the start, since other tasks may start programs at any time.
    static func pipe() throws(HostFailure) -> (reading: OpenFile, writing: OpenFile) {
        var ends: (Int32, Int32) = (-1, -1)
        guard clinux_pipe(&ends.0, &ends.1) == 0 else { throw HostFailure(step: "pipe", number: errno) }
        return (OpenFile(ends.0), OpenFile(ends.1))
    }
}

/// A file in memory that gathers what commands print: unlike a pipe it needs no reader meanwhile, and no program that stays
/// in the background can keep it open against us.
final class MemoryFile: Sendable {
    let file: OpenFile
    /// For dsh's own commands; to be flushed before ``text`` is taken.
    let output: Output

    init() throws(HostFailure) {
        let descriptor = clinux_memory_file("dsh-output")
        guard descriptor >= 0 else { throw HostFailure(step: "memfd_create", number: errno) }
        file = OpenFile(descriptor)
        output = Output(descriptor: descriptor, colour: false)
    }

    /// Everything so far, as bytes.
    var bytes: [UInt8] {
        // Memory that is full shows as text that ends too early; the command that wrote it has said so.
        try? output.flush()
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = pread(file.descriptor, &buffer, buffer.count, off_t(bytes.count))
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0 || errno != EINTR {
                return bytes
            }
        }
    }

    /// Everything so far, with what is not UTF-8 replaced; a NUL cannot stand in a word.
    var text: String { String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self) }
}
