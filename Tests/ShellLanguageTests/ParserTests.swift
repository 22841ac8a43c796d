// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ShellLanguage

struct ParserTests {
    /// Text, and the same as the formatter writes it: which words, streams and operators were seen.
    @Test(
        arguments: [
            ("ps -a", "ps -a"), ("  ps\t-a  ", "ps -a"), ("docker ps", "docker ps"), ("docker", "docker"),
            ("dockerps", "dockerps"), ("'docker' ps", "'docker' ps"), ("", ""), ("# nothing", ""),
            ("#!/usr/bin/env dsh\nps", "ps"), ("ps # a comment", "ps"), ("ps a#b", "ps a#b"),
            ("ps;images", "ps\nimages"),
            ("ps -a \\\n  -q", "ps -a -q"), ("p\\\ns", "ps"), ("ps \\\r\n -q\r\nimages\r\n", "ps -q\nimages"),
            ("run -d starter &", "run -d starter &"), ("a & b", "a &\nb"), ("a&b", "a &\nb"),
            ("a && b || c", "a && b || c"), ("a &&\n # why\n b", "a && b"), ("a ||\n\nb; c", "a || b\nc"),
            ("ps | grep web | wc -l", "ps | grep web | wc -l"), ("ps |\n grep web", "ps | grep web"),
            ("ps | grep 'a;b' && images", "ps | grep 'a;b' && images"), ("ps | (a; b) & c", "ps | (a; b) &\nc"),
            ("ps | sed \"s/;/$x/\" ; b", "ps | sed \"s/;/$x/\"\nb"), ("ps | cat >f 2>&1 # x", "ps | cat >f 2>&1"),
            ("ps | cat &> f", "ps | cat &> f"), ("ps | a |\nb", "ps | a |\nb"),
            ("! ls -l | wc", "! ls -l | wc"), ("!ls", "! ls"),
            ("! echo $(a; b) `c; d` ${e:-;}", "! echo $(a; b) `c; d` ${e:-;}"),
            ("! a \\\n b", "! a \\\n b"), ("@ ls /", "@ ls /"), ("@ls / | wc", "@ ls / | wc"),
            ("a @ b ! c", "a @ b ! c"),
            ("ps > f", "ps > f"), ("ps>f", "ps > f"), ("ps >>f 2>&1 <g", "ps >> f 2>&1 < g"), ("ps 2>f", "ps 2> f"),
            ("ps 1>f 0<g", "ps > f < g"), ("ps &>f", "ps &> f"), ("ps &>> f", "ps &>> f"), ("ps >&2", "ps >&2"),
            ("ps a2>f", "ps a2 > f"), ("images --format {{.ID}}", "images --format {{.ID}}"),
            ("logs 'a b' \"c $d\" e\\ f", "logs 'a b' \"c ${d}\" e\\ f"), ("a $'x\\ty'", "a $'x\\ty'"),
            ("a '' \"\"", "a '' \"\""), ("a \"b\"\"c\"", "a \"bc\""),
            ("a $1$2 ${10} $# $@ $* $? $0", "a ${1}${2} ${10} ${#} ${@} ${*} ${?} ${0}"),
            ("a $", "a $"), ("a $. b", "a $. b"), ("a \"$\"", "a \"\\$\""), ("a \"\\a\\$\\\"\"", "a \"\\\\a\\$\\\"\""),
            ("a ~ ~/x ~b c~", "a ~ ~/x ~b c~"), ("a ${X:-b c} \"${X:-d}\"", "a ${X:-b c} \"${X:-d}\""),
            ("a ${X:-$Y}", "a ${X:-${Y}}"),
            ("a $(ls -l; pwd)x", "a $(ls -l; pwd)x"), ("a \"$(ls)\"", "a \"$(ls)\""),
            ("rm $(docker ps -aq)", "rm $(docker ps -aq)"),
            ("rm $(docker ps | head -1; docker images)", "rm $(docker ps | head -1; docker images)"),
            ("a $(echo ')' # )\n)", "a $(echo ')' # )\n)"), ("expect ps", "expect ps"),
            ("expect ps -a status 1", "expect ps -a status 1"),
            ("expect a prints 'b c' prints d status $s", "expect a prints 'b c' prints d status ${s}"),
            ("expect a 'status' 1", "expect a 'status' 1"), ("expect status status 1", "expect status status 1"),
            ("expect a | wc -l prints 3", "expect a | wc -l prints 3"),
            (
                "expect ! curl -s localhost prints \"hi there\" && b",
                "expect ! curl -s localhost prints \"hi there\" && b"
            ),
            ("expect @ cat f prints x; b", "expect @ cat f prints x\nb"), ("a prints b", "a prints b"),
            ("expectation", "expectation"),
            ("expect docker ps | cat status 0", "expect docker ps | cat status 0"), ("run 가나 '다 라'", "run 가나 '다 라'"),
        ])
    func `text becomes the statements that it means`(text: String, meaning: String) throws {
        #expect("\(try Program(parsing: SourceText(text)))" == meaning)
    }

