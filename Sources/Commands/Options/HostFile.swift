// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// A file of the host that this value alone holds open.
struct OpenFile: ~Copyable {
    let descriptor: Int32

    /// Opens a file for reading.
    init(reading path: String, shownAs shown: String) throws(EngineError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HostFile.failure("open", shown) }
    }

    /// Makes an empty file for writing, or empties the one that is there.
    init(writing path: String, shownAs shown: String) throws(EngineError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HostFile.failure("open", shown) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

/// Small files of the host that a flag names.
enum HostFile {
    /// What the last call on this file failed with.
    static func failure(_ step: String, _ shown: String) -> EngineError {
        EngineError(.system, .path(shown), sentence(step, shown))
    }

    /// The kernel's reason as Go writes it: people know `no such file or directory` without a capital.
    private static func sentence(_ step: String, _ shown: String) -> String {
        let reason = String(cString: strerror(errno))
        return "\(step) \(shown): \(reason.prefix(1).lowercased())\(reason.dropFirst())"
    }

    /// The whole file.
    static func read(_ path: String, shownAs shown: String) throws(UsageError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .refused(sentence("open", shown)) }
        defer { close(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .refused(sentence("read", shown)) }
            if count == 0 { return contents }
            contents += buffer[..<count]
        }
    }

    /// Whether there is something at this path.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes a new file; one that exists is refused.
    static func create(_ path: String, containing text: String, shownAs shown: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw failure("open", shown)
        }
        defer { close(file) }
        let count = Array(text.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count == text.utf8.count else {
            throw failure("write", shown)
        }
    }
}
