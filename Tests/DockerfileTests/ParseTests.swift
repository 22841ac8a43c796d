// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

struct ParseTests {
    @Test(
        arguments: [
            ("", "the Dockerfile cannot be empty", nil, ""), ("# a\n\n", "the Dockerfile cannot be empty", nil, ""),
            ("RUN x", "no build stage in current context", nil, "RUN"),
            ("ARG a", "dockerfile contains no stages to build", nil, "ARG a"),
            ("FORM a", "unknown instruction: FORM", "FROM", "FORM"),
            ("FROM a\nRNU x", "unknown instruction: RNU", "RUN", "RNU"),
            ("FROM a\nentripoint x", "unknown instruction: entripoint", "ENTRYPOINT", "entripoint"),
            ("FROM a\nXYZZY x", "unknown instruction: XYZZY", nil, "XYZZY"),
            ("FROM a\n&& apt", "unknown instruction: &&", nil, "&&"),
            ("FROM a\nRUN\u{A0}x", "unknown instruction: RUN\u{A0}x", "RUN", "RUN\u{A0}x"),
            ("FROM", "FROM requires either one or three arguments", nil, "FROM"),
            ("FROM a b", "FROM requires either one or three arguments", nil, "a b"),
            ("FROM a OF b", "FROM requires either one or three arguments", nil, "a OF b"),
            (
                "FROM a AS 1x",
                "invalid name for build stage: \"1x\", name can't start with a number or contain symbols",
                nil, "1x"
            ),
            (
                "FROM a AS b/c",
                "invalid name for build stage: \"b/c\", name can't start with a number or contain symbols",
                nil, "b/c"
            ),
            ("FROM --platfrom=x a", "unknown flag: --platfrom", "--platform", "--platfrom"),
            ("FROM --platform a", "missing a value on flag: --platform", nil, "--platform"),
            ("FROM a\nCOPY a", Self.tooFew("COPY"), nil, "a"), ("FROM a\nADD", Self.tooFew("ADD"), nil, "ADD"),
            ("FROM a\nCOPY [\"a\"]", Self.tooFew("COPY"), nil, "[\"a\"]"),
            ("FROM a\nCOPY --form=b c d", "unknown flag: --form", "--from", "--form"),
            ("FROM a\nCOPY --checksum=x c d", "unknown flag: --checksum", nil, "--checksum"),
            ("FROM a\nADD --from=x c d", "unknown flag: --from", nil, "--from"),
            (
                "FROM a\nCOPY --link=maybe a b", "expecting boolean value for flag --link, not: maybe", nil,
                "--link=maybe"
            ),
            ("FROM a\nCOPY --link= a b", "missing a value on flag: --link", nil, "--link="),
            ("FROM a\nCOPY --from=a --from=b a b", "duplicate flag specified: --from", nil, "--from=b"),
            ("FROM a\nCOPY <<E <<F\nE\nF\n", "COPY cannot accept a heredoc as a destination", nil, "<<F"),
            ("FROM a\nRUN <<E\nx", "unterminated heredoc", nil, "<<E"),
            ("FROM a\nCOPY [\"a\", 1] ", Self.strings, nil, "1"),
            ("FROM a\nRUN [\"a\", [\"b\"]]", Self.strings, nil, "[\"b\"]"),
            ("FROM a\nCMD --x y", "unknown flag: --x", nil, "--x"),
            ("FROM a\nENV", "ENV requires at least one argument", nil, "ENV"),
            ("FROM a\nENV a", "ENV must have two arguments", nil, "a"),
            (
                "FROM a\nENV a=b c", "Syntax error - can't find = in \"c\". Must be of the form: name=value", nil, "c"
            ),
            (
                "FROM a\nENV a=b \"", "Syntax error - can't find = in \"\\\"\". Must be of the form: name=value", nil,
                "\""
            ),
            ("FROM a\nENV =b", "ENV names can not be blank", nil, "=b"),
            ("FROM a\nARG =b", "ARG names can not be blank", nil, "=b"),
            ("FROM a\nARG", "ARG requires at least one argument", nil, "ARG"),
            (
                "FROM a\nLABEL a=b \"c d\"",
                "Syntax error - can't find = in \"\\\"c d\\\"\". Must be of the form: name=value", nil, "\"c d\""
            ),
            ("FROM a\nEXPOSE", "EXPOSE requires at least one argument", nil, "EXPOSE"),
            ("FROM a\nWORKDIR", "WORKDIR requires exactly one argument", nil, "WORKDIR"),
            ("FROM a\nUSER", "USER requires exactly one argument", nil, "USER"),
            ("FROM a\nSTOPSIGNAL", "STOPSIGNAL requires exactly one argument", nil, "STOPSIGNAL"),
            ("FROM a\nMAINTAINER", "MAINTAINER requires exactly one argument", nil, "MAINTAINER"),
            ("FROM a\nVOLUME", "VOLUME requires at least one argument", nil, "VOLUME"),
            ("FROM a\nVOLUME [\"a\", \" \"]", "VOLUME specified can not be an empty string", nil, "\" \""),
            ("FROM a\nSHELL bash -c", "SHELL requires the arguments to be in JSON form", nil, "bash -c"),
            ("FROM a\nSHELL []", "SHELL requires at least one argument", nil, "[]"),
            ("FROM a\nONBUILD", "ONBUILD requires at least one argument", nil, "ONBUILD"),
            ("FROM a\nONBUILD ONBUILD RUN x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", nil, "ONBUILD"),
            ("FROM a\nONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger", nil, "FROM"),
            ("FROM a\nONBUILD MAINTAINER x", "MAINTAINER isn't allowed as an ONBUILD trigger", nil, "MAINTAINER"),
            ("FROM a\nONBUILD RNU x", "unknown instruction: RNU", "RUN", "RNU"),
            ("FROM a\nHEALTHCHECK", "HEALTHCHECK requires at least one argument", nil, "HEALTHCHECK"),
            ("FROM a\nHEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments", nil, "x"),
            ("FROM a\nHEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD", nil, "CMD"),
            ("FROM a\nHEALTHCHECK curl x", "Unknown type \"CURL\" in HEALTHCHECK (try CMD)", nil, "curl"),
            ("FROM a\nHEALTHCHECK --interval=5 CMD x", "time: invalid duration \"5\"", nil, "5"),
            ("FROM a\nHEALTHCHECK --timeout=1us CMD x", "Interval \"timeout\" cannot be less than 1ms", nil, "1us"),
            ("FROM a\nHEALTHCHECK --retries=-1 CMD x", "--retries cannot be negative (-1)", nil, "-1"),
            ("FROM a\nHEALTHCHECK --retries=x CMD x", "invalid number of retries: \"x\"", nil, "x"),
            ("FROM a\nHEALTHCHECK --intervall=1s CMD x", "unknown flag: --intervall", "--interval", "--intervall"),
            ("FROM a\nRUN --netwrok=none x", "unknown flag: --netwrok", "--network", "--netwrok"),
            ("FROM a\nRUN --network=nonee x", "network mode \"nonee\" is not supported", "none", "nonee"),
            ("FROM a\nRUN --device=x y", "RUN --device is not supported", nil, "x"),
            ("# escape=x\nFROM a", "invalid escape token 'x' does not match ` or \\", nil, "x"),
            ("# syntax=a\n# syntax=b\nFROM a", "only one syntax parser directive can be used", nil, "# syntax=b"),
        ] as [(String, String, String?, String)])
    func `a mistake is named, and its characters are known`(
        text: String, message: String, suggestion: String?, covered: String
    ) throws {
        let error = try #require(mistake(text))
        #expect(error.message == message)
        #expect(error.suggestion == suggestion)
        #expect(DockerfileText(text, name: "")[error.span] == covered)
    }

