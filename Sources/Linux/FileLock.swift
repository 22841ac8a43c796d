// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// An exclusive lock on a file, which ends with the last descriptor of it: liveness that no crash can falsify.
///
/// It is an open-file-description lock (fcntl(2)), so that another descriptor of the same process does not drop it.
public struct FileLock: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Takes the lock, making the file (mode 0600) where it is missing; `nil` when somebody else holds it.
    public static func take(_ path: String) throws(SystemError) -> FileLock? {
        let descriptor = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        do throws(SystemError) {
            try attempt("lock \(path)") { clinux_lock(descriptor.number) }
        } catch {
            if error.number == EAGAIN || error.number == EACCES { return nil }
            throw error
        }
        return FileLock(descriptor: descriptor)
    }

    /// Takes the lock as `take` does, but waits while somebody else holds it.
    public static func wait(_ path: String) throws(SystemError) -> FileLock {
        let descriptor = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        try attempt("lock \(path)") { clinux_lock_waiting(descriptor.number) }
        return FileLock(descriptor: descriptor)
    }

    /// True while anybody holds the lock; a missing file is not held. Asking takes nothing and disturbs nobody.
    public static func isHeld(_ path: String) throws(SystemError) -> Bool {
        let number: CInt
        do throws(SystemError) {
            number = try Descriptor(opening: path, O_RDWR).release()
        } catch {
            if error.number == ENOENT { return false }
            throw error
        }
        let descriptor = Descriptor(number: number)
        return try attempt("ask for the lock \(path)") { clinux_is_locked(descriptor.number) } == 1
    }

    /// Replaces what stands in the file: for people, never for programs.
    public func write(_ text: String) throws(SystemError) {
        try attempt("truncate the lock") { ftruncate(descriptor.number, 0) }
        try descriptor.writeAll(text.utf8)
    }
}

extension Descriptor {
    /// Locks one byte of a file, which need not be there; false when somebody else holds it. The lock ends with the
    /// descriptor.
    ///
    /// - SeeAlso: fcntl(2), open file description locks.
    public func lock(byte: Int64) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try attempt("lock byte \(byte)") { clinux_lock_byte(number, byte) }
            return true
        } catch {
            if error.number == EAGAIN || error.number == EACCES { return false }
            throw error
        }
    }
}
