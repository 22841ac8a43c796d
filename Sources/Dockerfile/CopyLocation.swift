// SPDX-License-Identifier: Apache-2.0

/// What a source of COPY or ADD is, once it is expanded.
public enum CopyLocation: Hashable, Sendable {
    /// A path or a pattern.
    case local
    /// A file that ADD downloads, and the name that it gets: the last part of the URL's path.
    case url(name: String)
    /// A repository.
    case git

    /// Looks at a source as BuildKit does: what merely looks like a host's name is a path.
    public init(_ source: String) {
        let plain = source.cut(atFirst: "#").0.cut(atFirst: "?").0
        let isWeb = source.hasPrefix("http://") || source.hasPrefix("https://")
        if source.hasPrefix("git://") || source.hasPrefix("ssh://") || (isWeb && plain.hasSuffix(".git")) {
            self = .git
        } else if isWeb {
            let path = plain.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).first
            let name = path?.split(separator: "/").last.map(String.init)
            self = .url(name: name ?? "__unnamed__")
        } else {
            self = Self.isSecureCopy(source) ? .git : .local
        }
    }

    /// `git@github.com:owner/repository.git`
    private static func isSecureCopy(_ source: String) -> Bool {
        let (host, path) = source.cut(atFirst: ":")
        let (user, name) = host.cut(atFirst: "@")
        guard let path, let name, !path.isEmpty, !user.isEmpty, !name.isEmpty else { return false }
        return !host.contains("/")
    }
}

/// The mode that `--chmod` gives: octal, or as chmod(1) writes a change.
public struct FileModeChange: Hashable, Sendable {
    private struct Step: Hashable {
        let operation: Character
        /// The bits of those whose permission changes: 0o700, 0o070, 0o007, with 0o4000 and 0o2000.
        let who: UInt32
        /// The permissions for one of them, 0 to 7.
        let permissions: UInt32
        /// `X`: execution for directories and for what somebody may execute already.
        let executesIfDirectory: Bool
        let setsIdentity: Bool
        let setsSticky: Bool
        /// `g=u`: whose permissions are taken.
        let copied: Character?
    }

    private let octal: UInt32?
    private let steps: [Step]

    /// Whether it gives all of a mode, whatever the mode was.
    public var isWhole: Bool { octal != nil }

    /// Reads `755` or `u=rwX,go=rX`.
    public init(parsing word: Word) throws(DockerfileError) {
        let text = word.text
        let message = "invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777"
        if text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
            guard let mode = UInt32(text, radix: 8), mode <= 0o7777 else { throw DockerfileError(message, word.span) }
            octal = mode
            steps = []
            return
        }
        var changes: [Step] = []
        for clause in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let found = Self.steps(clause) else {
                throw DockerfileError(message, word.span, hint: "755, or changes such as u+x or u=rwX,go=rX")
            }
            changes += found
        }
        octal = nil
        steps = changes
    }

    private static func steps(_ clause: Substring) -> [Step]? {
        let letters = clause.prefix { "ugoa".contains($0) }
        var who: UInt32 = letters.isEmpty ? 0o7777 : 0
        for letter in letters { who |= letter == "a" ? 0o7777 : bits(letter) }
        var rest = clause.dropFirst(letters.count)
        var steps: [Step] = []
        while let operation = rest.popFirst() {
            guard "+-=".contains(operation) else { return nil }
            let said = rest.prefix { !"+-=".contains($0) }
            rest = rest.dropFirst(said.count)
            let only = said.count == 1 ? said.first : nil
            let copied = only.flatMap { "ugo".contains($0) ? $0 : nil }
            guard copied != nil || said.allSatisfy({ "rwxXst".contains($0) }) else { return nil }
            let permissions: UInt32 =
                (said.contains("r") ? 4 : 0) | (said.contains("w") ? 2 : 0) | (said.contains("x") ? 1 : 0)
            steps.append(
                Step(
                    operation: operation, who: who, permissions: permissions, executesIfDirectory: said.contains("X"),
                    setsIdentity: said.contains("s"), setsSticky: said.contains("t"), copied: copied))
        }
        return steps.isEmpty ? nil : steps
    }

    private static func bits(_ who: Character) -> UInt32 { who == "u" ? 0o4700 : who == "g" ? 0o2070 : 0o1007 }

    /// The mode that a file of this mode gets; only the lower twelve bits.
    public func applied(to mode: UInt32, isDirectory: Bool) -> UInt32 {
        if let octal { return octal }
        return steps.reduce(mode & 0o7777) { mode, step in
            var one = step.permissions
            switch step.copied {
            case "u": one = mode >> 6 & 7
            case "g": one = mode >> 3 & 7
            case "o": one = mode & 7
            default: break
            }
            if step.executesIfDirectory, isDirectory || mode & 0o111 != 0 { one |= 1 }
            var bits = (one * 0o111) & step.who
            if step.setsIdentity { bits |= 0o6000 & step.who }
            if step.setsSticky { bits |= 0o1000 & step.who }
            switch step.operation {
            case "+": return mode | bits
            case "-": return mode & ~bits
            // A directory keeps its set-id bits unless they are named, as with chmod(1).
            default: return mode & ~(step.who & (isDirectory && !step.setsIdentity ? 0o1777 : 0o7777)) | bits
            }
        }
    }
}