    @Test(
        arguments: [
            ("run 'a b'\\ c\"d\"", ["run", "a b cd"]), ("a \\'", ["a", "'"]), ("a \"it's\"", ["a", "it's"]),
            ("a 'say \"hi\"'", ["a", "say \"hi\""]), ("a \"x\\\ny\"", ["a", "xy"]), ("a 'x\\\ny'", ["a", "x\\\ny"]),
            ("a $'\\x41\\u00e9\\U0001F600\\e\\'\\\\'", ["a", "Aé😀\u{1B}'\\"]), ("a \\가", ["a", "가"]),
            ("a \"\\가\"", ["a", "\\가"]),
            ("a \"가\\\"나\"", ["a", "가\"나"]), ("a *.txt [x]? {a,b}", ["a", "*.txt", "[x]?", "{a,b}"]),
            ("a -e A=b#c", ["a", "-e", "A=b#c"]),
        ])
    func `quotes and backslashes are read as sh reads them`(text: String, words: [String]) throws {
        let program = try Program(parsing: SourceText(text))
        let command = try #require(program.statements.first?.first.command)
        guard case .own(let simple) = command else { throw Unexpected() }
        #expect(simple.words.map(\.literal) == words)
    }

    struct Unexpected: Error {}

    @Test func `every part knows where it stands`() throws {
        let text = "ps -a 'b c' > f | wc -l && docker run $X & # end"
        let source = SourceText(text)
        let statement = try #require(try Program(parsing: source).statements.first)
        #expect(source[statement.span] == "ps -a 'b c' > f | wc -l && docker run $X")
        #expect(statement.isBackground)
        #expect(source[statement.first.span] == "ps -a 'b c' > f | wc -l")
        #expect(statement.first.filter.map { source[$0.span] } == "wc -l")
        guard case .own(let ps) = statement.first.command, case .own(let run) = statement.rest[0].pipeline.command
        else { throw Unexpected() }
        #expect(ps.words.map { source[$0.span] } == ["ps", "-a", "'b c'"])
        #expect(ps.words[2].pieces.map { source[$0.span] } == ["b c"])
        #expect(ps.redirections.map { source[$0.span] } == ["> f"])
        #expect(source[ps.span] == "ps -a 'b c' > f")
        #expect(run.docker.map { source[$0] } == "docker")
        #expect(source[run.span] == "docker run $X")
        #expect(run.words[1].pieces.map { source[$0.span] } == ["$X"])
    }

    @Test func `commands inside a substitution have places in the whole text`() throws {
        let source = SourceText("rm \"$(docker ps | tail -n1)\"")
        let statement = try #require(try Program(parsing: source).statements.first)
        guard case .own(let command) = statement.first.command,
            case .output(.own(let inner)) = command.words[1].pieces[0].content
        else { throw Unexpected() }
        #expect(inner.statements.map { source[$0.span] } == ["docker ps | tail -n1"])
        #expect(inner.statements[0].first.filter.map { source[$0.span] } == "tail -n1")
    }

    @Test func `host text reaches sh without Windows line ends`() throws {
        let program = try Program(parsing: SourceText("! a |\r\n b\r\nps"))
        #expect(program.statements.map { "\($0)" } == ["! a |\n b", "ps"])
    }

    @Test(
        arguments: [
            ("ps", 0, 1, 1), ("ps\nimages", 3, 2, 1), ("가나 a", 7, 1, 4), ("\u{1112}\u{1161}\u{11AB} a", 10, 1, 3),
            ("a\r\nb", 3, 2, 1), ("🇰🇷 x", 9, 1, 3), ("\t\tx", 2, 1, 3), ("", 0, 1, 1), ("a\n", 2, 2, 1),
            ("ab", 99, 1, 3),
        ])
    func `places are counted as a person counts`(text: String, offset: Int, line: Int, column: Int) {
        #expect("\(SourceText(text).position(of: offset))" == "\(line):\(column)")
    }
}
