// SPDX-License-Identifier: Apache-2.0

extension Character {
    /// Columns that a terminal gives to this grapheme cluster: 0, 1 or 2, more only for scripts whose marks take room.
    ///
    /// A family emoji is two columns although its scalars add up to six, decomposed Hangul (NFD) is as wide as the
    /// syllable it makes, a combining mark adds nothing. Control characters count as 0: show them with
    /// ``Swift/StringProtocol/neutralised`` first. Ambiguous characters (`…`, `●`) are narrow, as in a UTF-8 locale.
    ///
    /// Source: Unicode Standard Annex 11 (East Asian Width) and UTS 51 (emoji presentation).
    public var columns: Int {
        let scalars = unicodeScalars
        let first = scalars[scalars.startIndex]
        if first.value < 0x7F, utf8.count == 1 { return first.value >= 0x20 ? 1 : 0 }
        var width = first.columns
        var rest = scalars.dropFirst()[...]
        guard !rest.isEmpty else { return width }
        if (0x1F1E6...0x1F1FF).contains(first.value) { return 2 }  // a flag: two regional indicators
        if first.properties.isEmoji, rest.contains(where: { $0.value == 0xFE0F }) { return 2 }
        // Everything after the base of a joined or toned emoji is drawn inside it.
        if width == 2, first.properties.isEmojiPresentation { return 2 }
        while let next = rest.popFirst() { width += next.columns }
        return width
    }
}

extension Character {
    /// Columns on a terminal that knows no clusters and draws each scalar by itself: a family emoji takes six.
    public var columnsOneByOne: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }
}

extension Unicode.Scalar {
    /// Columns of a scalar that stands alone.
    var columns: Int {
        if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) ? 0 : 1 }
        if (0xAC00...0xD7A3).contains(value) || (0x4E00...0x9FFF).contains(value) { return 2 }
        // Vowels and final consonants of decomposed Hangul join the leading consonant, which is already wide.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) { return 0 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        if WideRanges.contain(value) { return 2 }
        // Regional indicators have emoji presentation, yet one alone takes a single column.
        return properties.isEmojiPresentation && !(0x1F1E6...0x1F1FF).contains(value) ? 2 : 1
    }
}

extension StringProtocol {
    /// Columns that a terminal gives to this text on one row.
    public var columns: Int {
        let text = utf8
        if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.count }
        return reduce(into: 0) { $0 += $1.columns }
    }
}

/// What East Asian Width calls W or F, without the emoji: the standard library knows those (Unicode 15.0).
///
/// Gaps of unassigned code points inside a block are closed. The hexagrams and monograms that Unicode 16 widened are
/// left out, since neither terminals nor the C library's `wcwidth` have followed.
private enum WideRanges {
    private static let ranges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3040...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]

    static func contain(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        return ranges.contains { $0.contains(value) }
    }
}
