// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc

/// Files that are read and written whole.
enum SmallFile {
    /// All bytes of a file; `nil` when it cannot be opened or read.
    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var used = 0
        // Files of /proc have no size, so it is not asked for.
        while true {
            if bytes.count - used < 4096 { bytes.append(contentsOf: repeatElement(0, count: max(8192, bytes.count))) }
            let room = bytes.count - used
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress.map { $0 + used }, room)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            used += count
        }
        bytes.removeLast(bytes.count - used)
        return bytes
    }

    /// A file as text; `nil` when it cannot be read.
    static func text(_ path: String) -> String? { read(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Writes a new file, or over an old one, in place: for files that nobody else looks at yet.
    ///
    /// - Throws: `.system`, naming the path.
    static func write(_ bytes: some Collection<UInt8>, to path: String, mode: mode_t = 0o600) throws(EngineError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw .failed("open \(path)", .path(path)) }
        defer { close(file) }
        let all = Array(bytes)
        var offset = 0
        while offset < all.count {
            let count = all.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress.map { $0 + offset }, all.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .failed("write \(path)", .path(path)) }
            offset += count
        }
    }

    /// Writes beside the file's place and renames it there, so that readers see the old bytes or the new ones.
    static func replace(_ path: String, with bytes: some Collection<UInt8>, mode: mode_t = 0o600) throws(EngineError) {
        let beside = "\(path).\(getpid()).new"
        try write(bytes, to: beside, mode: mode)
        guard rename(beside, path) == 0 else {
            let error = EngineError.failed("rename \(beside)", .path(path))
            unlink(beside)
            throw error
        }
    }

    /// Makes a directory; one that is there already is fine.
    static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(EngineError) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .failed("mkdir \(path)", .path(path)) }
    }
}

extension EngineError {
    /// The system call that has just failed, with errno's reason.
    static func failed(_ step: String, _ subject: Subject = .engine) -> EngineError {
        EngineError(.system, subject, "\(step): \(String(cString: strerror(errno)))")
    }
}
