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

/// A file of the host that appears when it is complete: until then it has no name, and whatever ends this process takes it
/// away.
struct UnnamedFile: ~Copyable {
    let descriptor: Int32
    private let path: String
    private let shown: String
    /// Its name meanwhile, on a file system that has no files without one.
    private let beside: String
    private let isNamed: Bool

    /// open(2): O_TMPFILE, which Swift's Glibc leaves out.
    private static let unnamed: Int32 = 0o20_200_000

    /// Begins the file that is to stand at `path`.
    init(for path: String, shownAs shown: String) throws(EngineError) {
        self.path = path
        self.shown = shown
        beside = path + ".dsh-\(getpid())"
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        var number = open(String(directory), O_WRONLY | O_CLOEXEC | Self.unnamed, 0o600)
        isNamed = number < 0
        if isNamed { number = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) }
        descriptor = number
        guard number >= 0 else { throw HostFile.failure("open", shown) }
    }

    /// Puts it into its place, instead of what was there.
    func takePlace() throws(EngineError) {
        if !isNamed {
            // open(2): how a file without a name gets one; rename(2) alone replaces what is there.
            guard linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, beside, AT_SYMLINK_FOLLOW) == 0 else {
                throw HostFile.failure("link", shown)
            }
        }
        guard rename(beside, path) == 0 else { throw HostFile.failure("rename", shown) }
    }

    deinit {
        // Gone already where it took its place.
        unlink(beside)
        if descriptor >= 0 { close(descriptor) }
    }
}

/// Small files of the host that a flag names.
enum HostFile {
    /// What the last call on this file failed with.
    static func failure(_ step: String, _ shown: String) -> EngineError {
        EngineError(.system, .path(shown), sentence(step, shown))
    }

    /// What the last call on this file failed with, in one sentence.
    private static func sentence(_ step: String, _ shown: String) -> String {
        "\(step) \(shown): \(reason(errno))"
    }

    /// The kernel's reason as Go writes it: people know `no such file or directory` without a capital.
    static func reason(_ number: Int32) -> String {
        let reason = String(cString: strerror(number))
        return "\(reason.prefix(1).lowercased())\(reason.dropFirst())"
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
