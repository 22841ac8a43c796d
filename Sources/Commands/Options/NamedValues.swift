// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// `-e NAME=VALUE`, or `-e NAME` for the value that the session has.
struct EnvironmentWord: Hashable, Sendable {
    let name: String
    let value: String?

    init(parsing text: String) throws(UsageError) {
        let name = text.prefix { $0 != "=" }
        guard !name.isEmpty else { throw .refused("invalid environment variable: \(text)") }
        self.name = String(name)
        value = name.endIndex == text.endIndex ? nil : String(text[text.index(after: name.endIndex)...])
    }

    /// `NAME=VALUE`; `nil` where a name without value is not set here either, as Docker leaves it out.
    func text(in session: Session) -> String? {
        (value ?? session.variables[name] ?? SessionState.environment(name)).map { "\(name)=\($0)" }
    }
}

/// Files of `NAME=VALUE` lines: `--env-file`, `--label-file`.
enum NamedValues {
    static func environment(file: String, in session: Session) throws -> [String] {
        try lines(of: file, in: session).compactMap { line in
            let name = line.prefix { $0 != "=" }
            try check(name, of: line, in: file)
            if name.endIndex != line.endIndex { return line }
            return EnvironmentWord(name: String(name)).text(in: session)
        }
    }

    static func labels(file: String, in session: Session) throws -> [String] {
        try lines(of: file, in: session).map { line in
            try check(line.prefix { $0 != "=" }, of: line, in: file)
            return line
        }
    }

    /// docker/cli opts/file.go: no white space in names, none before them.
    private static func check(_ name: Substring, of line: String, in file: String) throws(UsageError) {
        if name.isEmpty { throw .refused("invalid env file (\(file)): no variable name on line '\(line)'") }
        if name.contains(where: \.isWhitespace) {
            throw .refused("invalid env file (\(file)): variable '\(name)' contains whitespaces")
        }
    }

    /// Lines that are neither empty nor comments, without leading white space.
    private static func lines(of file: String, in session: Session) throws(UsageError) -> [String] {
        var bytes = try HostFile.read(session.hostPath(file), shownAs: file)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .refused("invalid env file (\(file)): invalid utf8 bytes")
        }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let trimmed = line.drop(while: \.isWhitespace)
            return trimmed.isEmpty || trimmed.first == "#" ? nil : String(trimmed)
        }
    }
}

extension EnvironmentWord {
    fileprivate init(name: String) {
        self.name = name
        value = nil
    }
}

/// Small files of the host that a flag names.
enum HostFile {
    /// The whole file.
    static func read(_ path: String, shownAs shown: String) throws(UsageError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .refused("open \(shown): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .refused("read \(shown): \(String(cString: strerror(errno)))") }
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
            throw EngineError(.system, .path(shown), "open \(shown): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        let count = Array(text.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count == text.utf8.count else {
            throw EngineError(.system, .path(shown), "write \(shown): \(String(cString: strerror(errno)))")
        }
    }
}
