// SPDX-License-Identifier: Apache-2.0
import Testing
import TestSupport

/// Tab, and the history, on a real pty.
struct EditorMenuTests {
    @Test
    func `one candidate is inserted, with a blank behind it`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("ins\t")
            try await terminal.waitForRow("dsh ❯ inspect", column: 14)
            terminal.type("\u{15}ru\tx")
            try await terminal.waitForRow("dsh ❯ run x", column: 11)
        }
    }

    @Test
    func `several candidates share what is certain and are offered with a word about each`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("가\t")
            try await terminal.waitForRow("dsh ❯ 가나", column: 10)
            #expect(terminal.screen.text.contains("가나다  Korean"))
            terminal.type("\t")
            try await terminal.waitForRow("dsh ❯ 가나다", column: 12)
            terminal.type("\t")
            try await terminal.waitForRow("dsh ❯ 가나라", column: 12)
            terminal.type("\r")
            try await terminal.wait(for: "the choice without the menu") {
                $0.currentLine == "dsh ❯ 가나라" && $0.cursorColumn == 13 && !$0.text.contains("Korean")
            }
            terminal.type("\r")
            try await terminal.waitFor("LINE:가나라 :")
        }
    }

    @Test
    func `Esc restores the word, and a letter keeps the choice`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("ima\t\t")
            try await terminal.waitForRow("dsh ❯ images", column: 12)
            terminal.type("\u{1B}")
            try await terminal.wait(for: "the word alone") {
                $0.currentLine == "dsh ❯ image" && !$0.text.contains("List images")
            }
            terminal.type("\t\t")
            try await terminal.waitForRow("dsh ❯ images", column: 12)
            terminal.type("x")
            try await terminal.wait(for: "the letter after the choice") {
                $0.currentLine == "dsh ❯ imagesx" && !$0.text.contains("List images")
            }
        }
    }

    @Test
    func `pages say which rows they show, and Back-Tab begins at the end`() async throws {
        try await EditorTerminal.running(rows: 8, columns: 30) { terminal in
            terminal.type("item\t")
            try await terminal.waitFor("rows 1–6 of 40")
            terminal.type("\u{1B}[Z")
            try await terminal.waitForRow("dsh ❯ item40", column: 12)
            #expect(terminal.screen.text.contains("rows 37–40 of 40"))
            terminal.type("\u{1B}[5~")
            try await terminal.waitForRow("dsh ❯ item36", column: 12)
        }
    }

    @Test
    func `a window of eighteen columns gets a menu that fits`() async throws {
        try await EditorTerminal.running(rows: 10, columns: 18) { terminal in
            terminal.type("i\t\t")
            try await terminal.waitForRow("dsh ❯ images", column: 12)
            #expect(terminal.screen.lines.contains { $0.hasPrefix("images") })
            terminal.resize(rows: 10, columns: 60)
            try await terminal.waitFor("images   List images")
            terminal.type("\u{1B}")
            try await terminal.wait(for: "no menu") { $0.currentLine == "dsh ❯ i" && !$0.text.contains("List") }
        }
    }

    @Test
    func `the arrow walks through lines that begin alike and comes back`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("run one\rps\rrun two\r")
            try await terminal.waitFor("LINE:run two:")
            terminal.type("ru\u{1B}[A")
            try await terminal.waitForRow("dsh ❯ run two", column: 13)
            terminal.type("\u{1B}[A")
            try await terminal.waitForRow("dsh ❯ run one", column: 13)
            terminal.type("\u{1B}[B\u{1B}[B")
            try await terminal.waitForRow("dsh ❯ ru", column: 8)
        }
    }

    @Test
    func `Ctrl-R finds what an older line contains, and Esc brings back what was there`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("run -p 3000:80 웹서버\rrun other\r")
            try await terminal.waitFor("LINE:run other:")
            terminal.type("here\u{12}웹")
            try await terminal.waitFor("search history: 웹_")
            try await terminal.waitForRow("dsh ❯ run -p 3000:80 웹서버", column: 21)
            terminal.type("\u{1B}")
            try await terminal.waitForRow("dsh ❯ here", column: 10)
            terminal.type("\u{12}run\u{12}\r")
            try await terminal.wait(for: "the older line, run") {
                $0.text.components(of: "LINE:run -p 3000:80 웹서버:") == 2
            }
        }
    }

    @Test
    func `Ctrl-C closes menu and search and drops the line`() async throws {
        try await EditorTerminal.running { terminal in
            terminal.type("ima\t\t")
            try await terminal.waitForRow("dsh ❯ images", column: 12)
            terminal.type("\u{3}")
            try await terminal.wait(for: "a fresh prompt") {
                $0.text.contains("INTERRUPTED") && $0.currentLine == "dsh ❯"
            }
            #expect(!terminal.screen.text.contains("List images"))
            terminal.type("\u{12}xyz")
            try await terminal.waitFor("nothing found: xyz_")
            terminal.type("\u{3}")
            try await terminal.wait(for: "a second prompt") { $0.currentLine == "dsh ❯" && $0.cursorColumn == 6 }
            terminal.type("y\r")
            try await terminal.waitFor("LINE:y:")
        }
    }

    @Test
    func `.editrc binds keys, switches to vi, and its bad lines are named`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let path = try roots.write(
                """
                # a comment
                bind -v
                bind "^G" dsh-undo
                no-such-command
                bind ^[[24~ dsh-clear-screen
                bind ^[[A dsh-row-start
                edit off
                dsh:bind -a H dsh-row-start
                """, to: "editrc")
            try await useVi(settings: path)
        }
    }

    private func useVi(settings path: String) async throws {
        try await EditorTerminal.running(environment: ["EDITRC": path]) { terminal in
            #expect(terminal.screen.text.contains("BAD \(path):4: no-such-command"))
            #expect(terminal.screen.text.contains("BAD \(path):7: edit off"))
            terminal.type("가나 다라")
            try await terminal.waitForRow("dsh ❯ 가나 다라", column: 15)
            terminal.type("\u{1B}")
            try await terminal.waitForRow("dsh ❯ 가나 다라", column: 13)
            terminal.type("hxH")
            try await terminal.waitForRow("dsh ❯ 가나 라", column: 6)
            terminal.type("dwi")
            try await terminal.waitForRow("dsh ❯ 라", column: 6)
            terminal.type("x\u{1B}[24~")
            try await terminal.wait(for: "a cleared screen") { $0.lines[0] == "dsh ❯ x라" }
            terminal.type("\u{1B}[F")
            try await terminal.waitForRow("dsh ❯ x라", column: 9)
            terminal.type("\u{1B}[A")
            try await terminal.waitForRow("dsh ❯ x라", column: 6)
        }
    }
}

extension String {
    /// How often `part` occurs.
    func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.range(ofText: part) {
            count += 1
            rest = rest[range...]
        }
        return count
    }
}

extension Substring {
    /// The index behind the first occurrence of `part`.
    fileprivate func range(ofText part: String) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
