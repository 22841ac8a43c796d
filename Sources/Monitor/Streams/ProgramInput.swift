// SPDX-License-Identifier: Apache-2.0

import Linux
import MonitorProtocol

/// The program's standard input: what clients send, in the order in which it arrived, as fast as the program reads.
///
/// Each client may have a window's worth of bytes here; what has been written is given back to it as credit.
final class ProgramInput {
    /// Bytes of one client, not yet written.
    private struct Portion {
        let client: Int
        var bytes: ArraySlice<UInt8>
    }

    /// How many bytes a client may have under way.
    static let window = 256 << 10

    /// Called with a client and how many of its bytes have gone.
    var credit: (Int, Int) -> Void = { _, _ in }

    private let loop: EventLoop
    private let descriptor: Descriptor
    private var portions: [Portion] = []
    /// Set when no more is to come: the pipe is closed once everything is written.
    private var isEnding = false
    /// False once the program has closed its end, or all was written after the end.
    private(set) var isOpen = true

    /// Takes over a pipe's writing end or a copy of a terminal's leading one.
    init(_ descriptor: consuming Descriptor, loop: EventLoop) throws(SystemError) {
        try descriptor.setNonBlocking()
        self.descriptor = descriptor
        self.loop = loop
        // Asked for nothing, epoll still tells when the reader is gone.
        try loop.watch(self.descriptor.number, []) { [unowned self] readiness in
            if readiness.isDisjoint(with: .hangUp) { write() } else { close() }
        }
    }

    /// Takes bytes of a client. When nobody can read them any more they are gone, and credited all the same: a client
    /// never waits for a program that has closed its input.
    func take(_ bytes: [UInt8], from client: Int) {
        guard isOpen, !isEnding else { return credit(client, bytes.count) }
        portions.append(Portion(client: client, bytes: bytes[...]))
        write()
    }

    /// Closes the input once everything that was taken is written.
    func end() {
        isEnding = true
        if isOpen, portions.isEmpty { close() }
    }

    private func write() {
        while isOpen, let portion = portions.first {
            let count: Int
            do throws(SystemError) {
                count = try descriptor.writeNow(portion.bytes)
            } catch {
                return close()  // EPIPE: nobody reads.
            }
            if count == 0 { break }
            credit(portion.client, count)
            if count == portion.bytes.count {
                portions.removeFirst()
            } else {
                portions[0].bytes = portion.bytes.dropFirst(count)
            }
        }
        if isOpen, isEnding, portions.isEmpty { return close() }
        // A watched descriptor can always be changed; were it not, the next bytes would try again.
        if isOpen { try? loop.change(descriptor.number, portions.isEmpty ? [] : .writable) }
    }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        loop.forget(descriptor.number)
        for portion in portions { credit(portion.client, portion.bytes.count) }
        portions = []
        onClose()
    }

    /// Called once the input is over, to let go of this object and with it of the descriptor.
    var onClose: () -> Void = {}
}
