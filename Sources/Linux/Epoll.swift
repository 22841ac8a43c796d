// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A set of descriptors that the kernel watches: epoll(7). It is a descriptor itself, so another loop can watch it.
public struct Epoll: ~Copyable, Sendable {
    /// What is waited for, or has come.
    public struct Events: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Bytes or connections can be taken, or the end has come.
        public static let readable = Self(rawValue: EPOLLIN.rawValue)
        /// Bytes can be given.
        public static let writable = Self(rawValue: EPOLLOUT.rawValue)
        /// Tells of a change only once; whoever is told must go on until nothing moves.
        public static let once = Self(rawValue: EPOLLET.rawValue)
        /// The other side is gone, or failed; it comes unasked.
        public static let hangUp = Self(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    /// Readable whenever one of the watched descriptors is ready.
    public let descriptor: Descriptor

    /// An empty set.
    public init() throws(SystemError) {
        descriptor = Descriptor(number: try attempt("epoll_create") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// Watches a descriptor; closing it ends that, unless a copy of it is open elsewhere.
    public func add(_ watched: borrowing Descriptor, _ events: Events, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, watched.number, events, token)
    }

    /// Watches it for other events from now on; what is ready already is told again.
    public func change(_ watched: borrowing Descriptor, _ events: Events, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, watched.number, events, token)
    }

    /// Watches a descriptor by its number; the caller removes it before it is closed.
    public func add(number: CInt, _ events: Events, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, number, events, token)
    }

    /// Watches it for other events from now on; for none, only hang-ups still come.
    public func change(number: CInt, _ events: Events, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, number, events, token)
    }

    /// Watches it no longer.
    public func remove(number: CInt) throws(SystemError) { try control(EPOLL_CTL_DEL, number, [], 0) }

    /// The tokens of descriptors that are ready, at most `limit`; none when nothing is.
    ///
    /// - Parameter milliseconds: how long to wait for one; -1 is for ever.
    public func ready(limit: Int, milliseconds: Int32 = 0) throws(SystemError) -> [(token: UInt64, events: Events)] {
        var list = [epoll_event](repeating: epoll_event(), count: limit)
        let count = try attempt("epoll_wait") {
            list.withUnsafeMutableBufferPointer {
                epoll_wait(descriptor.number, $0.baseAddress, Int32(limit), milliseconds)
            }
        }
        return list.prefix(Int(count)).map { ($0.data.u64, Events(rawValue: $0.events)) }
    }

    private func control(_ operation: Int32, _ number: CInt, _ events: Events, _ token: UInt64) throws(SystemError) {
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: token))
        try attempt("epoll_ctl") { epoll_ctl(descriptor.number, operation, number, &event) }
    }
}

/// An alarm that another loop can watch: timerfd_create(2). It cannot be told from a plain descriptor.
public struct AlarmClock: ~Copyable, Sendable {
    /// Readable once the time has come.
    public let descriptor: Descriptor

    /// A clock that is not set.
    public init() throws(SystemError) {
        descriptor = Descriptor(
            number: try attempt("timerfd_create") {
                timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
            })
    }

    /// Sets it to go off once, after so many seconds; 0 stops it.
    public func set(seconds: Int) {
        var time = itimerspec()
        time.it_value.tv_sec = seconds
        _ = timerfd_settime(descriptor.number, 0, &time, nil)
    }

    /// Takes note that it went off, so that it is no longer readable.
    public func acknowledge() {
        var count: UInt64 = 0
        _ = read(descriptor.number, &count, MemoryLayout<UInt64>.size)
    }
}
