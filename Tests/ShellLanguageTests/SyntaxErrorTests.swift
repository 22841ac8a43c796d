// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ShellLanguage

struct SyntaxErrorTests {
    @Test(
        arguments: [
            ("ps 'a", .unclosedQuote("'"), 3, 4), ("ps \"a", .unclosedQuote("\""), 3, 4),
            ("ps $'a", .unclosedQuote("'"), 3, 5),
            ("! a \"b", .unclosedQuote("\""), 4, 5), ("! a `b", .unclosedQuote("`"), 4, 5),
            ("ps $(a", .unclosedParenthesis, 3, 5),
            ("ps \"$(docker ps\"", .unclosedQuote("\""), 15, 16), ("ps \"$(docker ps", .unclosedParenthesis, 4, 6),
            ("! (a", .unclosedParenthesis, 2, 3),
            ("ps ${a", .unclosedBrace, 3, 5),
            ("ps ${a:-b", .unclosedBrace, 3, 5), ("ps \\", .danglingBackslash, 3, 4),
            ("ps |", .nothingAfter("|"), 3, 4),
            ("ps &&", .nothingAfter("&&"), 3, 5), ("ps || # x\n", .nothingAfter("||"), 3, 5),
            ("ps | a |", .nothingAfter("|"), 7, 8),
            ("; ps", .unexpected(";"), 0, 1), ("ps;\n\n;", .unexpected(";"), 5, 6),
            ("ps ;; a", .unexpected(";;"), 3, 5), ("| a", .unexpected("|"), 0, 1), ("&& a", .unexpected("&&"), 0, 2),
            ("ps | ; a", .unexpected(";"), 5, 6), ("ps | | a", .unexpected("|"), 5, 6),
            ("ps )", .unexpected(")"), 3, 4), ("ps && ; a", .unexpected(";"), 6, 7),
            ("ps > ", .noFile(">"), 3, 4), ("ps >> ;", .noFile(">>"), 3, 5), ("ps < | a", .noFile("<"), 3, 4),
            ("ps 3> f", .noSuchDescriptor("3"), 3, 4),
            ("ps 2>&9", .noSuchDescriptor("9"), 3, 7), ("ps >&f", .noSuchDescriptor("f"), 3, 6),
            ("ps >|f", .unexpected("|"), 4, 5), ("ps <>f", .unexpected(">"), 4, 5),
            ("ps << E", .hereDocument, 3, 5), ("! a <<E", .hereDocument, 4, 6), ("ps |& a", .pipeOfBothStreams, 3, 5),
            ("> f", .unexpected("> f"), 0, 3), ("2>> f ps", .unexpected("2>> f"), 0, 5),
            ("@ >f ls", .unexpected(">f"), 2, 4),
            ("if true; then", .block("if"), 0, 2), ("for a in b", .block("for"), 0, 3),
            ("ps; while x", .block("while"), 4, 9), ("{ ps; }", .block("{"), 0, 1),
            ("ps && }", .block("}"), 6, 7), ("function f", .block("function"), 0, 8),
            ("case x in", .block("case"), 0, 4), ("(ps)", .group, 0, 1),
            ("f() { ps; }", .function("f"), 0, 2), ("f () ps", .function("f"), 0, 3),
            ("ps a (b", .unexpected("("), 5, 6), ("A=b", .assignment("A"), 0, 2),
            ("A=b ps", .assignment("A"), 0, 2), ("ps `a`", .backquotes, 3, 4), ("ps \"`a`\"", .backquotes, 4, 5),
            ("ps $$", .unknownVariable("$$"), 3, 5),
            ("ps ${a%b}", .unknownVariable("${a%b}"), 3, 9), ("ps ${}", .unknownVariable("${}"), 3, 6),
            ("ps ${1a}", .unknownVariable("${1a}"), 3, 8),
            ("ps $((1+1))", .unknownVariable("$((…))"), 3, 6), ("ps $()", .unexpected("$()"), 3, 6),
            ("ps $'\\q'", .unknownEscape("\\q"), 5, 7),
            ("ps $'\\x80'", .unknownEscape("\\x80"), 5, 9), ("ps $'\\x0'", .unknownEscape("\\x0"), 5, 8),
            ("ps $'\\uD800'", .unknownEscape("\\uD800"), 5, 11),
            ("@", .nothingForContainer, 0, 1), ("@ | a", .nothingForContainer, 0, 1), ("!", .nothingForHost, 0, 1),
            ("! ; a", .unexpected(";"), 2, 3),
            ("expect", .nothingToExpect, 0, 6), ("expect ; a", .nothingToExpect, 0, 6),
            ("expect status 1", .nothingToExpect, 7, 15),
            ("expect a status b", .noStatus("b"), 16, 17), ("expect a status 256", .noStatus("256"), 16, 19),
            ("expect ! a status -1", .noStatus("-1"), 18, 20),
            ("expect a status 1 status 2", .secondStatus, 16, 17), ("rm $(docker ps; if)", .block("if"), 16, 18),
        ] as [(String, SyntaxError.Reason, Int, Int)])
    func `a mistake is named and its characters are known`(
        text: String, reason: SyntaxError.Reason, start: Int, end: Int
    ) {
        #expect(throws: SyntaxError(reason, SourceSpan(start, end))) { try Program(parsing: SourceText(text)) }
    }

    @Test(arguments: [
        "ps 'a", "ps \"a\nb", "ps \\", "ps |", "ps &&", "ps ||\n", "a; ps $(x", "ps ${x", "! echo 'a", "ps | grep \"",
        "ps | a |", "$'x",
        "rm $(docker ps", "expect ps | grep '",
    ])
    func `an unfinished line goes on`(line: String) { #expect(Program.isIncomplete(line)) }

    @Test(arguments: ["", "ps", "ps 'a'", "if", "ps > ", "ps \\\n", "ps &", "ps;", "# 'a", "ps | | a", "@", "!"])
    func `a finished or hopeless line does not go on`(line: String) { #expect(!Program.isIncomplete(line)) }

    @Test func `a report shows the place, the sentence, the line and a mark under it`() throws {
        let source = SourceText("ps\n\trun '가나' ${a%b} c\r\nx", name: "lesson.dsh")
        #expect {
            try Program(parsing: source)
        } throws: { error in
            let report = (error as? SyntaxError)?.report(in: source) { $0.isASCII ? 1 : 2 }
            return report == """
                lesson.dsh:2:11: ${a%b} is no variable of dsh
                  \trun '가나' ${a%b} c
                  \t           ^~~~~~
                """
        }
    }

    @Test func `a report about what was typed names dsh`() {
        let error = SyntaxError(.backquotes, SourceSpan(3, 4))
        #expect(error.report(in: SourceText("ps `a`"), sentence: "아니요") == "dsh:1:4: 아니요\n  ps `a`\n     ^")
    }

    @Test(arguments: [
        ([0x70, 0x73, 0xFF, 0x41], 2), ([0x70, 0x00], 1), ([0xEA, 0xB0], 0), ([0x61, 0xED, 0xA0, 0x80], 1),
    ])
    func `bytes that are no text are refused where they stand`(bytes: [UInt8], offset: Int) {
        #expect {
            try SourceText(bytes: bytes, name: "a.out")
        } throws: {
            ($0 as? SyntaxError)?.reason == .notText && ($0 as? SyntaxError)?.span.start == offset
        }
    }
}
