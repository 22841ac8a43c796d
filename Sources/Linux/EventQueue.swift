// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Waits for many descriptors at once: epoll(7), level-triggered.
public struct EventQueue: ~Copyable {
    /// What a descriptor is waited for, and what came.
    public struct Readiness: OptionSet, Sendable {
        /// The bits of epoll(7).
        public let rawValue: UInt32
        /// Takes the bits of epoll(7).
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Something can be read, or the end has come.
        public static let input = Readiness(rawValue: clinux_event_in)
        /// Something can be written.
        public static let output = Readiness(rawValue: clinux_event_out)
        /// A file of the kernel has changed (`EPOLLPRI`).
        public static let change = Readiness(rawValue: clinux_event_priority)
        /// Comes unasked: the other side is gone, or failed.
        public static let hangUp = Readiness(rawValue: clinux_event_hangup | clinux_event_error)
    }

    private let descriptor: Descriptor

    /// An empty queue.
    public init() throws(SystemError) {
        descriptor = Descriptor(number: try attempt("epoll_create") { clinux_event_queue() })
    }

    /// Waits for `number` from now on; `token` comes back with each event. Regular files are refused with EPERM.
    public func add(_ number: CInt, _ readiness: Readiness, token: UInt64) throws(SystemError) {
        try control(clinux_event_add, number, readiness, token)
    }

    /// Waits for something else on a descriptor that is there.
    public func change(_ number: CInt, _ readiness: Readiness, token: UInt64) throws(SystemError) {
        try control(clinux_event_change, number, readiness, token)
    }

    /// Waits for `number` no longer; to be called before it is closed.
    public func remove(_ number: CInt) throws(SystemError) { try control(clinux_event_remove, number, [], 0) }

    private func control(
        _ operation: CInt, _ number: CInt, _ readiness: Readiness, _ token: UInt64
    ) throws(SystemError) {
        try attempt("epoll_ctl") {
            clinux_event_control(descriptor.number, operation, number, readiness.rawValue, token)
        }
    }

    /// Waits until something is ready, or for so many milliseconds (-1: for ever), and tells what, at most 64 at a time.
    public func wait(milliseconds: CInt, _ body: (UInt64, Readiness) -> Void) throws(SystemError) {
        var tokens: InlineArray<64, UInt64> = .init(repeating: 0)
        var events: InlineArray<64, UInt32> = .init(repeating: 0)
        var tokenSpan = tokens.mutableSpan
        var eventSpan = events.mutableSpan
        let number = descriptor.number
        let count = tokenSpan.withUnsafeMutableBufferPointer { tokens in
            eventSpan.withUnsafeMutableBufferPointer { events in
                clinux_event_wait(number, tokens.baseAddress, events.baseAddress, 64, milliseconds)
            }
        }
        if count < 0 {
            let number = errno
            // A signal that is not collected by a descriptor: nothing is ready, and the caller asks again.
            if number == EINTR { return }
            throw SystemError(step: "epoll_wait", number: number)
        }
        for index in 0..<Int(count) { body(tokens[index], Readiness(rawValue: events[index])) }
    }
}
