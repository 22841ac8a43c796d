// SPDX-License-Identifier: Apache-2.0
import Commands
import Interpreter
import ShellLanguage
import Testing

struct LanguageTests {
    @Test(
        arguments: [
            ("", ""), ("# nothing", ""), ("! echo hi", "hi\n"), ("!echo a; ! echo b", "a\nb\n"),
            ("docker ps -q", "aaaaaaaaaaaa\nbbbbbbbbbbbb\n"),
            ("ps -q | wc -l", "2\n"), ("ps -q | sort -r | head -1", "bbbbbbbbbbbb\n"),
            ("ps -q |\n  grep b", "bbbbbbbbbbbb\n"),
            ("! exit 3 || ! echo no", "no\n"), ("! true && ! echo yes", "yes\n"),
            ("! false && ! echo a || ! echo b", "b\n"), ("! true || ! echo a && ! echo b", "b\n"),
            ("set A=1 B='x  y'; ! echo \"$A/$B\"", "1/x  y\n"), ("set A=1\nset", "A=1\n"),
            ("set A='x  y'; set B=$A; set", "A=x  y\nB=x  y\n"),
            ("set A=; set B=[$A]; set", "A=\nB=[]\n"),
            ("set A=x; set B=${A:-no}; set A=; set C=${A:-no}; set", "A=\nB=x\nC=no\n"),
            ("nosuch 2>&1 >f | grep -c 'command: nosuch' || ! true", "1\n"),
            ("set A=${NOPE:-a b} B=\"${NOPE:-c d}\"; set", "A=a b\nB=c d\n"),
            ("set yes on; set A=b B=; set", "A=b\nB=\nyes=on\n"),
            ("set A=$1 B=$# C=\"$*\" D=$0; set", "A=one\nB=2\nC=one two words\nD=t.dsh\n"),
            ("set A=\"$(echo 'a  b'; echo)\"; set", "A=a  b\n"),
            ("set A=$(docker ps -q | head -1)$(docker pwd | wc -l); set", "A=aaaaaaaaaaaa1\n"),
            ("! exit 4 || set A=$? ; set", "A=4\n"), ("! exit 4 || ! echo $status", "4\n"),

            ("! echo $1-$#-$0", "one-2-t.dsh\n"),
            (
                "cd sub || ! echo none; ! mkdir sub; cd sub; ! pwd | grep -o '[^/]*$'; set A=$PWD; set | grep -c /sub$",
                "none\nsub\n1\n"
            ),
            ("! echo x > f; ! cat f", "x\n"), ("pwd > f; pwd >> f; ! wc -l < f", "2\n"),
            ("nosuch 2> f || ! grep -c 'unknown command' f", "1\n"), ("nosuch > f 2>&1 || ! grep -c nosuch f", "1\n"),
            ("nosuch &> f || ! grep -c nosuch f", "1\n"), ("pwd >&2", ""), ("expect ps -q", ""),
            ("expect nosuch status 1", ""),
            ("expect ps prints web prints db", ""), ("expect ps -q | wc -l prints 2", ""),
            ("expect ! echo 'a b' prints 'a b' status 0", ""), ("expect nosuch status 1 prints 'unknown command'", ""),
            ("! exit 7 || expect ! exit 3 status 3\nset A=$status; set", "A=0\n"), ("exit 0; ! echo no", ""),
        ])
    func `a script does what it says`(text: String, printed: String) async throws {
        let stage = try Stage()
        let status = await stage.run(text, "one", "two words")
        #expect(status == 0)
        #expect(stage.printed == printed)
    }

    @Test func `values of dsh itself are filled in, here and for host commands`() async throws {
        let stage = try Stage()
        let text = "use web > f\nrun -d starter > f\nset A=$container B=$last\n! echo $container $last\nset"
        #expect(await stage.run(text) == 0)
        let id = String(repeating: "c", count: 64)
        #expect(stage.printed == "brave_otter \(id)\nA=brave_otter\nB=\(id)\n")
    }

    @Test(
        arguments: [
            ("set A=$(printf 'B=1 C=2\\nD=3')", ["A=B=1", "C=2", "D=3"]), ("set A=$(printf ' B=1')", ["A=", "B=1"]),
            ("set \"A=$(printf 'b c')\"", ["A=b c"]),
            ("set $@", ["X=1", "Y=2 3"]), ("set \"$@\"", ["X=1", "Y=2 3"]), ("set $(true)", []),
            ("set A=\"$*\"", ["A=X=1 Y=2 3"]), ("set A${1}b", ["AX=1b"]), ("set Z=1$@", ["Y=2 3", "Z=1X=1"]),
        ])
    func `words are split where sh would split the output of commands, and nowhere else`(text: String, set: [String])
        async throws
    {
        let stage = try Stage()
        let status = await stage.run(text, "X=1", "Y=2 3")
        #expect(status == 0)
        _ = await stage.run("set")
        #expect(stage.printed.split(separator: "\n").map(String.init) == set)
    }

