// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// What it takes to put files where others may look at the same time, and to have them outlive a power cut.
extension Descriptor {
    /// A file without a name in `directory`, for reading and writing, mode 0600: gone with its descriptor, whatever happens.
    ///
    /// - SeeAlso: open(2), `O_TMPFILE`.
    public init(unnamedIn directory: String) throws(SystemError) {
        self.init(number: try attempt("make a file in \(directory)") { clinux_unnamed_file(directory) })
    }

    /// Gives an unnamed file its name in an open directory; whether it got it: not where the name is taken.
    public func nameFile(_ name: String, in directory: CInt) throws(SystemError) -> Bool {
        if clinux_name_file(number, directory, name) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemError(step: "name \(name)", number: errno)
    }

    /// Renames within an open directory; whether it did: not where the new name is taken.
    ///
    /// - SeeAlso: rename(2), `RENAME_NOREPLACE`.
    public static func rename(_ old: String, to new: String, in directory: CInt) throws(SystemError) -> Bool {
        if clinux_rename_exclusively(directory, old, directory, new) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemError(step: "rename \(old) to \(new)", number: errno)
    }

    /// Returns when everything that was written to this descriptor's file system would outlive a power cut.
    public func syncFileSystem() throws(SystemError) { try attempt("syncfs") { clinux_sync_file_system(number) } }

    /// Returns when this file's contents and length would outlive a power cut.
    public func syncData() throws(SystemError) { try attempt("fdatasync") { fdatasync(number) } }

    /// Locks this open file against other processes and other openings (flock(2)), directories too; whether it got the lock.
    ///
    /// The lock ends with the last descriptor of this opening.
    public func lock(exclusively: Bool = true, waiting: Bool) throws(SystemError) -> Bool {
        let operation = (exclusively ? LOCK_EX : LOCK_SH) | (waiting ? 0 : LOCK_NB)
        while flock(number, operation) != 0 {
            if errno == EWOULDBLOCK { return false }
            if errno != EINTR { throw SystemError(step: "lock", number: errno) }
        }
        return true
    }
}

/// Wakes whoever waits for a descriptor: readable from the first `signal()` on.
///
/// - SeeAlso: eventfd(2).
public struct WakeUp: ~Copyable, Sendable {
    /// Becomes readable.
    public let descriptor: Descriptor

    /// Not signalled yet.
    public init() throws(SystemError) {
        descriptor = Descriptor(number: try attempt("eventfd") { clinux_event() })
    }

    /// Makes the descriptor readable, for good.
    public func signal() {
        // Cannot fail: the counter is far from its limit.
        _ = clinux_event_add(descriptor.number, 1)
    }
}
