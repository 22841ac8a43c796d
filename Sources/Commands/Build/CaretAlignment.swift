// SPDX-License-Identifier: Apache-2.0
import Terminal

extension String {
    /// The text with each mark (`^~~~`) below a line of a file moved to the columns that its characters take.
    ///
    /// Who reports a place in a file counts characters, since only a terminal knows that Hangul is two columns wide.
    var caretsByWidth: String {
        var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for index in lines.indices.dropFirst() {
            let margin = lines[index].prefix { $0 == " " || $0 == "\t" }
            let mark = lines[index].dropFirst(margin.count)
            guard mark.first == "^", mark.dropFirst().allSatisfy({ $0 == "~" }) else { continue }
            let above = lines[index - 1]
            guard above.contains(where: { $0.columns != 1 && $0 != "\t" }), margin.count <= above.count else {
                continue
            }
            let before = above.prefix(margin.count)
            let marked = above.dropFirst(margin.count).prefix(mark.count)
            // A tab stays a tab: how far it goes is known to the terminal alone.
            let blanks = before.map { $0 == "\t" ? "\t" : String(repeating: " ", count: $0.columns) }.joined()
            let width = max(1, marked.columns + mark.count - marked.count)
            lines[index] = blanks + "^" + String(repeating: "~", count: width - 1)
        }
        return lines.joined(separator: "\n")
    }
}
