// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Engine
import Glibc
import Terminal

/// A descriptor in front of an output that has none: what is written to it is gathered in memory.
final class MemoryBridge: Sendable {
    let stream: OutputStream
    let writeEnd: Int32
    private let isDone = DispatchSemaphore(value: 0)

    /// - Throws: `EngineError` where the process has no descriptors left.
    init(to output: Output, _ stream: OutputStream) throws(EngineError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw EngineError(.system, .engine, "socketpair: \(String(cString: strerror(errno)))")
        }
        self.stream = stream
        writeEnd = ends[1]
        let readEnd = ends[0]
        // A thread of its own: read(2) waits for the program.
        DispatchQueue(label: "dsh.memory-bridge").async { [isDone] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(readEnd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                output.write(bytes: buffer[..<count])
            }
            close(readEnd)
            isDone.signal()
        }
    }

    /// Ends the stream and waits until everything has arrived.
    func finish() {
        close(writeEnd)
        isDone.wait()
    }
}
