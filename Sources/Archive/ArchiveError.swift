// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Linux

/// Why an archive could not be read, unpacked or written.
public enum ArchiveError: Error, Sendable {
    /// The bytes are not what they should be: cut short, a wrong checksum, a header that makes no sense.
    case damaged(String)
    /// An entry would have been written outside, or through a link that leads there.
    case escapes(entry: String, reason: String)
    /// Well formed, but nothing that is known here.
    case unsupported(String)
    /// The kernel refused.
    case system(SystemError)
    /// The other side of a queue has given up; its own error says why.
    case abandoned
    /// The work was called off.
    case cancelled
}

extension ArchiveError {
    static var outOfMemory: Self { .system(SystemError(step: "allocate", number: ENOMEM)) }
}

extension ArchiveError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged(let what): what
        case .escapes(let entry, let reason): "\(entry): \(reason)"
        case .unsupported(let what): what
        case .system(let error): "\(error)"
        case .abandoned: "the other side gave up"
        case .cancelled: "cancelled"
        }
    }
}
