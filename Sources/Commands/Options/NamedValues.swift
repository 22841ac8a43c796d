// SPDX-License-Identifier: Apache-2.0

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
