// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc

/// The right to change a container: to start, settle, remove or copy into it. One holder among all dsh processes.
///
/// It is a flock(2) on the container's directory, so it goes with its holder, however that ends. Nothing is awaited while
/// it is held: the holder never gives up its thread, so tasks of one process cannot wait for each other in a circle.
struct ContainerLock: ~Copyable {
    private let descriptor: CInt

    /// Waits for the right.
    ///
    /// - Returns: `nil` when the directory does not exist, or went while we waited.
    static func take(_ directory: String) throws(EngineError) -> ContainerLock? {
        try open(directory, LOCK_EX)
    }

    /// Makes the directory and takes the right: whoever sees the directory before that takes it for a dead process's, and
    /// may have removed it meanwhile.
    static func make(_ directory: String) throws(EngineError) -> ContainerLock {
        while true {
            try SmallFile.makeDirectory(directory)
            if let lock = try take(directory) { return lock }
        }
    }

    /// Takes the right if nobody has it.
    static func tryTaking(_ directory: String) throws(EngineError) -> ContainerLock? {
        try open(directory, LOCK_EX | LOCK_NB)
    }

    private static func open(_ directory: String, _ operation: CInt) throws(EngineError) -> ContainerLock? {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .failed("open \(directory)", .path(directory))
        }
        let lock = ContainerLock(descriptor: descriptor)
        while flock(descriptor, operation) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw .failed("flock \(directory)", .path(directory)) }
        }
        // Whoever had it before may have removed the container.
        var held = stat()
        var present = stat()
        guard fstat(descriptor, &held) == 0, stat(directory, &present) == 0, held.st_ino == present.st_ino else {
            return nil
        }
        return lock
    }

    deinit { close(descriptor) }
}
