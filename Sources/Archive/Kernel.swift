// SPDX-License-Identifier: Apache-2.0

import Linux

/// Makes a system call again while a signal interrupts it; a negative result becomes an error that names the step.
@discardableResult
func systemCall(_ step: @autoclosure () -> String, _ call: () -> Int) throws(ArchiveError) -> Int {
    do { return try attempt(step(), call) } catch { throw .system(error) }
}

/// Calls something of `Linux` and wraps its error.
func kernel<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(ArchiveError) -> Result {
    do { return try body() } catch { throw .system(error) }
}

/// Lends bytes as the text with a final zero that system calls take.
///
/// The bytes hold no zero: headers cut names at the first, and records with one are refused.
func withPath<Result>(_ bytes: some Collection<UInt8>, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
        var end = buffer.startIndex
        for byte in bytes {
            buffer[end] = CChar(bitPattern: byte)
            end += 1
        }
        buffer[end] = 0
        guard let start = buffer.baseAddress else {
            preconditionFailure("a buffer with room for one byte has an address")
        }
        return body(start)
    }
}
