// SPDX-License-Identifier: Apache-2.0

/// Text that stands in the Dockerfile itself, between `<<NAME` and a line with `NAME` alone.
public struct HereDocument: Hashable, Sendable {
    /// The name: of the file that a COPY makes of it, and of the line that ends it.
    public let name: String
    /// The descriptor before `<<`, `3` in `3<<EOF`; zero where there is none.
    public let descriptor: Int
    /// Whether variables in it are to be replaced: the name has no quotes.
    public let expands: Bool
    /// Whether tabs at the start of its lines go: `<<-`.
    public let stripsTabs: Bool
    /// The text as it is written, tabs included, each line with its end.
    public let written: String
    /// Where text and last line stand.
    public let span: TextSpan

    init(_ marker: Marker, written: String, span: TextSpan) {
        name = marker.name
        descriptor = marker.descriptor
        expands = marker.expands
        stripsTabs = marker.stripsTabs
        self.written = written
        self.span = span
    }

    private init(_ other: HereDocument, written: String) {
        name = other.name
        descriptor = other.descriptor
        expands = other.expands
        stripsTabs = other.stripsTabs
        self.written = written
        span = other.span
    }

    /// The text as it is meant: without the tabs of `<<-`.
    public var content: String {
        guard stripsTabs else { return written }
        var result = ""
        var atStart = true
        for scalar in written.unicodeScalars {
            if atStart, scalar == "\t" { continue }
            result.unicodeScalars.append(scalar)
            atStart = scalar == "\n"
        }
        return result
    }

    func replacing(written: String) -> HereDocument { HereDocument(self, written: written) }

    /// `<<NAME` as it stands in an instruction.
    struct Marker: Hashable {
        let name: String
        let descriptor: Int
        let expands: Bool
        let stripsTabs: Bool
        let span: TextSpan

        /// Reads a word such as `3<<-'EOF'`; `nil` when it is something else.
        /// - Throws: a quote that is not closed.
        init?(_ word: String, _ span: TextSpan) throws(DockerfileError) {
            let scalars = Array(word.unicodeScalars)
            let digits = scalars.prefix { $0.value >= 48 && $0.value <= 57 }
            var rest = scalars[digits.count...]
            guard rest.starts(with: ["<", "<"]) else { return nil }
            rest = rest.dropFirst(2)
            stripsTabs = rest.first == "-"
            if stripsTabs { rest = rest.dropFirst() }
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard !rest.isEmpty, !rest.contains("<") else { return nil }
            var name = String.UnicodeScalarView()
            name.append(contentsOf: rest)
            let lexer = VariableExpander(escape: "\\", keepsUnset: true)
            let raw = VariableExpander(escape: "\\", keepsUnset: true, keepsQuotes: true)
            let plain: [String]
            let quoted: [String]
            do throws(ExpansionFailure) {
                plain = try lexer.expand(String(name), with: { _ in nil }).words
                quoted = try raw.expand(String(name), with: { _ in nil }).words
            } catch {
                throw DockerfileError("\(error.message)", span)
            }
            guard plain.count == 1, let first = plain.first else { return nil }
            self.name = first
            self.span = span
            descriptor = digits.reduce(0) { min($0 * 10 + Int($1.value - 48), 1 << 20) }
            expands = quoted.first.map(Self.quotes) == Self.quotes(first)
        }

        private static func quotes(_ text: String) -> Int {
            text.utf8.count { $0 == Byte.single || $0 == Byte.double }
        }

        /// Every marker among the words of an instruction.
        static func all(in line: LogicalText, _ range: Range<Int>) throws(DockerfileError) -> [Marker] {
            var markers: [Marker] = []
            // What cannot be cut into words has no markers, as in BuildKit: the shell will say what is wrong with it.
            guard isBalanced(line.string(range)) else { return [] }
            var open: Range<Int>?
            for field in line.quotedFields(range, escape: Byte.backslash) {
                let word = line.string(field)
                if let before = open {
                    open = nil
                    if let marker = try Marker(
                        line.string(before) + " " + word, line.span(before.lowerBound..<field.upperBound))
                    {
                        markers.append(marker)
                    }
                    continue
                }
                let mark = word.drop { $0.isASCII && $0.isNumber }
                if mark == "<<" || mark == "<<-" {
                    open = field
                } else if let marker = try Marker(word, line.span(field)) {
                    markers.append(marker)
                }
            }
            return markers
        }

        private static func isBalanced(_ text: String) -> Bool {
            let lexer = VariableExpander(escape: "\\", keepsUnset: true, keepsQuotes: true, keepsEscapes: true)
            // Only whether it can be read is asked.
            return (try? lexer.expand(text, with: { _ in nil })) != nil
        }
    }
}
