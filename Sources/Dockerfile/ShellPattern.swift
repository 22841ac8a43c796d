// SPDX-License-Identifier: Apache-2.0

/// The pattern of `${v#…}`, `${v%…}` and `${v/…/…}`.
///
/// `*` is any text and `?` any character, neither with a newline; brackets mean nothing.
struct ShellPattern {
    struct Malformed: Error { let reason: String }

    private enum Token { case any, one, scalar(Unicode.Scalar) }

    private let tokens: [Token]

    /// - Throws: for a backslash before anything but `*`, `?`, `\`, `}` and `/`.
    init(_ text: String) throws(Malformed) {
        var tokens: [Token] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": tokens.append(.any)
            case "?": tokens.append(.one)
            case "\\":
                // `}` and `/` had to be escaped for the sake of ${}, the backslash is not of the pattern.
                if rest.first == "}" || rest.first == "/" { continue }
                guard let escaped = rest.popFirst() else { throw Malformed(reason: "invalid escape '\\'") }
                guard "*?\\".unicodeScalars.contains(escaped) else {
                    throw Malformed(reason: "invalid escape '\\\(escaped)'")
                }
                tokens.append(.scalar(escaped))
            default: tokens.append(.scalar(scalar))
            }
        }
        self.tokens = tokens
    }

    private init(tokens: [Token]) { self.tokens = tokens }

    /// Where a match that begins at `start` can end: the nearest or the farthest place.
    ///
    /// All places in the pattern are followed side by side, so that no pattern takes longer than text times pattern.
    private func end(in text: [Unicode.Scalar], from start: Int, longest: Bool) -> Int? {
        var states = closure([0])
        var found: Int?
        var position = start
        while true {
            if states.contains(tokens.count) {
                found = position
                if !longest { return found }
            }
            guard position < text.count, !states.isEmpty else { return found }
            let scalar = text[position]
            var following: [Int] = []
            for state in states where state < tokens.count {
                switch tokens[state] {
                case .any: if scalar != "\n" { following.append(state) }
                case .one: if scalar != "\n" { following.append(state + 1) }
                case .scalar(let wanted): if scalar == wanted { following.append(state + 1) }
                }
            }
            states = closure(following)
            position += 1
        }
    }

    /// The states and those that are reached past `*` without a character; in order, each once.
    private func closure(_ states: [Int]) -> [Int] {
        var result: [Int] = []
        for state in states {
            var state = state
            while result.last.map({ $0 < state }) ?? true {
                result.append(state)
                guard state < tokens.count, case .any = tokens[state] else { break }
                state += 1
            }
        }
        return result
    }

    /// Takes a match away from the start or the end of a text.
    func trim(_ text: String, atEnd: Bool, longest: Bool) -> String {
        let scalars = atEnd ? text.unicodeScalars.reversed() : Array(text.unicodeScalars)
        let pattern = atEnd ? ShellPattern(tokens: tokens.reversed()) : self
        guard let end = pattern.end(in: scalars, from: 0, longest: longest) else { return text }
        let kept = scalars[end...]
        return Self.string(atEnd ? Array(kept.reversed()) : Array(kept))
    }

    /// Replaces the first match or all of them, each as long as it can be.
    func replace(_ text: String, with replacement: String, all: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        var lastEnd: Int?
        while position <= scalars.count {
            if let end = end(in: scalars, from: position, longest: true), !(end == position && lastEnd == position) {
                result.append(contentsOf: replacement.unicodeScalars)
                lastEnd = end
                if !all {
                    result.append(contentsOf: scalars[end...])
                    return String(result)
                }
                if end > position {
                    position = end
                    continue
                }
            }
            if position < scalars.count { result.append(scalars[position]) }
            position += 1
        }
        return String(result)
    }

    private static func string(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
