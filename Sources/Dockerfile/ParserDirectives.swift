// SPDX-License-Identifier: Apache-2.0

/// The comments at the head of a Dockerfile that say how to read it: `# syntax=…`, `# escape=…`, `# check=…`.
///
/// - SeeAlso: Dockerfile reference, "Parser directives".
public struct ParserDirectives: Hashable, Sendable {
    /// The image of the language that was asked for; it is known and not used.
    public internal(set) var syntax: Word?
    /// What escapes a character and continues a line: a backslash, or a backquote where the file says so.
    public internal(set) var escape: Character = "\\"
    /// How the file wants to be linted, as `LintOptions` reads it.
    public internal(set) var check: Word?

    /// Those of a file that says nothing.
    public init() {}
}

/// Reads directives from the first lines of a file until there is one that is none.
struct DirectiveReader {
    private(set) var directives = ParserDirectives()
    private var seen: Set<String> = []
    private var isOver = false
    private var isBehindShebang = false

    /// Looks at one line; `range` is the line without blanks before it.
    mutating func read(_ range: Range<Int>, of text: DockerfileText) throws(DockerfileError) {
        guard !isOver else { return }
        let bytes = text.bytes[range]
        if range.lowerBound <= Byte.orderMark.count, bytes.starts(with: Array("#!".utf8)) {
            isBehindShebang = true
            return
        }
        guard let (name, value) = Self.parts(of: bytes) else {
            isOver = true
            return
        }
        let word = Word(
            String(decoding: text.bytes[value], as: UTF8.self), TextSpan(value.lowerBound, value.upperBound))
        guard ["syntax", "escape", "check"].contains(name) else {
            isOver = true
            return
        }
        guard seen.insert(name).inserted else {
            throw DockerfileError(
                "only one \(name) parser directive can be used", TextSpan(range.lowerBound, range.upperBound))
        }
        switch name {
        case "syntax": directives.syntax = word
        case "check": directives.check = word
        default:
            guard word.text == "\\" || word.text == "`" else {
                throw DockerfileError("invalid escape token '\(word.text)' does not match ` or \\", word.span)
            }
            // Behind a shebang BuildKit still looks for syntax and check, and no longer for escape.
            if !isBehindShebang { directives.escape = Character(word.text) }
        }
    }

    /// The name in lower case and where the value stands: `#`, blanks, name, blanks, `=`, blanks, value.
    private static func parts(of line: ArraySlice<UInt8>) -> (String, Range<Int>)? {
        guard line.first == Byte.hash, let equals = line.firstIndex(of: Byte.equals) else { return nil }
        let name = String(decoding: line[line.startIndex + 1..<equals], as: UTF8.self).trimmed.lowercased()
        guard let first = name.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z"),
            name.utf8.allSatisfy({ ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) })
        else { return nil }
        let rest = line[(equals + 1)...]
        guard let start = rest.firstIndex(where: { !Byte.isBlank($0) }),
            let last = rest.lastIndex(where: { !Byte.isBlank($0) })
        else { return nil }
        return (name, start..<last + 1)
    }
}