    static func tooFew(_ name: String) -> String {
        "\(name) requires at least two arguments, but only one was provided. Destination could not be determined"
    }

    static let strings = "when using JSON array syntax, arrays must be comprised of strings only"

    @Test(
        arguments: [
            ("CMD node server.js", nil), ("CMD [\"node\", \"server.js\"]", ["node", "server.js"]), ("CMD []", []),
            ("CMD [ ]", []), ("CMD ['node']", nil), ("CMD [\"a\",]", nil), ("CMD [\"a\"] b", nil),
            ("CMD [ \"a\" ,\t\"b\" ] ", ["a", "b"]),
            ("CMD [\"\\u00e9\\ud83d\\ude00\\n\\/\\\\\\\"\"]", ["é😀\n/\\\""]), ("CMD [\"\\ud83d\"]", ["\u{FFFD}"]),
            ("CMD [\"\\x\"]", nil), ("CMD [\"a\tb\"]", nil), ("CMD [1", nil), ("CMD [\"한\"]", ["한"]),
            ("CMD [\\\n\"a\",\\\n# note\n\"b\"]", ["a", "b"]), ("CMD", nil),
        ] as [(String, [String]?)])
    func `a command is in the exec form only as a JSON array of strings`(text: String, words: [String]?) throws {
        guard case .cmd(let line) = try instruction(text).operation else { throw OtherInstruction() }
        guard case .exec(let found) = line else {
            #expect(words == nil)
            return
        }
        #expect(found.map(\.text) == words)
    }

    @Test(
        arguments: [
            ("ENV a=b c=d", ["a=b", "c=d"], false),
            ("ENV a=\"b c\" d='e f' g=h\\ i", ["a=\"b c\"", "d='e f'", "g=h\\ i"], false),
            ("ENV a=", ["a="], false), ("ENV a b c=d", ["a=b c=d"], true), ("ENV a   b", ["a=b"], true),
            ("ENV a=b \\\n  c=d", ["a=b", "c=d"], false), ("ENV a=b=c", ["a=b=c"], false),
            ("ENV a=\"it's\" b='\"'", ["a=\"it's\"", "b='\"'"], false),
            ("ENV a=\"x \\\" y\" b=c", ["a=\"x \\\" y\"", "b=c"], false),
            ("LABEL \"a b\"=c", ["\"a b\"=c"], false),
            ("LABEL a.b.c=\"x\" \"d\"=\"e\"", ["a.b.c=\"x\"", "\"d\"=\"e\""], false),
            ("LABEL a 'b", ["a='b"], true),
        ] as [(String, [String], Bool)])
    func `ENV and LABEL are cut at blanks that are not quoted`(text: String, pairs: [String], legacy: Bool) throws {
        switch try instruction(text).operation {
        case .env(let found), .label(let found):
            #expect(found.map { "\($0.name.text)=\($0.value.text)" } == pairs)
            #expect(found.allSatisfy { $0.isLegacy == legacy })
        default: Issue.record("no pairs")
        }
    }

