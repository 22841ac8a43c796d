// SPDX-License-Identifier: Apache-2.0

/// A pattern of an ignore file: Go's `filepath.Match` for whole paths, and `**` for any number of directories.
///
/// It means what moby/patternmatcher makes of it, also where that is not what one expects: `**name` matches every path
/// that ends in `name`, and `dir**` every path that begins with `dir`.
struct PathPattern: Hashable {
    private enum Token: Hashable {
        case scalar(Unicode.Scalar)
        /// `?`: any character but `/`.
        case one
        /// `*`: any text without `/`.
        case star
        /// `**/`: nothing, or any text that ends in `/`.
        case directories
        /// `**` at the end: any text.
        case rest
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    private enum Kind: Hashable {
        case exact(String)
        case prefix(String)
        case suffix(String)
        case tokens([Token])
    }

    private let kind: Kind
    /// What a path must begin and end with to match: most paths are told apart by that alone.
    private let firstBytes: [UInt8]
    private let lastBytes: [UInt8]

    /// Whether it is one name without `/` and without anything that matches more than itself or other names.
    let isBareName: Bool

    /// Takes a pattern that is cleaned.
    ///
    /// `nil` where its syntax is bad: a bracket that is not closed, a range that is none, a backslash at the end.
    init?(_ text: String) {
        guard let tokens = Self.tokens(Array(text.unicodeScalars)) else { return nil }
        firstBytes = Self.literal(tokens)
        lastBytes = Self.literal(tokens.reversed()).reversed()
        isBareName = !text.contains("/") && !tokens.contains(.directories) && !tokens.contains(.rest)
        let isPlain = !text.unicodeScalars.contains { "*?[]\\".unicodeScalars.contains($0) }
        let inner =
            text.hasPrefix("**") ? String(text.dropFirst(2)) : text.hasSuffix("**") ? String(text.dropLast(2)) : "*"
        if isPlain {
            kind = .exact(text)
        } else if !inner.unicodeScalars.contains(where: { "*?[]\\".unicodeScalars.contains($0) }) {
            kind = text.hasPrefix("**") ? .suffix(inner) : .prefix(inner)
        } else {
            kind = .tokens(tokens)
        }
    }

    /// The characters up to the first token that is none, as UTF-8; only ASCII, so that it can be read from behind.
    private static func literal(_ tokens: [Token]) -> [UInt8] {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .scalar(let scalar) = token, scalar.isASCII else { break }
            bytes.append(UInt8(scalar.value))
        }
        return bytes
    }

    private static func tokens(_ text: [Unicode.Scalar]) -> [Token]? {
        var tokens: [Token] = []
        var position = 0
        while position < text.count {
            let scalar = text[position]
            position += 1
            switch scalar {
            case "*":
                guard position < text.count, text[position] == "*" else {
                    tokens.append(.star)
                    continue
                }
                position += 1
                if position < text.count, text[position] == "/" { position += 1 }
                tokens.append(position < text.count ? .directories : .rest)
            case "?": tokens.append(.one)
            case "[":
                guard let (set, end) = set(text, from: position) else { return nil }
                tokens.append(set)
                position = end
            case "\\":
                guard position < text.count else { return nil }
                tokens.append(.scalar(text[position]))
                position += 1
            default: tokens.append(.scalar(scalar))
            }
        }
        return tokens
    }

    /// What stands behind `[`, up to and with `]`.
    private static func set(_ text: [Unicode.Scalar], from start: Int) -> (Token, Int)? {
        var position = start
        let isNegated = position < text.count && text[position] == "^"
        if isNegated { position += 1 }
        func member() -> UInt32? {
            guard position < text.count, text[position] != "-", text[position] != "]" else { return nil }
            if text[position] == "\\" { position += 1 }
            guard position < text.count else { return nil }
            position += 1
            return text[position - 1].value
        }
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            if position < text.count, text[position] == "]", !ranges.isEmpty {
                return (.set(ranges, isNegated: isNegated), position + 1)
            }
            guard let low = member() else { return nil }
            guard position < text.count, text[position] == "-" else {
                ranges.append(low...low)
                continue
            }
            position += 1
            guard let high = member(), low <= high else { return nil }
            ranges.append(low...high)
        }
    }

    /// Whether all of a path matches.
    func matches(_ path: String) -> Bool {
        switch kind {
        case .exact(let text): path.utf8.elementsEqual(text.utf8)
        case .prefix(let text): path.utf8.starts(with: text.utf8)
        case .suffix(let text):
            path.utf8.reversed().starts(with: text.utf8.reversed())
                || (text.hasPrefix("/") && path.utf8.elementsEqual(text.utf8.dropFirst()))
        case .tokens(let tokens):
            path.utf8.starts(with: firstBytes) && path.utf8.suffix(lastBytes.count).elementsEqual(lastBytes)
                && Self.run(tokens, over: path).contains(tokens.count)
        }
    }

    /// Whether some path below a directory can match, whatever there is.
    func canMatch(below directory: String) -> Bool {
        switch kind {
        case .exact(let text): text.utf8.starts(with: (directory + "/").utf8)
        // Any text that ends in it can be below.
        case .suffix: true
        case .prefix(let text):
            text.utf8.starts(with: (directory + "/").utf8) || (directory + "/").utf8.starts(with: text.utf8)
        case .tokens(let tokens): !Self.run(tokens, over: directory + "/").isEmpty
        }
    }

    /// The places in the pattern that a text can lead to.
    ///
    /// All are followed side by side, so that no pattern takes longer than text times pattern.
    private static func run(_ tokens: [Token], over text: String) -> [Int] {
        var states = closure(tokens, [0])
        for scalar in text.unicodeScalars {
            guard !states.isEmpty else { return [] }
            var following: [Int] = []
            for state in states {
                // A state past the end of the tokens stands inside a `**/` that has begun.
                if state > tokens.count {
                    let place = state - tokens.count - 1
                    following.append(state)
                    if scalar == "/" { following.append(place + 1) }
                    continue
                }
                guard state < tokens.count else { continue }
                switch tokens[state] {
                case .scalar(let wanted): if wanted == scalar { following.append(state + 1) }
                case .one: if scalar != "/" { following.append(state + 1) }
                case .star: if scalar != "/" { following.append(state) }
                case .rest: following.append(state)
                case .directories:
                    following.append(tokens.count + 1 + state)
                    if scalar == "/" { following.append(state + 1) }
                case .set(let ranges, let isNegated):
                    if ranges.contains(where: { $0.contains(scalar.value) }) != isNegated {
                        following.append(state + 1)
                    }
                }
            }
            states = closure(tokens, following)
        }
        return states
    }

    /// The states and those that are reached without a character, each once.
    private static func closure(_ tokens: [Token], _ states: [Int]) -> [Int] {
        var seen = [Bool](repeating: false, count: 2 * tokens.count + 2)
        var result: [Int] = []
        for var state in states {
            while !seen[state] {
                seen[state] = true
                result.append(state)
                guard state < tokens.count else { break }
                switch tokens[state] {
                case .star, .rest, .directories: state += 1
                default: continue
                }
            }
        }
        return result
    }
}

extension String {
    /// The path without doubled slashes, `.` and `..`, as Go's `path.Clean` writes it; an empty one becomes `.`.
    var cleanedPath: String {
        let isRooted = utf8.first == UInt8(ascii: "/")
        var parts: [Substring] = []
        for part in split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !isRooted {
                parts.append(part)
            }
        }
        let joined = (isRooted ? "/" : "") + parts.joined(separator: "/")
        return joined.isEmpty ? "." : joined
    }
}
