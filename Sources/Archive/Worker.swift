// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Work on a thread of its own.
///
/// `@unchecked`: `result` is written by the thread before it ends and read after it was joined; `thread` is touched by
/// whoever waits, once.
public final class Worker<Value: Sendable>: @unchecked Sendable {
    private let body: @Sendable () -> Value
    private var thread: pthread_t?
    private var result: Value?

    /// Starts the work. Where there is no thread to be had it is done here and now: slower, but right.
    public init(_ body: @escaping @Sendable () -> Value) {
        self.body = body
        var thread = pthread_t()
        let start = ThreadStart { [self] in result = body() }
        let argument = Unmanaged.passRetained(start).toOpaque()
        if pthread_create(&thread, nil, ThreadStart.enter, argument) == 0 {
            self.thread = thread
        } else {
            _ = ThreadStart.enter(argument)
        }
    }

    /// Waits for the work's end. To be called once, from anywhere.
    public func wait() -> Value {
        if let thread { pthread_join(thread, nil) }
        thread = nil
        guard let result else { preconditionFailure("a thread that was joined has left its result") }
        return result
    }

    deinit { if let thread { pthread_detach(thread) } }
}

/// Carries a closure through pthread_create(3).
private final class ThreadStart {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument { Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }
}