    @Test func `every flag of COPY and ADD`() throws {
        let text = """
            COPY --from=b --chown=1:2 --chmod=755 --link --parents --exclude=*.md --exclude="a b" a b/ /c/
            """
        guard case .copy(let copy) = try instruction(text).operation else { throw OtherInstruction() }
        #expect(copy.from?.text == "b")
        #expect(copy.owner?.text == "1:2")
        #expect(copy.mode?.text == "755")
        #expect(copy.isLinked && copy.keepsParents)
        #expect(copy.excludes.map(\.text) == ["*.md", "a b"])
        #expect(copy.paths.map(\.text) == ["a", "b/"])
        #expect(copy.destination.text == "/c/")
        let other = "ADD --checksum=sha256:ab --link=false --unpack=true --keep-git-dir=TRUE [\"a b\", \"/c d\"]"
        guard case .add(let add) = try instruction(other).operation else { throw OtherInstruction() }
        #expect(add.checksum?.text == "sha256:ab")
        #expect(!add.isLinked && add.keepsGitDirectory && add.unpacks == true)
        #expect(add.paths.map(\.text) == ["a b"])
        guard case .copy(let plain) = try instruction("COPY -- --a b").operation else { throw OtherInstruction() }
        #expect(plain.paths.map(\.text) == ["--a"])
        #expect(plain.unpacks == nil)
    }

    @Test func `the flags and the form of HEALTHCHECK`() throws {
        let text =
            "HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=0s --start-interval=1.5s --retries=3 CMD x y"
        guard case .healthcheck(let check) = try instruction(text).operation, case .command(_, let timing) = check
        else { throw OtherInstruction() }
        #expect(check.test == ["CMD-SHELL", "x y"])
        let wanted = HealthCheckTiming(
            interval: 90_000_000_000, timeout: 500_000_000, startPeriod: 0, startInterval: 1_500_000_000, retries: 3)
        #expect(timing == wanted)
        guard case .healthcheck(let exec) = try instruction("healthcheck cmd [\"a\", \"b\"]").operation
        else { throw OtherInstruction() }
        #expect(exec.test == ["CMD", "a", "b"])
        #expect(try instruction("HEALTHCHECK NONE").operation == .healthcheck(.none))
    }

    @Test(
        arguments: [
            ("1h", 3_600_000_000_000), ("1.5h30m", 7_200_000_000_000), ("0", 0), ("10", nil), ("", nil), ("s", nil),
            (".5s", 500_000_000), ("1.s", 1_000_000_000), (".s", nil), ("1s1", nil), ("-2ms", -2_000_000),
            ("3µs", 3000), ("1d", nil),
            ("99999999999h", nil), ("1..2s", nil),
        ] as [(String, Int?)])
    func `times are written as Go writes them`(text: String, nanoseconds: Int?) {
        #expect(GoDuration.nanoseconds(text) == nanoseconds)
    }

    @Test func `a trigger keeps its text and is read`() throws {
        guard case .onbuild(let trigger) = try instruction("ONBUILD  COPY . \\\n  /app").operation
        else { throw OtherInstruction() }
        #expect(trigger.text == "COPY .   /app")
        #expect(trigger.instruction.keyword == .copy)
        guard case .onbuild(let other) = try instruction("onbuild RUN <<E\nx\nE").operation
        else { throw OtherInstruction() }
        #expect(other.text == "RUN <<E\nx\nE")
        #expect(try DockerfileDocument.parseTrigger(other.text).keyword == .run)
        #expect(throws: DockerfileError.self) { _ = try DockerfileDocument.parseTrigger("RUN a\nRUN b") }
        #expect(throws: DockerfileError.self) { _ = try DockerfileDocument.parseTrigger("FROM a") }
        #expect(throws: DockerfileError.self) { _ = try DockerfileDocument.parseTrigger("") }
    }

    @Test func `stages and the arguments before them`() throws {
        let document = try document("ARG v=1\nARG w\nFROM a:$v AS Base\nRUN x\nFROM --platform=$P base as two\nFROM c")
        #expect(document.globalArguments.count == 2)
        #expect(document.stages.map(\.name) == ["base", "two", nil])
        #expect(document.stages.map(\.instructions.count) == [1, 0, 0])
        #expect(document.stages[1].base.platform?.text == "$P")
        #expect(document.stages[0].base.stageName?.text == "Base")
        #expect(document.instructions.count == 6)
    }
}
