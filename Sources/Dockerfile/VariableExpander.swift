// SPDX-License-Identifier: Apache-2.0

/// Why a text with variables cannot be expanded.
public struct ExpansionFailure: Error, Hashable, Sendable {
    /// The mistake, in BuildKit's words.
    public let message: String
    /// Where it is: offsets of UTF-8 bytes in the text.
    public let range: Range<Int>
}

/// What a text with variables became.
public struct Expansion: Hashable, Sendable {
    /// The whole text, as one word.
    public internal(set) var text = ""
    /// The text cut at blanks that are neither quoted nor escaped, those of variables' values included; no word is
    /// empty.
    public internal(set) var words: [String] = []
    /// Variables that were asked for and have a value, in order, each once.
    public internal(set) var used: [String] = []
    /// Variables that were asked for and have none, in order, each once.
    public internal(set) var unset: [String] = []
}

/// Replaces variables in words of a Dockerfile as a shell would: `$v`, `${v:-word}`, quotes and escapes.
///
/// The rules are BuildKit's, and so is what differs from a shell: only the forms of `${}` that the Dockerfile reference
/// lists exist, and a `$` that no name follows stands for itself.
/// - SeeAlso: Dockerfile reference, "Environment replacement".
public struct VariableExpander: Hashable, Sendable {
    /// What escapes a character: the file's own, a backslash for here-documents.
    public var escape: Unicode.Scalar
    /// Leaves `$v` as it is where `v` has no value.
    public var keepsUnset = false
    /// Leaves quotes in the result; they still quote.
    public var keepsQuotes = false
    /// Leaves escapes in the result; they still escape.
    public var keepsEscapes = false
    /// Takes quotes for ordinary characters, as in a here-document.
    public var ignoresQuotes = false

    /// An expander for a file with this escape.
    public init(
        escape: Character, keepsUnset: Bool = false, keepsQuotes: Bool = false, keepsEscapes: Bool = false,
        ignoresQuotes: Bool = false
    ) {
        self.escape = escape == "`" ? "`" : "\\"
        self.keepsUnset = keepsUnset
        self.keepsQuotes = keepsQuotes
        self.keepsEscapes = keepsEscapes
        self.ignoresQuotes = ignoresQuotes
    }

    /// Expands a text; `value` gives a variable's value, `nil` where it is not set.
    public func expand(_ text: String, with value: @escaping (String) -> String?) throws(ExpansionFailure) -> Expansion
    {
        var lexer = VariableLexer(text, rules: self, value: value)
        return try lexer.run()
    }
}

/// One reading of one text.
struct VariableLexer {
    /// What a part of the text became: as one text, and the words that were finished in it.
    struct Part {
        var text = ""
        var words: [String] = []
        private var word = ""

        mutating func add(_ scalar: Unicode.Scalar) {
            text.unicodeScalars.append(scalar)
            if scalar.properties.isWhitespace { endWord() } else { word.unicodeScalars.append(scalar) }
        }

        /// Adds what is quoted or escaped: blanks in it cut no words.
        mutating func addWhole(_ other: String) {
            text += other
            word += other
        }

        mutating func addCut(_ other: String) { for scalar in other.unicodeScalars { add(scalar) } }

        mutating func endWord() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
    }

    private let rules: VariableExpander
    private let value: (String) -> String?
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var keepsEscapes: Bool
    private var result = Expansion()

    init(_ text: String, rules: VariableExpander, value: @escaping (String) -> String?) {
        self.rules = rules
        self.value = value
        scalars = Array(text.unicodeScalars)
        keepsEscapes = rules.keepsEscapes
    }

