// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

struct LineTests {
    @Test(
        arguments: [
            ("FROM a\nRUN x", ["FROM a", "RUN x"]),
            ("\u{FEFF}FROM a\n", ["FROM a"]),
            ("FROM a\r\nRUN x \\\r\n  y\r\n", ["FROM a", "RUN x   y"]),
            ("FROM a\n\tRUN x  \n   # note\n", ["FROM a", "RUN x"]),
            ("FROM a\nRUN a \\\n b \\\n\n c", ["FROM a", "RUN a  b  c"]),
            ("FROM a\nRUN a \\\n# note \\\n  # more\n b", ["FROM a", "RUN a  b"]),
            ("FROM a\nRUN a \\  \t\n b", ["FROM a", "RUN a  b"]),
            ("FROM a\nRUN a \\\\\nRUN b", ["FROM a", "RUN a \\\\", "RUN b"]),
            ("FROM a\nRUN a\\\nb", ["FROM a", "RUN ab"]),
            ("FROM a\nRU\\\nN x", ["FROM a", "RUN x"]),
            ("FROM a\nRUN a \\\n  \\\n b", ["FROM a", "RUN a    b"]),
            ("FROM a\nRUN a \\", ["FROM a", "RUN a"]),
            ("FROM a\n\\\nRUN a", ["FROM a", "RUN a"]),
            ("FROM a\nRUN echo # x", ["FROM a", "RUN echo # x"]),
            ("# escape=`\nFROM a\nRUN dir c:\\\nRUN a `\n b", ["FROM a", "RUN dir c:\\", "RUN a  b"]),
            ("# escape=`\nFROM a\nRUN a ``\nRUN b", ["FROM a", "RUN a ``", "RUN b"]),
            ("from a\nrun x", ["from a", "run x"]),
            ("FROM a\n\n\n", ["FROM a"]), ("FROM a\nRUN a\\\r\n b\r\n", ["FROM a", "RUN a b"]),
        ] as [(String, [String])])
    func `lines are joined and comments go`(text: String, sources: [String]) throws {
        #expect(try document(text).instructions.map(\.source) == sources)
    }

    @Test(
        arguments: [
            (
                "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a", "docker/dockerfile:1", "`",
                "skip=all"
            ),
            ("#SYNTAX = x y \nFROM a", "x y", "\\", nil), ("#\t check= error=true\nFROM a", nil, "\\", "error=true"),
            ("# note\n# escape=`\nFROM a", nil, "\\", nil), ("\n# escape=`\nFROM a", nil, "\\", nil),
            ("# other=1\n# escape=`\nFROM a", nil, "\\", nil), ("FROM a\n# escape=`\n", nil, "\\", nil),
            ("  # escape=`\nFROM a", nil, "`", nil),
            ("#!/usr/bin/build\n# check=skip=all\nFROM a", nil, "\\", "skip=all"),
            ("#!/x\n# escape=`\nFROM a", nil, "\\", nil), ("\u{FEFF}# escape=`\nFROM a", nil, "`", nil),
            ("# escape\n# syntax=x\nFROM a", nil, "\\", nil), ("# syntax=\n# escape=`\nFROM a", nil, "\\", nil),
        ] as [(String, String?, String, String?)])
    func `directives stand at the head only`(text: String, syntax: String?, escape: String, check: String?) throws {
        let directives = try document(text).directives
        #expect(directives.syntax?.text == syntax)
        #expect(String(directives.escape) == escape)
        #expect(directives.check?.text == check)
    }

    @Test func `a word knows where it stands, also behind a continued line`() throws {
        let text = "FROM a\nCOPY --from=b \\\n  # note\n  한글.txt \\\n  /to\n"
        let document = try document(text)
        guard case .copy(let copy) = document.stages[0].instructions[0].operation else { throw OtherInstruction() }
        #expect(document.text[copy.destination.span] == "/to")
        #expect(document.text[copy.paths[0].span] == "한글.txt")
        #expect("\(document.text.position(of: copy.paths[0].span.start))" == "4:3")
        #expect(try document.text[#require(copy.from).span] == "b")
        #expect(document.text[document.stages[0].instructions[0].span].hasSuffix("/to"))
    }

    @Test(
        arguments: [
            ("FROM a\n# one\n# two\nRUN x", ["one", "two"]), ("FROM a\n# one\n\nRUN x", []),
            ("FROM a\n# one\n#\n# two\nRUN x", ["two"]), ("FROM a\n# one\nRUN y\nRUN x", []),
            ("FROM a\n  #  one  \nRUN x", ["one"]),
        ] as [(String, [String])])
    func `the comments directly above belong to an instruction`(text: String, comments: [String]) throws {
        #expect(try document(text).instructions.last?.comments.map(\.text) == comments)
    }

    @Test func `where a blank line is among the continuation lines`() throws {
        let document = try document("FROM a\nRUN a \\\n\n b\nRUN c")
        let places = document.instructions.map {
            $0.emptyContinuation.map { document.text.position(of: $0.start).line }
        }
        #expect(places == [nil, 4, nil])
    }

    @Test(arguments: [[0xFF, 0xFE, 0x46, 0], [0xFE, 0xFF, 0, 0x46], Array("FROM a\0".utf8)] as [[UInt8]])
    func `what is no text is refused`(bytes: [UInt8]) {
        #expect(throws: DockerfileError.self) { _ = try DockerfileDocument.parse(bytes: bytes, name: "Dockerfile") }
    }

