// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A system call that failed: the step that a person would name, and the kernel's reason.
public struct SystemError: Error, Hashable, Sendable {
    /// What was being done, with the very value that failed, as `overlay lowerdir+=/nope`.
    public let step: String
    /// errno(3).
    public let number: CInt

    /// A failure of `step`.
    public init(step: String, number: CInt) {
        self.step = step
        self.number = number
    }

    /// The kernel's reason alone, as `No such file or directory`.
    public var reason: String { String(cString: strerror(number)) }
}

extension SystemError: CustomStringConvertible {
    /// The step and the reason.
    public var description: String { "\(step): \(reason)" }
}

/// Makes a system call again while a signal interrupts it; a negative result becomes a `SystemError` that names the step.
@discardableResult
public func attempt<Result: SignedInteger>(
    _ step: @autoclosure () -> String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw SystemError(step: step(), number: number) }
    }
}
