// SPDX-License-Identifier: Apache-2.0
import Terminal
import Testing

@testable import Shell

struct FrameTests {
    private func frame(_ text: String, width: Int, cursor: Int? = nil, hasColour: Bool = false) -> Frame {
        var builder = FrameBuilder(width: width, hasColour: hasColour)
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            if index == cursor ?? characters.count { builder.markCursor() }
            builder.append(character)
        }
        if cursor ?? characters.count == characters.count { builder.markCursor() }
        return builder.frame()
    }

    @Test(
        arguments: [
            ("abc", 10, ["abc"], 0, 3), ("abcd", 4, ["abcd", ""], 1, 0), ("abcde", 4, ["abcd", "e"], 1, 1),
            ("가나다", 5, ["가나", "다"], 1, 2), ("a가나", 4, ["a가", "나"], 1, 2), ("a\nb", 4, ["a", "b"], 1, 1),
            ("👨‍👩‍👧가", 2, ["👨‍👩‍👧", "가", ""], 2, 0), ("\u{1B}x", 4, ["^[x"], 0, 3), ("가", 1, ["가", ""], 1, 0),
        ] as [(String, Int, [String], Int, Int)])
    func `rows break where the terminal would, and a full row sends the cursor to a new one`(
        text: String, width: Int, rows: [String], cursorRow: Int, cursorColumn: Int
    ) {
        let frame = frame(text, width: width)
        #expect(frame.rows.map(\.text) == rows)
        #expect((frame.cursorRow, frame.cursorColumn) == (cursorRow, cursorColumn))
    }

    @Test
    func `each row opens and closes its own looks`() {
        var builder = FrameBuilder(width: 3, hasColour: true)
        builder.append([StyledText("abcd", .red)])
        #expect(builder.frame().rows.map(\.text) == ["\u{1B}[31mabc\u{1B}[0m", "\u{1B}[31md\u{1B}[0m"])
    }

    @Test
    func `without colour only the choice is marked`() {
        var builder = FrameBuilder(width: 20, hasColour: false)
        builder.append([StyledText("a", .red), StyledText("b", .reversed)])
        #expect(builder.frame().rows.map(\.text) == ["a\u{1B}[7mb\u{1B}[0m"])
    }

    @Test(arguments: [(0, 0), (5, 3), (9, 7)])
    func `a window keeps the cursor in sight`(cursorRow: Int, first: Int) {
        let rows = (0..<10).map { Frame.Row(text: "\($0)", columns: 1) }
        let window = Frame(rows: rows, cursorRow: cursorRow, cursorColumn: 0).window(height: 3)
        #expect(window.rows.map(\.text) == (first..<first + 3).map(String.init))
        #expect(window.rows[window.cursorRow].text == "\(cursorRow)")
    }
}

struct MenuTests {
    private func menu(_ count: Int, described: Bool = true) -> Menu {
        Menu((0..<count).map { .init("name\($0)", description: described ? "what name\($0) does" : "") })
    }

    @Test(
        arguments: [
            (60, true, 2, 17), (30, true, 1, 16), (18, true, 1, 10), (14, true, 2, 0), (60, false, 8, 0),
            (4, false, 1, 0),
        ])
    func `descriptions give way to columns where there is no room`(
        width: Int, described: Bool, columns: Int, description: Int
    ) {
        let grid = menu(8, described: described).grid(width: width)
        #expect(grid.columns == columns)
        #expect(grid.descriptionWidth >= min(description, 10) && grid.descriptionWidth <= width)
        #expect((grid.descriptionWidth > 0) == (description > 0))
        let rows = menu(8, described: described).rows(width: width, height: 20).rows
        #expect(rows.allSatisfy { $0.reduce(0) { $0 + $1.text.columns } <= width })
    }

    @Test
    func `steps go round the ends`() {
        var menu = menu(5, described: false)
        menu.move(.next, width: 80, pageRows: 3)
        #expect(menu.chosen == 0)
        menu.move(.previous, width: 80, pageRows: 3)
        #expect(menu.chosen == 4)
        menu.move(.next, width: 80, pageRows: 3)
        #expect(menu.chosen == 0)
    }

