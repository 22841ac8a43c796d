// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

struct ExpansionTests {
    static let values = [
        "PWD": "/home", "SHELL": "bash", "KOREAN": "한국어", "NULL": "", "F": "xxyy", "P": "/tmp/tmp/bar.txt",
        "G": "foobarbaz", "W": "x", "TWO": "a b", "STAR": "*x", "S": "()[]{}^$.*?|\\x", "가": "나", "_a1": "u",
        "LINES": "a\nb",
    ]

    static func expand(_ text: String, escape: Character = "\\") throws(ExpansionFailure) -> Expansion {
        try VariableExpander(escape: escape).expand(text) { values[$0] }
    }

    @Test(
        arguments: [
            ("hello", "hello"), ("he'll'o", "hello"), ("he\\'llo", "he'llo"), ("abc\\tdef", "abctdef"),
            ("\"abc\\tdef\"", "abc\\tdef"), ("\"abc\\\\tdef\"", "abc\\tdef"), ("'abc\\tdef'", "abc\\tdef"),
            ("hello\\", "hello"),
            ("hello\\\\", "hello\\"), ("\"hel'lo\"", "hel'lo"), ("'hello\\'", "hello\\"), ("'hel\"lo'", "hel\"lo"),
            ("\"''\"", "''"), ("$.", "$."), ("he$1x", "hex"), ("he$.x", "he$.x"), ("he$", "he$"),
            ("he\\$PWD", "he$PWD"),
            ("'he$PWD'", "he$PWD"), ("he\\\\$PWD", "he\\/home"), ("\"he\\$PWD\"", "he$PWD"),
            ("\"he\\\\$PWD\"", "he\\/home"),
            ("${}x", nil), ("${PWD", nil), ("${", nil), ("${{PWD}", nil), ("${:PWD}", nil), ("he${hi}xx", "hexx"),
            ("he${PWD}", "he/home"), ("he${.}", nil), ("he${XXX:-000}xx", "he000xx"), ("he${PWD:-000}xx", "he/homexx"),
            ("he${XXX:-$PWD}xx", "he/homexx"), ("he${XXX:-${PWD:-yyy}}xx", "he/homexx"),
            ("he${XXX:-${YYY:-yyy}}xx", "heyyyxx"),
            ("he${XXX:YYY}", nil), ("he${XXX?}", nil), ("he${XXX:?err}", nil), ("he${PWD?err}", "he/home"),
            ("he${NULL?err}", "he"),
            ("he${NULL:?err}", nil), ("he${XXX:+${PWD}}xx", "hexx"), ("he${PWD:+${SHELL}}xx", "hebashxx"),
            ("he${XXX:+000}xx", "hexx"), ("he${PWD:+000}xx", "he000xx"), ("'he${XX}'", "he${XX}"),
            ("\"he${PWD}\"", "he/home"),
            ("\"he'$PWD'\"", "he'/home'"), ("\"$PWD\"", "/home"), ("'$PWD'", "$PWD"), ("'\\$PWD'", "\\$PWD"),
            ("'\"hello\"'", "\"hello\""), ("he$PWD", "he/home"), ("\\${}", "${}"), ("\"\\${}aaa\"", "${}aaa"),
            ("he\\$PWDx\\x", "he$PWDxx"), ("한글", "한글"), ("'한글'", "한글"), ("안녕$KOREAN", "안녕한국어"), ("${가}", "나"),
            ("$가", "나"),
            ("${NULL:-e}${NULL-e}", "e"), ("${NULL:+e}${NULL+e}", "e"), ("${XXX+e}${XXX-f}", "f"), ("$_a1", "u"),
            ("$12a", "a"),
            ("$@$*$#$?$-$!", ""), ("$$PWD", "PWD"), ("${#}", ""), ("${-x}", nil), ("${F=aaa}", nil), ("${F:=a}", nil),
            ("${XXX:-a b}", "a b"), ("${XXX:-\"a}\"}", "a}"), ("${XXX:-'$PWD'}", "$PWD"), ("${XXX:-\\}}", "}"),
            ("a${XXX:-b", nil),
            ("\"$(cmd)\"", "$(cmd)"), ("a\\ b", "a b"), ("'a", nil), ("\"a", nil), ("\"a\\", nil), ("he\\\\'llo", nil),
        ] as [(String, String?)])
    func `a word is expanded as BuildKit does`(text: String, expected: String?) {
        #expect((try? Self.expand(text))?.text == expected)
    }

