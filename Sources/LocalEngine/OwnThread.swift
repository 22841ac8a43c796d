// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc

/// Runs blocking work on a thread of its own, so that it holds up none of the pool's.
///
/// - Parameter body: gets a descriptor that becomes readable when the surrounding task is cancelled; it polls it beside its
///   own descriptors and then ends by throwing `CancellationError`.
/// - Throws: what `body` throws, or `EngineError` when the kernel gives no thread or descriptor.
func onOwnThread<Value: Sendable>(
    _ body: @escaping @Sendable (_ cancelled: Int32) throws -> Value
) async throws -> Value {
    var ends: (reading: Int32, writing: Int32) = (-1, -1)
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let made = withUnsafeMutableBytes(of: &ends) {
        socketpair(AF_UNIX, kind, 0, $0.assumingMemoryBound(to: Int32.self).baseAddress)
    }
    guard made == 0 else { throw EngineError(.system, .engine, "socketpair: \(String(cString: strerror(errno)))") }
    let wake = ends
    defer {
        close(wake.reading)
        close(wake.writing)
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            let work = ThreadWork { continuation.resume(with: Result { try body(wake.reading) }) }
            var thread = pthread_t()
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            defer { pthread_attr_destroy(&attributes) }
            let failure = pthread_create(&thread, &attributes, runThreadWork, Unmanaged.passRetained(work).toOpaque())
            if failure != 0 {
                Unmanaged.passUnretained(work).release()
                continuation.resume(
                    throwing: EngineError(.system, .engine, "pthread_create: \(String(cString: strerror(failure)))"))
            }
        }
    } onCancel: {
        // One byte always fits into an empty socket; what it says does not matter.
        var byte: UInt8 = 0
        _ = write(wake.writing, &byte, 1)
    }
}

/// Carries a closure through pthread_create's untyped pointer.
private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runThreadWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
