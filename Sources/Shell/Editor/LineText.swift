// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// A line that is being edited, as a person sees it: clusters, and a cursor between two of them.
struct LineText: Equatable {
    let clusters: [Character]
    /// How many clusters stand before the cursor.
    let cursor: Int

    init(_ text: String, cursor: Int? = nil) {
        clusters = Array(text)
        self.cursor = cursor ?? clusters.count
    }

    /// Reads libedit's buffer; a cursor inside a cluster counts as one after it.
    init(scalars: some Collection<Unicode.Scalar>, cursor: Int) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        clusters = Array(String(view))
        var place = 0
        var before = 0
        while before < clusters.count, place < cursor {
            place += clusters[before].unicodeScalars.count
            before += 1
        }
        self.cursor = before
    }

    var text: String { String(clusters) }
    var beforeCursor: String { String(clusters[..<cursor]) }
    var isEmpty: Bool { clusters.isEmpty }

    /// Scalars in a range of clusters: libedit counts those.
    func scalarCount(_ range: Range<Int>) -> Int {
        clusters[range].reduce(0) { $0 + $1.unicodeScalars.count }
    }

    /// The clusters of the logical line, between line feeds, in which the cursor stands.
    var currentRow: Range<Int> {
        let start = clusters[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0
        let end = clusters[cursor...].firstIndex(of: "\n") ?? clusters.count
        return start..<end
    }

    /// Where the cursor would stand one logical line higher or lower, at the same display column; `nil` at the edge.
    func cursorOneRow(up: Bool) -> Int? {
        let row = currentRow
        let column = clusters[row.lowerBound..<cursor].reduce(0) { $0 + $1.shownColumns }
        let target: Range<Int>
        if up {
            guard row.lowerBound > 0 else { return nil }
            target = LineText(String(clusters[..<(row.lowerBound - 1)])).currentRow
        } else {
            guard row.upperBound < clusters.count else { return nil }
            let start = row.upperBound + 1
            target = start..<(clusters[start...].firstIndex(of: "\n") ?? clusters.count)
        }
        var place = target.lowerBound
        var reached = 0
        while place < target.upperBound, reached + clusters[place].shownColumns <= column {
            reached += clusters[place].shownColumns
            place += 1
        }
        return place
    }

    /// Where a word to the left begins. A word is letters and digits in any script, or, `bySpaces`, all but blanks.
    func wordStart(bySpaces: Bool) -> Int {
        var place = cursor
        while place > 0, !clusters[place - 1].isWordPart(bySpaces) { place -= 1 }
        while place > 0, clusters[place - 1].isWordPart(bySpaces) { place -= 1 }
        return place
    }

    /// Where a word to the right ends.
    var wordEnd: Int {
        var place = cursor
        while place < clusters.count, !clusters[place].isWordPart(false) { place += 1 }
        while place < clusters.count, clusters[place].isWordPart(false) { place += 1 }
        return place
    }
}

extension Character {
    fileprivate func isWordPart(_ bySpaces: Bool) -> Bool {
        if bySpaces { return !isWhitespace }
        // A symbol that is no ASCII, an emoji for instance, is a word's part too: only punctuation and blanks divide.
        return isLetter || isNumber || (!isASCII && !isWhitespace && !isPunctuation)
    }

    /// What stands on the screen for this cluster inside an edited line.
    var shown: String {
        if isPlain { return String(self) }
        if self == "\t" { return "    " }
        return String(self).neutralised
    }

    /// Columns of ``shown``.
    var shownColumns: Int { isPlain ? 1 : shown.columns }

    /// Printable ASCII, which needs no second look: most of every line is, and all of a line is looked at for each key.
    private var isPlain: Bool {
        // A carriage return with a line feed is one cluster, and the only one of ASCII with two bytes.
        guard utf8.count == 1, let byte = utf8.first else { return false }
        return (0x20..<0x7F).contains(byte)
    }
}