    @Test(
        arguments: [
            ("${S#()[]{\\}^$.\\*\\?|\\\\}", "x"), ("${F#*x*y}", "y"), ("${F#*}", "xxyy"), ("${F##*}", ""),
            ("${F#$W}", "xyy"),
            ("${F#$NULL}", "xxyy"), ("${F#}", "xxyy"), ("${F##*x}", "yy"), ("${F##}", "xxyy"),
            ("${XXX:-.}${F%x}${XXX:-.}", ".xxyy."),
            ("${F%}", "xxyy"), ("${F%%$NULL}", "xxyy"), ("${F%y*}", "xxy"), ("${F%%y*}", "xx"), ("${F%?}", "xxy"),
            ("${F#??}", "yy"),
            ("${F#?????}", "xxyy"), ("${G#f*b}", "arbaz"), ("${G##f*b}", "az"), ("${G%b*}", "foobar"),
            ("${G%%b*}", "foo"),
            ("${G/ba/fo}", "fooforbaz"), ("${G//ba/fo}", "fooforfoz"), ("${G/b*/X}", "fooX"),
            ("${G//?/-}", "---------"),
            ("${F///}", "xxyy"), ("${XXX///}", ""), ("${F/$NULL/ww}", "wwxxyy"), ("${F//$NULL/-}", "-x-x-y-y-"),
            ("${F//ww}", nil),
            ("${F//}", nil), ("${P/\\/tmp/} ${P//\\/tmp/}", "/tmp/bar.txt /bar.txt"),
            ("${P//\\//\\/}", "\\/tmp\\/tmp\\/bar.txt"),
            ("${F#\\x}", nil), ("${F%\\}", nil), ("${STAR#\\*}", "x"), ("${STAR#*}", "*x"), ("${F/x/$PWD}", "/homexyy"),
            ("${F//x*/}", ""),
            ("${F//x/$1}", "yy"), ("${LINES#*b}", "a\nb"), ("${LINES%b}", "a\n"), ("${F:#x}", "xyy"),
            ("${F//y/'a b'}", "xxa ba b"),
            ("${KOREAN%?}", "한국"), ("${F%'x*'}", "x"), ("${F/x", nil), ("${F/x/y", nil),
        ] as [(String, String?)])
    func `patterns cut and replace`(text: String, expected: String?) {
        #expect((try? Self.expand(text))?.text == expected)
    }

    @Test(
        arguments: [
            ("hello there", ["hello", "there"]), (" a  b\tc ", ["a", "b", "c"]), ("\"a b\" c", ["a b", "c"]),
            ("a\\ b", ["a b"]),
            ("$TWO", ["a", "b"]), ("\"$TWO\"", ["a b"]), ("x$TWO!", ["xa", "b!"]), ("${XXX:-c d}", ["c", "d"]),
            ("\"\" x", ["x"]),
            ("", []), ("$NULL", []), ("'a'\"b\"c", ["abc"]), ("80 $TWO", ["80", "a", "b"]),
        ] as [(String, [String])])
    func `a text is cut at the blanks of values too`(text: String, words: [String]) throws {
        #expect(try Self.expand(text).words == words)
    }

    @Test(
        arguments: [
            ("ab${x", "syntax error: missing '}'", 2, 5), ("가${}", "syntax error: bad substitution", 3, 6),
            ("${x?no $PWD}", "x: no /home", 0, 12), ("${x?}", "x: is not allowed to be unset", 0, 5),
            ("${NULL:?}", "NULL: is not allowed to be empty", 0, 9),
            ("a 'b", "unexpected end of statement while looking for matching single-quote", 2, 4),
            ("\"", "unexpected end of statement while looking for matching double-quote", 0, 1),
            ("${F@Q}", "unsupported modifier (@) in substitution", 0, 4),
            ("${F:=x}", "unsupported modifier (:=) in substitution", 0, 5),
            ("${F/a}", "syntax error: missing '/' in ${}", 0, 6),
            ("${F#\\q}", "invalid pattern (\\q) in substitution: invalid escape '\\q'", 0, 7),
        ] as [(String, String, Int, Int)])
    func `a mistake in a variable has its place`(text: String, message: String, start: Int, end: Int) {
        #expect(throws: ExpansionFailure(message: message, range: start..<end)) { try Self.expand(text) }
    }

    @Test func `what was asked for is known`() throws {
        let expansion = try Self.expand("$PWD ${NOPE:-$ALSO} '$NOT' \\$NOT $PWD ${F+$MORE}")
        #expect(expansion.used == ["PWD", "F"])
        #expect(expansion.unset == ["ALSO", "NOPE", "MORE"])
    }

    @Test func `the other escape and the other rules`() throws {
        #expect(try Self.expand("c:\\a`$PWD\\", escape: "`").text == "c:\\a$PWD\\")
        let shown = VariableExpander(escape: "\\", keepsUnset: true, keepsQuotes: true)
        #expect(
            try shown.expand("echo \"$F\" '$F' $NO ${NO} ${NO:-x}", with: { Self.values[$0] }).text
                == "echo \"xxyy\" '$F' $NO ${NO} ${NO:-x}")
        let document = VariableExpander(escape: "\\", ignoresQuotes: true)
        #expect(try document.expand("it's \"$F\" \\$F", with: { Self.values[$0] }).text == "it's \"xxyy\" $F")
    }

    @Test func `what nests too deep is refused`() {
        let deep = String(repeating: "${a:-", count: 10_000)
        #expect(throws: ExpansionFailure.self) { try Self.expand(deep + String(repeating: "}", count: 10_000)) }
    }
}
