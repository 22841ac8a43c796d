// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// The right to do one step: whoever wants to do the same at the same time waits, and then finds it done.
///
/// It is a lock on a range of one file, which stands for the step's key: it ends with its holder, however that ends, and
/// leaves nothing behind.
final class StepLock: Sendable {
    private let file: Descriptor

    private init(_ file: consuming Descriptor) { self.file = file }

    /// Takes it, and waits while another build has it. Asks again and again: a thread that waits for a lock could not be
    /// cancelled.
    static func take(_ key: StepKey, _ paths: EnginePaths) async throws -> StepLock {
        let path = paths.root + "/build.lock"
        // 15 digits: a file's offsets are signed. Two steps of the same number only wait for each other.
        let place = Int64(key.digits.prefix(15), radix: 16) ?? 0
        while true {
            if let lock = try tryTaking(path, place) { return lock }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func tryTaking(_ path: String, _ place: Int64) throws(EngineError) -> StepLock? {
        do throws(SystemError) {
            let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
            return try file.lock(byte: place) ? StepLock(file) : nil
        } catch {
            throw EngineError(error, .path(path))
        }
    }
}
