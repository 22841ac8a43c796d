// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Terminal

struct DisplayWidthTests {
    @Test(
        arguments: [
            ("", 0), ("abc", 3), ("가나다", 6), ("e\u{301}", 1), ("\u{1112}\u{1161}\u{11AB}", 2),
            ("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", 4), ("👨‍👩‍👧‍👦", 2), ("👍🏽", 2), ("🇰🇷", 2), ("❤️", 2), ("❤", 1),
            ("1️⃣", 2), ("日本", 4), ("ｱｲ", 2), ("Ａ", 2), ("…●❯", 3), ("กำ", 2), ("न\u{93F}", 2), ("🫠", 2), ("𠮷", 2),
            ("a\u{200B}b", 2), ("한", 2), ("½", 1), ("\u{1F1E6}", 1),
        ] as [(String, Int)])
    func `a text is as wide as its clusters on a terminal`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(
        arguments: [
            ("hello", 5, "hello"), ("hello", 4, "hel…"), ("가나다", 5, "가나…"), ("가나다", 4, "가…"), ("가나다", 1, "…"),
            ("가나다", 0, ""), ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, "👨‍👩‍👧‍👦…"),
            ("\u{1112}\u{1161}\u{11AB}글말", 4, "\u{1112}\u{1161}\u{11AB}…"), ("e\u{301}tude", 3, "e\u{301}t…"),
        ] as [(String, Int, String)])
    func `a cut falls between clusters and shows that something was lost`(text: String, columns: Int, cut: String) {
        #expect(Array(text.truncated(to: columns).utf8) == Array(cut.utf8))
        #expect(text.truncated(to: columns).columns <= columns)
    }

    @Test(
        arguments: [
            ("one two", 3, ["one", "two"]), ("one two", 7, ["one two"]), ("abcdef", 4, ["abcd", "ef"]),
            ("가나다라", 5, ["가나", "다라"]), ("a\nb", 9, ["a", "b"]), ("", 4, [""]), ("ab cdefg", 4, ["ab", "cdef", "g"]),
        ] as [(String, Int, [String])])
    func `rows break at spaces first and inside words between clusters`(text: String, columns: Int, rows: [String]) {
        #expect(text.wrapped(to: columns) == rows)
    }

    @Test
    func `padding counts columns on either side`() {
        #expect("가".padded(to: 4) == "가  ")
        #expect("가".padded(to: 4, .right) == "  가")
        #expect("가나".padded(to: 3) == "가나")
    }
}
