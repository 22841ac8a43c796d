// SPDX-License-Identifier: Apache-2.0

/// An instruction of which keyword, flags and arguments are known apart, and nothing else yet.
struct InstructionDraft {
    let keyword: Keyword
    let name: Word
    let flags: [WrittenFlag]
    /// Where the arguments stand.
    let rest: Range<Int>
    let line: LogicalLine
    /// Where the whole instruction stands in the line.
    let range: Range<Int>
    let escape: UInt8

    init(_ line: LogicalLine, _ range: Range<Int>, escape: UInt8) throws(DockerfileError) {
        self.line = line
        self.escape = escape
        self.range = line.text.trimmed(range)
        let (first, rest) = line.text.firstWord(range)
        name = line.text.word(first)
        guard let keyword = Keyword(rawValue: name.text.uppercased()), name.text.allSatisfy(\.isASCII) else {
            throw Self.unknown(name)
        }
        self.keyword = keyword
        (flags, self.rest) = WrittenFlag.take(from: line.text, rest)
    }

    private static func unknown(_ name: Word) -> DockerfileError {
        let foreign = name.text.unicodeScalars.first { $0 == "\u{A0}" || $0 == "\u{3000}" || $0 == "\u{200B}" }
        let near = nearestWord(to: name.text.uppercased(), among: Keyword.allCases.map(\.rawValue))
        let hint = foreign.map {
            "what looks like a space there is the character U+\(String($0.value, radix: 16, uppercase: true)): "
                + "type a space instead"
        }
        return DockerfileError("unknown instruction: \(name.text)", name.span, suggestion: near, hint: hint)
    }

    var text: LogicalText { line.text }

    /// Where the arguments stand, for an error about all of them; the keyword where there are none.
    var restSpan: TextSpan { rest.isEmpty ? name.span : text.span(rest) }

    /// The arguments as one word.
    var restWord: Word { text.word(rest) }

    /// Whether this one, or the one behind ONBUILD, may have here-documents; their marks.
    func hereDocumentMarkers() throws(DockerfileError) -> [HereDocument.Marker] {
        switch keyword {
        case .onbuild where !rest.isEmpty:
            let trigger = try trigger()
            // ONBUILD ONBUILD is refused; a long row of them must not be followed.
            return trigger.keyword == .onbuild ? [] : try trigger.hereDocumentMarkers()
        case .run, .copy, .add:
            if case .strings = JSONStrings.read(text, rest) { return [] }
            return try HereDocument.Marker.all(in: text, rest)
        default: return []
        }
    }

    /// The instruction behind ONBUILD.
    func trigger() throws(DockerfileError) -> InstructionDraft {
        try InstructionDraft(line, rest, escape: escape)
    }

    func noFlags() throws(DockerfileError) { _ = try InstructionFlags(flags, allowed: [:]) }

    func failure(_ message: String, hint: String? = nil) -> DockerfileError {
        DockerfileError(message, restSpan, hint: hint)
    }

    /// The arguments in exec or shell form.
    func commandLine(_ range: Range<Int>) throws(DockerfileError) -> CommandLine {
        switch JSONStrings.read(text, range) {
        case .strings(let words): return .exec(words)
        case .other(let span): throw Self.notStrings(span)
        case .none: return .shell(text.word(range))
        }
    }

    /// The arguments as a JSON array or between blanks.
    func list() throws(DockerfileError) -> [Word] {
        switch JSONStrings.read(text, rest) {
        case .strings(let words): return words
        case .other(let span): throw Self.notStrings(span)
        case .none: return text.fields(rest).map(text.word)
        }
    }

    private static func notStrings(_ span: TextSpan) -> DockerfileError {
        DockerfileError("when using JSON array syntax, arrays must be comprised of strings only", span)
    }
}
