// SPDX-License-Identifier: Apache-2.0

/// One instruction as it is written: its joined lines and the comments above it.
struct LogicalLine {
    var text = LogicalText()
    /// Where it stands, from the first character of the instruction to the end of its last line.
    var span = TextSpan(0, 0)
    /// The comments directly above, without their `#`.
    var comments: [Word] = []
    /// The end of the instruction where a blank line was among its continuation lines; that is where BuildKit warns.
    var emptyContinuation: TextSpan?
}

/// Cuts a file into instructions: comments and blank lines go, continuation lines are joined.
struct LineReader {
    let text: DockerfileText
    private(set) var directives = DirectiveReader()
    /// The lines without their ends.
    private let lines: [Range<Int>]
    private var number = 0

    init(_ text: DockerfileText) {
        self.text = text
        var lines: [Range<Int>] = []
        var start = 0
        while start < text.bytes.count {
            let newline = text.bytes[start...].firstIndex(of: Byte.newline) ?? text.bytes.count
            var end = newline
            while end > start, text.bytes[end - 1] == Byte.carriageReturn { end -= 1 }
            var begin = start
            if start == 0, text.bytes.starts(with: Byte.orderMark) { begin = min(Byte.orderMark.count, end) }
            lines.append(begin..<end)
            start = newline + 1
        }
        self.lines = lines
    }

    private var escape: UInt8 { directives.directives.escape == "`" ? Byte.backquote : Byte.backslash }

    private func withoutBlanksBefore(_ range: Range<Int>) -> Range<Int> {
        let start = text.bytes[range].firstIndex { !Byte.isBlank($0) } ?? range.upperBound
        return start..<range.upperBound
    }

    /// The line without the escape that continues it, and whether there is one.
    ///
    /// The escape must be the last thing but spaces and tabs and have no other before it, as BuildKit's pattern has it.
    private func continuation(_ range: Range<Int>) -> (Range<Int>, Bool) {
        let kept = text.bytes[range].lastIndex { $0 != Byte.space && $0 != Byte.tab }
        guard let place = kept, text.bytes[place] == escape else { return (range, false) }
        if place > range.lowerBound, text.bytes[place - 1] == escape { return (range, false) }
        return (range.lowerBound..<place, true)
    }

    /// The next instruction, or `nil` at the end of the file.
    mutating func next() throws(DockerfileError) -> LogicalLine? {
        var comments: [Word] = []
        while number < lines.count {
            let line = withoutBlanksBefore(lines[number])
            number += 1
            try directives.read(line, of: text)
            if text.bytes[line].first == Byte.hash {
                let said = line.lowerBound + 1..<line.upperBound
                let comment = String(decoding: text.bytes[said], as: UTF8.self).trimmed
                // An empty comment or a blank line cuts what is above it off from the instruction below.
                if comment.isEmpty { comments = [] } else { comments.append(Word(comment, span(line))) }
                continue
            }
            if line.isEmpty {
                comments = []
                continue
            }
            return joined(from: line, comments)
        }
        return nil
    }

    private func span(_ range: Range<Int>) -> TextSpan { TextSpan(range.lowerBound, range.upperBound) }

    private mutating func joined(from first: Range<Int>, _ comments: [Word]) -> LogicalLine {
        var result = LogicalLine(span: span(first), comments: comments)
        var (content, goesOn) = continuation(first)
        result.text.append(text, content)
        var hasBlankLine = false
        var last = first
        while goesOn, number < lines.count {
            let line = lines[number]
            number += 1
            last = line
            let visible = withoutBlanksBefore(line)
            if visible.isEmpty {
                hasBlankLine = true
                continue
            }
            if text.bytes[visible.lowerBound] == Byte.hash { continue }
            (content, goesOn) = continuation(line)
            result.text.append(text, content)
        }
        result.span = result.span.joined(with: span(last))
        if hasBlankLine { result.emptyContinuation = span(last) }
        return result
    }

    /// The lines up to the one that is `marker`'s name alone.
    mutating func document(_ marker: HereDocument.Marker) throws(DockerfileError) -> HereDocument {
        let start = number < lines.count ? lines[number].lowerBound : text.bytes.count
        while number < lines.count {
            let content = lines[number]
            number += 1
            let line = text.bytes[content]
            let said = marker.stripsTabs ? line.drop { $0 == Byte.tab } : line
            guard said.elementsEqual(marker.name.utf8) else { continue }
            return HereDocument(
                marker, written: text[TextSpan(start, content.lowerBound)], span: TextSpan(start, content.upperBound))
        }
        throw DockerfileError(
            "unterminated heredoc", marker.span, hint: "the line that ends it must say \(marker.name) and nothing else")
    }
}
