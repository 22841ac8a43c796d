// SPDX-License-Identifier: Apache-2.0

extension Parser {
    /// Reads a redirection where one starts; `nil` where something else does.
    mutating func redirection() throws(SyntaxError) -> Redirection? {
        let start = offset
        var mark = offset
        var both = false
        while mark < end, Byte.isDigit(bytes[mark]) { mark += 1 }
        if mark == start, mark + 1 < end, bytes[mark] == Byte.ampersand, bytes[mark + 1] == Byte.greater {
            both = true
            mark += 1
        }
        guard mark < end, bytes[mark] == Byte.less || bytes[mark] == Byte.greater else { return nil }
        let isInput = bytes[mark] == Byte.less
        var streams: [Redirection.Stream] = both ? [.output, .error] : [isInput ? .input : .output]
        if !both, mark > start {
            let number = source[SourceSpan(start, mark)]
            guard let value = Int32(number), let stream = Redirection.Stream(rawValue: value) else {
                throw SyntaxError(.noSuchDescriptor(number), SourceSpan(start, mark))
            }
            streams = [stream]
        }
        offset = mark + 1
        let doubled = offset < end && bytes[offset] == bytes[mark]
        if doubled { offset += 1 }
        if isInput, doubled { throw SyntaxError(.hereDocument, SourceSpan(start, offset)) }
        if !doubled, !both, offset < end, bytes[offset] == Byte.ampersand {
            offset += 1
            let source = try copied(from: start)
            return Redirection(streams: streams, target: .copy(of: source), span: SourceSpan(start, offset))
        }
        if offset < end, bytes[offset] == Byte.pipe || (isInput && bytes[offset] == Byte.greater) { throw unexpected() }
        let file = try file(after: SourceSpan(start, offset))
        let target: Redirection.Target = isInput ? .read(file) : doubled ? .append(file) : .write(file)
        return Redirection(streams: streams, target: target, span: SourceSpan(start, file.span.end))
    }

    /// The number behind `>&`.
    private mutating func copied(from start: Int) throws(SyntaxError) -> Redirection.Stream {
        let first = offset
        while offset < end, !Byte.endsWord(bytes[offset]), !isLineEnd(offset) { offset += 1 }
        let text = source[SourceSpan(first, offset)]
        guard let number = Int32(text), let stream = Redirection.Stream(rawValue: number) else {
            throw SyntaxError(.noSuchDescriptor(text.isEmpty ? ">&" : text), SourceSpan(start, offset))
        }
        return stream
    }

    private mutating func file(after mark: SourceSpan) throws(SyntaxError) -> Word {
        let place = trail.place
        skipBlanks()
        trail.place = .file
        guard offset < end, !Byte.endsWord(bytes[offset]), !isLineEnd(offset) else {
            throw SyntaxError(.noFile(source[mark]), mark)
        }
        let word = try word()
        // The cursor is still in the name when that reaches to the end of the text.
        if offset < end { trail.place = place }
        return word
    }
}
