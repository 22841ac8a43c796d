// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Terminal

struct TableTests {
    private let table = Table(
        [
            .init("CONTAINER ID"), .init("IMAGE", shrinksTo: 8), .init("COMMAND", shrinksTo: 8),
            .init("NAMES", shrinksTo: 6),
        ],
        rows: [
            ["0123456789ab", "node", "\"docker-entrypoint.s…\"", "웹서버"],
            ["ba9876543210", "registry.example.com/한국어/이름이긴이미지:latest", "\"sh\"", "web"],
        ])

    @Test
    func `a wide table is laid out as Docker's`() {
        let table = Table(
            [.init("REPOSITORY"), .init("TAG"), .init("SIZE")],
            rows: [["node", "latest", "1.1GB"], ["가나", "1", "5B"]])
        #expect(
            table.text(width: nil, neutralising: false) == """
                REPOSITORY   TAG       SIZE
                node         latest    1.1GB
                가나         1         5B

                """)
    }

    @Test
    func `a piped table is never cut`() {
        let text = table.text(for: .inMemory())
        #expect(text.contains("registry.example.com/한국어/이름이긴이미지:latest"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test(arguments: [100, 80, 72, 60])
    func `columns start at the same display column in every row and no row is wider than the terminal`(width: Int) {
        let lines = table.text(width: width, neutralising: true).split(separator: "\n")
        #expect(lines.count == 3)
        // The last column's first cluster in each row: N of NAMES, 웹, w of web.
        let starts = zip(lines, ["NAMES", "웹서버", "web"]).map { $0.dropLast($1.count).columns }
        #expect(Set(starts).count == 1)
        #expect(lines.allSatisfy { $0.columns <= width })
        #expect(lines.dropFirst().allSatisfy { $0.prefix(12).allSatisfy(\.isHexDigit) })
    }

    @Test(arguments: [40, 30, 18, 10])
    func `a table too narrow to shrink folds each row into a block that loses nothing`(width: Int) {
        let text = table.text(width: width, neutralising: true)
        #expect(text.split(separator: "\n").allSatisfy { $0.columns <= width })
        let joined = text.filter { !$0.isWhitespace }
        #expect(joined.contains("0123456789ab") || width < 12)
        #expect(joined.contains("registry.example.com/한국어/이름이긴이미지:latest".filter { _ in true }))
        #expect(!text.contains("…\"…"))
    }

    @Test(arguments: [(61, "Exited (0) 3 minutes ago"), (50, "Exited (0) 3…")])
    func `what matters most is cut only when the rest is as narrow as it may be`(width: Int, status: String) {
        let table = Table(
            [
                .init("IMAGE", shrinksTo: 8), .init("COMMAND", shrinksTo: 8),
                .init("STATUS", shrinksTo: 6, shrinksLast: true), .init("NAMES"),
            ],
            rows: [["registry.example.com/node", "\"docker-entry\"", "Exited (0) 3 minutes ago", "web-of-today"]])
        let lines = table.text(width: width, neutralising: true).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[1].contains("registr…"))
        #expect(lines[1].contains(status))
    }

    @Test
    func `an empty table shows its headings`() {
        let table = Table([.init("NAME"), .init("DRIVER")])
        #expect(table.text(width: 80, neutralising: true) == "NAME      DRIVER\n")
    }

    @Test
    func `cells are neutralised for a terminal only`() {
        let table = Table([.init("NAME")], rows: [["a\u{1B}[2Jb"]])
        #expect(table.text(width: 80, neutralising: true).contains("a^[[2Jb"))
        #expect(table.text(width: nil, neutralising: false).contains("a\u{1B}[2Jb"))
    }

    @Test
    func `numbers stand on the right`() {
        let table = Table([.init("SIZE", alignment: .right), .init("NAME")], rows: [["5", "a"], ["1234", "b"]])
        #expect(table.text(width: nil, neutralising: false) == "SIZE   NAME\n   5   a\n1234   b\n")
    }
}
