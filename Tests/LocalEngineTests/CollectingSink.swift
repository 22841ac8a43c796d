// SPDX-License-Identifier: Apache-2.0
import Engine
import Synchronization

/// Keeps what a log says.
final class CollectingSink: LogSink {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func write(_ stream: OutputStream, _ new: UnsafeRawBufferPointer) throws { bytes.withLock { $0 += new } }
}
