// SPDX-License-Identifier: Apache-2.0

/// The text of one instruction with its continuation lines joined, each byte knowing where it stood.
struct LogicalText {
    private(set) var bytes: [UInt8] = []
    private var offsets: [Int] = []
    /// Where the text would go on; the place of an empty span at its end.
    private var end = 0

    mutating func append(_ source: DockerfileText, _ range: Range<Int>) {
        bytes += source.bytes[range]
        offsets += range
        end = range.upperBound
    }

    /// All of it.
    var range: Range<Int> { 0..<bytes.count }

    /// Where a part stands in the file.
    func span(_ range: Range<Int>) -> TextSpan {
        guard let first = offsets[range].first, let last = offsets[range].last else {
            let place = range.lowerBound < offsets.count ? offsets[range.lowerBound] : end
            return TextSpan(place, place)
        }
        return TextSpan(first, last + 1)
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func word(_ range: Range<Int>) -> Word { Word(string(range), span(range)) }

    /// A part without the blanks at both its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        guard let first = bytes[range].firstIndex(where: { !Byte.isBlank($0) }),
            let last = bytes[range].lastIndex(where: { !Byte.isBlank($0) })
        else { return range.lowerBound..<range.lowerBound }
        return first..<last + 1
    }

    /// The first word of a part and what follows the blanks behind it.
    func firstWord(_ range: Range<Int>) -> (word: Range<Int>, rest: Range<Int>) {
        let part = trimmed(range)
        let end = bytes[part].firstIndex(where: Byte.isBlank) ?? part.upperBound
        return (part.lowerBound..<end, trimmed(end..<part.upperBound))
    }

    /// The parts between blanks; quotes mean nothing here.
    func fields(_ range: Range<Int>) -> [Range<Int>] {
        bytes[range].split(whereSeparator: Byte.isBlank).map { $0.startIndex..<$0.endIndex }
    }

    /// The parts between blanks that are outside quotes and not escaped; quotes and escapes stay.
    func quotedFields(_ range: Range<Int>, escape: UInt8) -> [Range<Int>] {
        var fields: [Range<Int>] = []
        var start: Int?
        var quote: UInt8?
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            if quote == nil, Byte.isBlank(byte) {
                if let begun = start { fields.append(begun..<position) }
                start = nil
                position += 1
                continue
            }
            start = start ?? position
            if byte == escape, quote != Byte.single {
                // An escape at the very end escapes nothing and is left out.
                if position + 1 == range.upperBound { break }
                position += 1
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == Byte.single || byte == Byte.double {
                quote = byte
            }
            position += 1
        }
        if let begun = start, begun < position { fields.append(begun..<min(position, range.upperBound)) }
        return fields
    }
}