    mutating func run() throws(ExpansionFailure) -> Expansion {
        var part = try part(until: nil, keepsEscapes: keepsEscapes, from: 0)
        part.endWord()
        result.text = part.text
        result.words = part.words
        return result
    }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = current else { return nil }
        position += 1
        return scalar
    }

    private func failure(_ message: String, from start: Int) -> ExpansionFailure {
        let bytes = { (count: Int) in scalars[..<count].reduce(0) { $0 + UTF8.width($1) } }
        return ExpansionFailure(message: message, range: bytes(min(start, position))..<bytes(position))
    }

    private mutating func lookUp(_ name: String) -> String? {
        if let found = value(name) {
            if !result.used.contains(name) { result.used.append(name) }
            return found
        }
        if !result.unset.contains(name) { result.unset.append(name) }
        return nil
    }

    /// Reads up to `stop`, which is taken and not part of the result; `nil` reads to the end.
    ///
    /// - Parameter start: where what is read began, for an error about its end.
    private mutating func part(
        until stop: Unicode.Scalar?, keepsEscapes: Bool, from start: Int
    ) throws(ExpansionFailure) -> Part {
        let saved = self.keepsEscapes
        self.keepsEscapes = keepsEscapes
        defer { self.keepsEscapes = saved }
        var part = Part()
        while let scalar = current {
            if scalar == stop {
                position += 1
                return part
            }
            switch scalar {
            case "$": part.addCut(try variable())
            case "'" where !rules.ignoresQuotes: part.addWhole(try singleQuoted())
            case "\"" where !rules.ignoresQuotes: part.addWhole(try doubleQuoted())
            case rules.escape:
                position += 1
                if keepsEscapes { part.addWhole(String(scalar)) }
                // An escape at the very end escapes nothing.
                if let escaped = next() { part.addWhole(String(escaped)) }
            default:
                position += 1
                part.add(scalar)
            }
        }
        guard let stop else { return part }
        throw failure("syntax error: missing '\(stop)'\(stop == "/" ? " in ${}" : "")", from: start)
    }

    private mutating func singleQuoted() throws(ExpansionFailure) -> String {
        let start = position
        position += 1
        var text = rules.keepsQuotes ? "'" : ""
        while let scalar = next() {
            if scalar == "'" { return rules.keepsQuotes ? text + "'" : text }
            text.unicodeScalars.append(scalar)
        }
        throw failure("unexpected end of statement while looking for matching single-quote", from: start)
    }

    private mutating func doubleQuoted() throws(ExpansionFailure) -> String {
        let start = position
        position += 1
        var text = rules.keepsQuotes ? "\"" : ""
        while let scalar = current {
            if scalar == "$" {
                text += try variable()
                continue
            }
            position += 1
            if scalar == "\"" { return rules.keepsQuotes ? text + "\"" : text }
            guard scalar == rules.escape else {
                text.unicodeScalars.append(scalar)
                continue
            }
            if keepsEscapes { text.unicodeScalars.append(scalar) }
            // Between quotes only these can be escaped; before anything else the escape stands for itself.
            if let escaped = current, escaped == "\"" || escaped == "$" || escaped == rules.escape {
                position += 1
                text.unicodeScalars.append(escaped)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        throw failure("unexpected end of statement while looking for matching double-quote", from: start)
    }

    /// A name behind `$` or `${`: letters, digits and `_`; digits alone; or one of the shell's special parameters.
    private mutating func name() -> String {
        var name = String.UnicodeScalarView()
        if let first = current, "@*#?-$!".unicodeScalars.contains(first) {
            position += 1
            return String(first)
        }
        let isNumber = current.map(Self.isDigit) ?? false
        while let scalar = current, Self.isDigit(scalar) || (!isNumber && (Self.isLetter(scalar) || scalar == "_")) {
            position += 1
            name.append(scalar)
        }
        return String(name)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    private mutating func variable() throws(ExpansionFailure) -> String {
        let start = position
        position += 1
        guard current == "{" else {
            let name = name()
            guard !name.isEmpty else { return "$" }
            return lookUp(name) ?? (rules.keepsUnset ? "$" + name : "")
        }
        position += 1
        guard let first = current else { throw failure("syntax error: missing '}'", from: start) }
        if first == "{" || first == "}" || first == ":" {
            position += 1
            throw failure("syntax error: bad substitution", from: start)
        }
        depth += 1
        defer { depth -= 1 }
        // Deeper than anyone writes; the limit keeps the stack small.
        guard depth < 64 else { throw failure("syntax error: bad substitution", from: start) }
        let name = name()
        guard let mark = next() else { throw failure("syntax error: missing '}'", from: start) }
        if mark == "}" { return lookUp(name) ?? (rules.keepsUnset ? "${\(name)}" : "") }
        if mark == "/" { return try replaced(name, start) }
        guard ":+-?#%".unicodeScalars.contains(mark) else {
            throw failure("unsupported modifier (\(mark)) in substitution", from: start)
        }
        return try modified(name, mark, start)
    }

    /// `${name:-word}` and its kind; what follows the first mark is still to be read.
    private mutating func modified(
        _ name: String, _ mark: Unicode.Scalar, _ start: Int
    ) throws(ExpansionFailure) -> String {
        var operation = mark
        if mark == ":" {
            guard let second = next() else { throw failure("syntax error: missing '}'", from: start) }
            operation = second
        }
        let marks = mark == ":" ? ":\(operation)" : "\(mark)"
        guard "+-?#%".unicodeScalars.contains(operation) else {
            throw failure("unsupported modifier (\(marks)) in substitution", from: start)
        }
        let isPattern = operation == "#" || operation == "%"
        let word = try part(until: "}", keepsEscapes: isPattern, from: start).text
        let value = lookUp(name)
        if rules.keepsUnset, value == nil { return "${\(name)\(marks)\(word)}" }
        let isThere = value.map { mark != ":" || !$0.isEmpty } ?? false
        switch operation {
        case "-": return isThere ? value ?? "" : word
        case "+": return isThere ? word : ""
        case "?":
            guard !isThere else { return value ?? "" }
            let reason = value == nil ? "is not allowed to be unset" : "is not allowed to be empty"
            throw failure("\(name): \(word.isEmpty ? reason : word)", from: start)
        default:
            let isLongest = word.unicodeScalars.first == operation
            let pattern = isLongest ? String(word.unicodeScalars.dropFirst()) : word
            return try shellPattern(pattern, start).trim(value ?? "", atEnd: operation == "%", longest: isLongest)
        }
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`, behind the first `/`.
    private mutating func replaced(_ name: String, _ start: Int) throws(ExpansionFailure) -> String {
        let isAll = current == "/"
        if isAll { position += 1 }
        let pattern = try part(until: "/", keepsEscapes: true, from: start).text
        let replacement = try part(until: "}", keepsEscapes: true, from: start).text
        let value = lookUp(name)
        if rules.keepsUnset, value == nil { return "${\(name)/\(pattern)/\(replacement)}" }
        return try shellPattern(pattern, start).replace(value ?? "", with: replacement, all: isAll)
    }

    private func shellPattern(_ text: String, _ start: Int) throws(ExpansionFailure) -> ShellPattern {
        do {
            return try ShellPattern(text)
        } catch {
            throw failure("invalid pattern (\(text)) in substitution: \(error.reason)", from: start)
        }
    }
}
