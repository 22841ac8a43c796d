// SPDX-License-Identifier: Apache-2.0

import Engine

/// Looks for the detach keys in what is typed.
///
/// Bytes that may be the beginning of the keys are held back until the next one tells, or until the caller's patience is
/// over (`release`): the first key alone must reach the program too, and the order of bytes never changes.
struct DetachKeyFilter: Sendable {
    private let keys: [UInt8]
    /// How many bytes of `keys` are held back.
    private(set) var held = 0

    /// `nil` looks for nothing.
    init(_ keys: DetachKeys?) { self.keys = keys?.bytes ?? [] }

    /// What goes to the program now, and whether the keys are complete (what follows them is not sent).
    mutating func feed(_ bytes: some Sequence<UInt8>) -> (passed: [UInt8], isComplete: Bool) {
        guard !keys.isEmpty else { return (Array(bytes), false) }
        var passed: [UInt8] = []
        for byte in bytes {
            if byte == keys[held] {
                held += 1
                if held == keys.count {
                    held = 0
                    return (passed, true)
                }
            } else {
                passed += mismatch(byte)
            }
        }
        return (passed, false)
    }

    /// The held bytes, when nothing has followed them for long enough.
    mutating func release() -> [UInt8] {
        defer { held = 0 }
        return Array(keys[..<held])
    }

    /// The longest end of held bytes and `byte` that the keys begin with stays held; what is before it goes on.
    private mutating func mismatch(_ byte: UInt8) -> [UInt8] {
        let seen = Array(keys[..<held]) + [byte]
        held =
            (1...seen.count).first { seen[$0...].elementsEqual(keys[..<(seen.count - $0)]) }.map { seen.count - $0 }
            ?? 0
        return Array(seen[..<(seen.count - held)])
    }
}