    @Test
    func `left and right stay in their row`() {
        // Two columns of three rows, the second with two: 0 3 / 1 4 / 2.
        var menu = menu(5, described: false)
        for _ in 0..<3 { menu.move(.next, width: 14, pageRows: 3) }
        #expect(menu.grid(width: 14).rows == 3 && menu.chosen == 2)
        menu.move(.right, width: 14, pageRows: 3)
        #expect(menu.chosen == 2)
        menu.move(.up, width: 14, pageRows: 3)
        menu.move(.left, width: 14, pageRows: 3)
        #expect(menu.chosen == 4)
        menu.move(.left, width: 14, pageRows: 3)
        #expect(menu.chosen == 1)
    }

    @Test
    func `a long menu shows the page of its choice`() {
        var menu = menu(40)
        #expect(menu.rows(width: 30, height: 9).page == 0..<8)
        for _ in 0..<10 { menu.move(.next, width: 30, pageRows: 8) }
        #expect(menu.rows(width: 30, height: 9).page == 8..<16)
        #expect(menu.rows(width: 30, height: 40).page == nil)
    }

    @Test
    func `a name cannot command the terminal`() {
        let menu = Menu([.init("a\u{1B}[2J", description: "b\nc")])
        let text = menu.rows(width: 40, height: 5).rows[0].map(\.text).joined()
        #expect(text.hasPrefix("a^[[2J  b^Jc"))
    }

    @Test(arguments: [(["가나다", "가나라"], "가나"), (["\u{1100}\u{1161}", "\u{1100}\u{1162}"], ""), (["a"], "a"), ([], "")])
    func `what is certain ends between clusters`(words: [String], prefix: String) {
        #expect(Completion(start: 0, candidates: words.map { .init($0) }).commonPrefix == prefix)
    }
}

struct LineTextTests {
    @Test(
        arguments: [
            ("run  -it node", 13, 9), ("가나 다라", 5, 3), ("a/b.c", 5, 4), ("x", 0, 0), ("a 👨‍👩‍👧", 3, 2),
        ] as [(String, Int, Int)])
    func `words end at blanks and punctuation`(text: String, cursor: Int, word: Int) {
        #expect(LineText(text, cursor: cursor).wordStart(bySpaces: false) == word)
    }

    @Test
    func `a cursor inside a cluster counts as one after it`() {
        let line = LineText(scalars: Array("e\u{301}x".unicodeScalars), cursor: 1)
        #expect(line.cursor == 1)
        #expect(line.scalarCount(0..<1) == 2)
    }

    @Test
    func `the row above is met at the same column`() {
        let line = LineText("가나다\nabcdef\nx", cursor: 8)  // behind abcd
        #expect(line.cursorOneRow(up: true) == 2)
        #expect(line.cursorOneRow(up: false) == 12)
        #expect(LineText("one").cursorOneRow(up: true) == nil)
    }

    @Test(arguments: [("a\r\nb\rc\n\n", "a\nb\nc"), ("\u{1B}[31mred\u{7}", "[31mred"), ("tab\there", "tab\there")])
    func `a paste has line feeds and no other controls`(text: String, cleaned: String) {
        #expect(KeyReader.cleaned(text) == cleaned)
    }

    @Test(
        arguments: [
            ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[1;5C", .wordRight), ("\u{1B}[1;3D", .wordLeft),
            ("\u{1B}[1;2C", .right), ("\u{1B}[3~", .delete), ("\u{1B}[7~", .home), ("\u{1B}[4~", .end),
            ("\u{1B}[Z", .backTab),
            ("\u{1B}[5~", .pageUp), ("\u{1B}[I", nil), ("\u{1B}[24~", nil),
        ] as [(String, NamedKey?)])
    func `sequences of many terminals name the same keys`(sequence: String, key: NamedKey?) {
        #expect(NamedKey(sequence: sequence) == key)
    }
}
