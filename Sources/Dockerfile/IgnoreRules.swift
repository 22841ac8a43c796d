// SPDX-License-Identifier: Apache-2.0

/// The rules of a `.dockerignore` file: which paths of a context a build does not see.
///
/// Of the rules that match a path or a directory above it the last counts; `!` takes a path back in. A pattern without
/// `/` matches at the root only, and one that ends in `/` matches files too: this is not `.gitignore`.
/// - SeeAlso: Dockerfile reference, ".dockerignore file"; moby/patternmatcher.
public struct IgnoreRules: Hashable, Sendable {
    /// One line of the file.
    public struct Rule: Hashable, Sendable {
        /// Its line in the file, from 1; its number for patterns that are in no file.
        public let line: Int
        /// What is written there.
        public let text: Word
        /// The pattern, cleaned and without `!`.
        public let pattern: String
        /// Whether it takes paths back in.
        public let isException: Bool
        let matcher: PathPattern
    }

    /// What the rules say about one path.
    public struct Verdict: Hashable, Sendable {
        /// Whether the build does not see the path.
        public let isExcluded: Bool
        /// The rule that excludes it, or the exception that took it back in; `nil` where none applies.
        public let rule: Rule?
        /// Which rules matched the path, for what is below it.
        fileprivate let matched: [Bool]
        fileprivate let decider: Int?
    }

    /// The rules in order.
    public let rules: [Rule]

    /// No rules: nothing is excluded.
    public init() { rules = [] }

    /// Reads an ignore file. Lines that begin with `#` are comments.
    /// - Throws: `DockerfileError` for a pattern whose syntax is bad.
    public init(parsing text: DockerfileText) throws(DockerfileError) {
        var rules: [Rule] = []
        var start = 0
        let lines = text.bytes.split(separator: Byte.newline, omittingEmptySubsequences: false)
        for (number, bytes) in lines.enumerated() {
            let place = start
            start += bytes.count + 1
            let isMarked = number == 0 && bytes.starts(with: Byte.orderMark)
            let line = isMarked ? bytes.dropFirst(Byte.orderMark.count) : bytes
            // A blank before the # makes it a pattern, as in Docker.
            guard line.first != Byte.hash else { continue }
            let written = String(decoding: line, as: UTF8.self)
            guard !written.trimmed.isEmpty else { continue }
            let offset = place + (isMarked ? 3 : 0) + line.prefix(while: Byte.isBlank).count
            let word = Word(written.trimmed, TextSpan(offset, offset + written.trimmed.utf8.count))
            rules.append(try Self.rule(word, line: number + 1))
        }
        self.rules = rules
    }

    /// Takes patterns that are in no file, such as those of `COPY --exclude`.
    /// - Throws: `DockerfileError` for a pattern whose syntax is bad.
    public init(patterns: [Word]) throws(DockerfileError) {
        var rules: [Rule] = []
        for (number, word) in patterns.enumerated() where !word.text.trimmed.isEmpty {
            rules.append(try Self.rule(word, line: number + 1))
        }
        self.rules = rules
    }

    private static func rule(_ word: Word, line: Int) throws(DockerfileError) -> Rule {
        var pattern = word.text.trimmed
        let isException = pattern.hasPrefix("!")
        if isException { pattern = String(pattern.dropFirst()).trimmed }
        guard !pattern.isEmpty else { throw DockerfileError("illegal exclusion pattern: \"!\"", word.span) }
        pattern = pattern.cleanedPath
        if pattern.utf8.count > 1, pattern.hasPrefix("/") { pattern = String(pattern.dropFirst()) }
        guard let matcher = PathPattern(pattern) else {
            throw DockerfileError(
                "syntax error in pattern", word.span, hint: "[ needs its ], and a backslash a character behind it")
        }
        return Rule(line: line, text: word, pattern: pattern, isException: isException, matcher: matcher)
    }

    /// Whether there is a rule with `!`.
    public var hasExceptions: Bool { rules.contains(where: \.isException) }

    /// What the rules say about the root of the context, which nothing excludes.
    public var root: Verdict {
        Verdict(isExcluded: false, rule: nil, matched: rules.map { _ in false }, decider: nil)
    }

    /// What the rules say about a path, for one who comes down a tree.
    ///
    /// - Parameters:
    ///   - path: relative to the context, without `.` and `..`.
    ///   - parent: the verdict on the directory it is in; `root` for what is in the context itself.
    public func verdict(on path: String, in parent: Verdict) -> Verdict {
        var isExcluded = false
        var decider: Int?
        var matched = parent.matched
        for (index, rule) in rules.enumerated() {
            if !matched[index] {
                // A rule that would change nothing is not asked, and what is below will not know that it matches: so
                // does patternmatcher, and files depend on it.
                guard rule.isException == isExcluded, rule.matcher.matches(path) else { continue }
                matched[index] = true
            }
            isExcluded = !rule.isException
            decider = index
        }
        return Verdict(
            isExcluded: isExcluded, rule: decider.map { rules[$0] }, matched: matched, decider: decider)
    }

    /// What the rules say about a path; what is above it is asked first.
    public func verdict(on path: String) -> Verdict {
        var verdict = root
        var above = ""
        for part in path.cleanedPath.split(separator: "/") where part != "." {
            above += above.isEmpty ? String(part) : "/" + part
            verdict = self.verdict(on: above, in: verdict)
        }
        return verdict
    }

    /// Whether something below a directory may still be seen, so that one must look into it.
    ///
    /// An excluded directory needs no look unless an exception behind the rule that excludes it can match below.
    /// - Parameter verdict: the one on the directory.
    public func mustWalk(_ directory: String, _ verdict: Verdict) -> Bool {
        guard verdict.isExcluded else { return true }
        return rules[((verdict.decider ?? -1) + 1)...].contains {
            $0.isException && $0.matcher.canMatch(below: directory)
        }
    }

    /// The rule that someone who knows `.gitignore` may have meant for a path that is seen, and what would exclude it:
    /// `node_modules` excludes no `web/node_modules`, `**/node_modules` does.
    public func likelyMeant(for path: String) -> (rule: Rule, pattern: String)? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let name = String(path[path.index(after: slash)...])
        // `*` and the like are meant as they stand: they are used with exceptions.
        let found = rules.last { rule in
            !rule.isException && rule.matcher.isBareName && rule.pattern != "*" && rule.matcher.matches(name)
        }
        return found.map { ($0, "**/" + $0.pattern) }
    }
}