    @Test(
        arguments: [
            ("ps -q\nstop nope\n! echo no", 1, "t.dsh:2:1: 'stop nope' ended with status 1; the script stops here"),
            ("  ! exit 9", 9, "t.dsh:1:3: '! exit 9' ended with status 9"),
            ("ps -q | grep -q zzz", 1, "t.dsh:1:1: 'ps -q | grep -q zzz' ended"), ("nosuch | cat", 1, "t.dsh:1:1:"),
            ("! true && stop nope", 1, "t.dsh:1:11: 'stop nope'"),
            ("set A=$NOPE", 1, "t.dsh:1:7: $NOPE is not set"),
            ("set A=$9", 1, "t.dsh:1:7: the script was given 0 arguments"),
            ("set A=$container", 1, "t.dsh:1:7: no container is current"),
            ("set A=$image", 1, "t.dsh:1:7: no image is current"), ("set A=$last", 1, "t.dsh:1:7: $last is the id"),
            ("@ ls", 1, "t.dsh:1:1: no container is current"),
            ("set A=$(exit 5)", 5, "t.dsh:1:7: the command in $(…) ended with status 5"),
            ("set A=$(docker stop nope)", 1, "t.dsh:1:7: the command in $(…) ended with status 1"),
            ("ps > no/such", 1, "t.dsh:1:6: no/such: No such file or directory"),
            ("ps > $(echo a b)", 1, "t.dsh:1:6: one word is wanted here, and this gives 2"),
            ("ps < nope", 1, "t.dsh:1:6: nope: No such file or directory"), ("if true", 2, "t.dsh:1:1: if: blocks"),
            ("ps -q\nps 'a", 2, "t.dsh:2:4: the quote ' is opened here"),
            ("exit x", 1, "t.dsh:1:1: exit takes one number"),
            ("expect stop nope", 1, "t.dsh:1:1: expected status 0, got 1"),
            ("expect ps status 1", 1, "t.dsh:1:1: expected status 1, got 0"),
            ("ps -q; expect ps -q prints zzz", 1, "t.dsh:1:8: expected this to be printed: zzz"),
            ("expect ps status $(echo x)", 1, "t.dsh:1:18: x: a status is a number"),
            ("set image=x", 1, "$image is kept by dsh itself"), ("set 1=x", 1, "a variable is set as NAME=VALUE"),
            ("! nosuchprogram", 127, "t.dsh:1:1:"),
            ("cd /nope", 1, "cd: /nope: No such file or directory"), ("exit 300", 1, "exit takes one number"),
        ])
    func `a script stops at its first failure and says where`(text: String, status: Int32, complaint: String)
        async throws
    {
        let stage = try Stage()
        #expect(await stage.run(text) == status)
        #expect(stage.complaints.contains(complaint))
        #expect(!stage.printed.contains("no\n"))
    }

    @Test func `an expectation that fails shows what was printed`() async throws {
        let stage = try Stage()
        #expect(await stage.run("expect ! (echo one; echo two >&2) prints three") == 1)
        #expect(stage.complaints.hasSuffix("\n  | one\n  | two\n"))
        #expect(stage.printed.isEmpty)
    }

    @Test func `at the prompt a failure stops nothing and only the command speaks`() async throws {
        let stage = try Stage(.shell)
        let interpreter = Interpreter(session: stage.session)
        let outcome = await interpreter.run(line: "stop nope; ! echo on; stop nope")
        #expect(outcome.status == 1 && !outcome.exits)
        #expect(stage.session.status == 1)
        #expect(stage.printed == "on\n")
        #expect(!stage.complaints.contains("stops here"))
        #expect(await interpreter.run(line: "exit 4").exits)
        #expect(await interpreter.run(line: "ps 'x").status == 2)
        #expect(stage.complaints.hasPrefix("dsh:1:4: the quote '"))
        #expect(await interpreter.run(line: "set A=$NOPE").status == 1)
        #expect(stage.complaints.hasPrefix("dsh: $NOPE is not set"))
    }

    @Test func `a program of this machine is named where it was meant`() async throws {
        let stage = try Stage()
        #expect(await stage.run("cat x") == 1)
        #expect(stage.complaints.contains("'! cat' runs the program of this machine"))
        #expect(await stage.run("nosuch x") == 1)
        #expect(!stage.complaints.contains("! nosuch"))
    }

    @Test func `at runs the words in the current container`() async throws {
        let stage = try Stage()
        #expect(await stage.run("use web > f\n@ ls -l '/my dir' $PWD\n@fail || ! echo $status") == 0)
        #expect(stage.engine.execs == [["web", "ls", "-l", "/my dir", stage.directory], ["web", "fail"]])
        #expect(stage.printed == "127\n")
    }

    @Test func `sentences come in Korean too`() async throws {
        let stage = try Stage(language: .korean)
        #expect(await stage.run("set A=$NOPE") == 1)
        #expect(stage.complaints.contains("t.dsh:1:7: $NOPE 변수가 없습니다"))
        #expect(await stage.run("가나 'x") == 2)
        #expect(stage.complaints == "t.dsh:1:4: 여기서 연 따옴표 ' 가 닫히지 않았습니다\n  가나 'x\n       ^\n")
    }
}
