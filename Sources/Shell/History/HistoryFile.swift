// SPDX-License-Identifier: Apache-2.0
internal import CEditLine
internal import Glibc

/// The lines that all shells of one person have accepted, on disk.
///
/// libedit's own format and its own writer: a first line `_HiStOrY_V2_`, then one entry a line, encoded as vis(3) does.
/// Any number of shells append to it; each reads what the others wrote from where it stopped reading.
final class HistoryFile {
    let path: String
    /// Up to where the file has been read, and which file that was.
    private var offset: off_t = 0
    private var identity: (device: dev_t, inode: ino_t) = (0, 0)

    init(path: String) { self.path = path }

    /// `$XDG_STATE_HOME/dsh/history`, or `~/.local/state/dsh/history`; `nil` where there is no home either.
    static var usualPath: String? {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/dsh/history" }
        return environment("HOME").map { $0 + "/.local/state/dsh/history" }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// Whether anything was ever written.
    var exists: Bool { access(path, F_OK) == 0 }

    /// What others have appended since the last call; everything at the first one. Nothing where there is no file yet.
    func readNew() throws(EditorError) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return [] }
            throw failure("open")
        }
        defer { close(descriptor) }
        try lock(descriptor, LOCK_SH)
        return try readNew(descriptor)
    }

    /// Appends an entry, and returns what others appended before it.
    ///
    /// - Parameters:
    ///   - history: libedit's history.
    ///   - enter: makes the new entry the newest of `history`, after the others' entries.
    func append(newestOf history: OpaquePointer, entering enter: ([String]) -> Void) throws(EditorError) {
        var others: [String] = []
        var hasEntered = false
        defer { if !hasEntered { enter(others) } }
        try makeDirectory()
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        try lock(descriptor, LOCK_EX)
        others = try readNew(descriptor)
        enter(others)
        hasEntered = true
        try write(newestOf: history, to: descriptor)
        offset = lseek(descriptor, 0, SEEK_END)
    }

    private func write(newestOf history: OpaquePointer, to descriptor: Int32) throws(EditorError) {
        // A copy of the descriptor, because closing the FILE closes it, and with the last one the lock goes.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let file = fdopen(copy, "a") else {
            close(copy)
            throw failure("open")
        }
        defer { fclose(file) }
        // libedit puts its heading where the file is empty, which it asks ftell(3).
        fseek(file, 0, SEEK_END)
        guard ceditline_history_save_newest(history, file) >= 0, fflush(file) == 0 else { throw failure("write") }
    }

    private func readNew(_ descriptor: Int32) throws(EditorError) -> [String] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("stat") }
        if (status.st_dev, status.st_ino) != (identity.device, identity.inode) || status.st_size < offset {
            offset = 0
            identity = (status.st_dev, status.st_ino)
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size - offset))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, offset + off_t(filled))
            }
            guard count > 0 else { break }
            filled += count
        }
        bytes.removeSubrange(filled...)
        offset += off_t(filled)
        return Self.entries(in: bytes)
    }

    /// The entries in a stretch of the file; its heading is none.
    static func entries(in bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0x0A).compactMap { line in
            line.elementsEqual(heading) ? nil : VisDecoder.decode(line)
        }
    }

    private static let heading = Array("_HiStOrY_V2_".utf8)

    private func lock(_ descriptor: Int32, _ operation: Int32) throws(EditorError) {
        while flock(descriptor, operation) != 0 {
            if errno != EINTR { throw failure("lock") }
        }
    }

    private func makeDirectory() throws(EditorError) {
        let parts = path.split(separator: "/").dropLast()
        var directory = ""
        for part in parts {
            directory += "/" + part
            // XDG Base Directory: directories that are missing are made for their owner alone.
            if mkdir(directory, 0o700) != 0, errno != EEXIST, errno != EROFS { throw failure("create directory of") }
        }
    }

    private func failure(_ step: String) -> EditorError { EditorError(step: step + " " + path, number: errno) }
}

/// Decodes what vis(3) encoded: `\040`, `\^[`, `\M-a` and the short forms of C.
private enum VisDecoder {
    static func decode(_ line: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        var rest = line
        while let byte = rest.popFirst() {
            result.append(byte == UInt8(ascii: "\\") ? escape(&rest) : byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func escape(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        guard let kind = rest.popFirst() else { return UInt8(ascii: "\\") }
        switch kind {
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value = Int(kind - UInt8(ascii: "0"))
            while let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value < 0o40 {
                value = value * 8 + Int(digit - UInt8(ascii: "0"))
                rest.removeFirst()
            }
            return UInt8(truncatingIfNeeded: value)
        case UInt8(ascii: "^"): return control(&rest)
        case UInt8(ascii: "M"):
            let isControl = rest.popFirst() == UInt8(ascii: "^")
            return 0x80 | (isControl ? control(&rest) : rest.popFirst() ?? 0)
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "s"): return 0x20
        default: return kind
        }
    }

    private static func control(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        guard let letter = rest.popFirst() else { return UInt8(ascii: "^") }
        return letter == UInt8(ascii: "?") ? 0x7F : letter & 0x1F
    }
}