    @Test func `a comment in an old encoding does no harm`() throws {
        let document = try DockerfileDocument.parse(
            bytes: Array("# caf".utf8) + [0xE9] + Array("\nFROM a".utf8), name: "D")
        #expect(document.stages[0].base.base.text == "a")
    }

    @Test func `a report shows the place, the line and a mark`() throws {
        let text = DockerfileText("FROM a\nRUN x \\\n  y\n\tWROKDIR /가\r\n", name: "app/Dockerfile")
        let error = try #require(mistake(text.text))
        #expect(
            error.report(in: text) == """
                app/Dockerfile:4:2: unknown instruction: WROKDIR (did you mean WORKDIR?)
                  \tWROKDIR /가
                  \t^~~~~~~
                """)
        #expect(
            error.summary(in: text)
                == "dockerfile parse error on line 4: unknown instruction: WROKDIR (did you mean WORKDIR?)")
        let wide = DockerfileText("FROM 가나 AS 다", name: "D")
        let other = try #require(mistake(wide.text))
        #expect(other.report(in: wide) { $0.isASCII ? 1 : 2 }.hasSuffix("\n  FROM 가나 AS 다\n               ^~"))
    }

    @Test(
        arguments: [
            ("RUN <<EOF\nEOF", ["EOF||true|"]), ("RUN 3<<E2\nE2", ["E2||true|"]), ("RUN \"<<NO\"", []),
            ("RUN <<I\n\tfoo\n\tbar\nI", ["I|\tfoo\n\tbar\n|true|"]),
            ("RUN <<-U\n\tbaz\n\t\tq x\n\tU", ["U|baz\nq x\n|true|"]),
            ("RUN <<-'N'\n\tdon't $NAME\nN", ["N|don't $NAME\n|false|"]),
            ("RUN <<\"N\"\nx\nN", ["N|x\n|false|"]), ("RUN <<C\n# in\n\n echo \\\nC", ["C|# in\n\n echo \\\n|true|"]),
            ("RUN --mount=type=cache,target=/f <<M\nx\nM", ["M|x\n|true|"]),
            ("COPY <<F1 <<F2 /d\n1\nF1\n2\nF2", ["F1|1\n|true|", "F2|2\n|true|"]),
            ("COPY <<X <<Y /d\nY\nX\nX\nY", ["X|Y\n|true|", "Y|X\n|true|"]),
            ("RUN <<C python3\nprint(1)\nC", ["C|print(1)\n|true|"]),
            ("ADD <<file.txt /d\nh\nfile.txt", ["file.txt|h\n|true|"]),
            ("RUN <<eo'f'\nx\neof", ["eof|x\n|false|"]), ("RUN <<eo\\'f\nx\neo'f", ["eo'f|x\n|true|"]),
            ("RUN <<'one two'\nx\none two", ["one two|x\n|false|"]), ("RUN <<$EOF\n$EOF", ["$EOF||true|"]),
            ("RUN <<  EOF\nEOF", ["EOF||true|"]), ("RUN << -EOF\n-EOF", ["-EOF||true|"]),
            ("RUN <<  EOF  > foo\nEOF", ["EOF||true|"]), ("RUN <<EOF\r\na\r\nEOF\r\n", ["EOF|a\r\n|true|"]),
            ("RUN <<<EOF", []), ("RUN cat <EOF", []), ("RUN [\"<<EOF\"]", []), ("RUN echo $((1<<2))", []),
            ("RUN it's <<EOF", []), ("ONBUILD RUN <<E\nx\nE", ["E|x\n|true|"]),
            ("RUN a \\\n <<E && \\\n b\nx\nE", ["E|x\n|true|"]), ("RUN <<E\nE \n E\nE", ["E|E \n E\n|true|"]),
        ] as [(String, [String])])
    func `here-documents are read to their last line`(text: String, expected: [String]) throws {
        let documents: [HereDocument]
        switch try instruction(text).operation {
        case .run(let run): documents = run.documents
        case .copy(let copy), .add(let copy): documents = copy.documents
        case .onbuild(let trigger):
            guard case .run(let run) = trigger.instruction.operation else { throw OtherInstruction() }
            documents = run.documents
        default: documents = []
        }
        #expect(documents.map { "\($0.name)|\($0.content)|\($0.expands)|" } == expected)
    }

    @Test(arguments: ["USER <<X", "CMD <<X", "LABEL a=<<X"])
    func `other instructions have no here-documents`(text: String) throws {
        #expect(try document("FROM a\n\(text)\nRUN y").instructions.count == 3)
    }

    @Test(
        arguments: [
            ("RUN echo hi", .shell("echo hi")), ("RUN [\"a\", \"b\"]", .exec(["a", "b"])),
            ("RUN <<E\na\nb\nE", .shell("a\nb\n")), ("RUN <<-E\n\ta\nE", .shell("a\n")),
            ("RUN <<E\n#!/bin/x\ny\nE", .script(name: "E", content: "#!/bin/x\ny\n")),
            ("RUN <<E cat\na\nE", .shell("<<E cat\na\nE")),
            ("RUN cat <<A <<B\n1\nA\n2\nB", .shell("cat <<A <<B\n1\nA\n2\nB")),
            ("RUN  <<  E\na\nE", .shell("a\n")), ("RUN", .shell("")),
        ] as [(String, RunCommand.Start)])
    func `how a RUN is started`(text: String, start: RunCommand.Start) throws {
        guard case .run(let run) = try instruction(text).operation else { throw OtherInstruction() }
        #expect(run.start == start)
    }
}
