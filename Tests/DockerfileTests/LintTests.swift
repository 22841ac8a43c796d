// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

struct LintTests {
    static func check(
        _ text: String, arguments: [String: String] = [:], ignore: String = "", stages: Set<Int>? = nil,
        facts: @escaping (String) -> Lint.BaseFacts? = { _ in
            Lint.BaseFacts(environment: ["PATH=/bin"], hasShell: false)
        }
    ) throws -> [String] {
        let document = try document(text)
        let global = try GlobalArguments(document, BuildInputs(arguments: arguments))
        let rules = try IgnoreRules(parsing: DockerfileText(ignore, name: ".dockerignore"))
        return try Lint.check(document, global, stages: stages, ignoreRules: rules, facts: facts).map {
            $0.line(in: document.text)
        }
    }

    /// Rows are a file, and what is found in it: rule, message and line.
    @Test(
        arguments: [
            (
                "FROM scratch AS BadName\nFROM scratch as b",
                [
                    "StageNameCasing: Stage name 'BadName' should be lowercase (line 1)",
                    "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 2)",
                ]
            ),
            (
                "from scratch AS b\nfrom scratch as c",
                ["FromAsCasing: 'AS' and 'from' keywords' casing do not match (line 1)"]
            ),
            ("FROM scratch\nCOPY a \\\n\n.\nCOPY a \\\n.", ["NoEmptyContinuation: Empty continuation line (line 4)"]),
            (
                "From scratch as base\nFROM scratch AS b",
                [
                    "ConsistentInstructionCasing: Command 'From' should match the case of the command majority (uppercase) (line 1)"
                ]
            ),
            (
                "FROM scratch\ncopy a /\nCOPY b /",
                [
                    "ConsistentInstructionCasing: Command 'copy' should match the case of the command majority (uppercase) (line 2)"
                ]
            ),
            (
                "from scratch\nCOPY a /\ncopy b /",
                [
                    "ConsistentInstructionCasing: Command 'COPY' should match the case of the command majority (lowercase) (line 2)"
                ]
            ),
            (
                "FROM scratch\ncopy a /",
                [
                    "ConsistentInstructionCasing: Command 'copy' should match the case of the command majority (uppercase) (line 2)"
                ]
            ),
            ("from scratch\ncopy a /\ncopy b /", []),
            (
                "FROM scratch AS b\nFROM scratch AS B",
                [
                    "DuplicateStageName: Duplicate stage name \"b\", stage names should be unique (line 2)",
                    "StageNameCasing: Stage name 'B' should be lowercase (line 2)",
                ]
            ),
            (
                "FROM busybox AS scratch\nFROM busybox AS context\nFROM busybox AS c",
                [
                    "ReservedStageName: Stage name should not use the same name as reserved stage \"scratch\" (line 1)",
                    "ReservedStageName: Stage name should not use the same name as reserved stage \"context\" (line 2)",
                ]
            ),
            ("FROM scratch\nCMD x", [jsonArgs("CMD", 2)]), ("FROM scratch\nENTRYPOINT x", [jsonArgs("ENTRYPOINT", 2)]),
            ("FROM scratch\nCMD [\"x\"]\nENTRYPOINT [\"y\"]", []),
            ("FROM scratch\nSHELL [\"/s\"]\nCMD x", []),
            ("FROM scratch AS a\nSHELL [\"/s\"]\nFROM a\nENTRYPOINT x", []),
            ("FROM scratch\nRUN x\nHEALTHCHECK CMD x", []),
            (
                "FROM scratch\nMAINTAINER me",
                ["MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)"]
            ),
            ("ARG base=scratch\nFROM $base\nFROM --platform=$BUILDPLATFORM scratch", []),
            ("ARG DEBUG\nFROM scratch${DEBUG}", []), ("ARG DEBUG=\"\"\nFROM scratch${DEBUG-@x}", []),
            (
                "ARG tag=latest\nFROM busybox:${tag}${version}",
                ["UndefinedArgInFrom: FROM argument 'version' is not declared (line 2)"]
            ),
            (
                "ARG MY_OS=linux MY_ARCH=amd64\nFROM --platform=linux/${MYARCH} busybox",
                ["UndefinedArgInFrom: FROM argument 'MYARCH' is not declared (did you mean MY_ARCH?) (line 2)"]
            ),
            (
                "FROM scratch\nWORKDIR app/",
                [
                    "WorkdirRelativePath: Relative workdir \"app/\" can have unexpected results if the base image changes (line 2)"
                ]
            ),
            ("FROM scratch AS a\nWORKDIR /app\nFROM a\nWORKDIR sub/", []),
            (
                "FROM scratch\nWORKDIR a\nWORKDIR b",
                [
                    "WorkdirRelativePath: Relative workdir \"a\" can have unexpected results if the base image changes (line 2)"
                ]
            ),
            ("FROM scratch\nENV d=/x\nWORKDIR $d", []),
            ("FROM b\nARG foo\nCOPY Dockerfile${foo} .", []), ("FROM b AS x\nARG foo=D\nFROM x\nCOPY $foo .", []),
            ("FROM b\nRUN echo $NOPE", []),
            ("FROM b\nCOPY $foo .\nARG foo=bar", [undefined("foo", nil, 2)]),
            ("FROM b\nARG DIR_ASSETS=a\nCOPY $DIR_ASSET .", [undefined("DIR_ASSET", "DIR_ASSETS", 3)]),
            ("FROM b\nENV PATH=$PAHT:/x", [undefined("PAHT", "PATH", 2)]),
            ("FROM b\nENV a=${X:-1} b='$Y' c=\\$Z", [undefined("X", nil, 2)]),
            (
                "FROM b\nUSER $u\nWORKDIR /$w\nEXPOSE $p\nLABEL a=$l\nRUN --mount=type=cache,target=/$m x",
                [
                    undefined("u", nil, 2), undefined("w", nil, 3), undefined("p", nil, 4), undefined("l", nil, 5),
                    undefined("m", nil, 6),
                ]
            ),
            ("FROM b\nARG a=$x", [undefined("x", nil, 2)]),
            ("FROM b\nCMD [\"$x\"]\nHEALTHCHECK CMD $x\nONBUILD COPY $x y", []),
            ("ARG v=1\nFROM b\nENV a=$v", [undefined("v", nil, 3)]),
            ("FROM b\nCOPY <<E /x\n$q\nE\nCOPY <<'E' /x\n$r\nE", [undefined("q", nil, 2)]),
            (
                "FROM scratch\nCMD [\"a\"]\nCMD [\"b\"]\nENTRYPOINT [\"a\"]\nHEALTHCHECK NONE\nENTRYPOINT [\"b\"]\nHEALTHCHECK CMD x",
                [multiple("CMD", 2), multiple("ENTRYPOINT", 4), multiple("HEALTHCHECK", 5)]
            ),
            ("FROM scratch AS a\nCMD [\"a\"]\nFROM a\nCMD [\"b\"]", []),
            (
                "FROM scratch\nENV k v\nLABEL k v\nENV a=b",
                [
                    "LegacyKeyValueFormat: \"ENV key=value\" should be used instead of legacy \"ENV key value\" format (line 2)",
                    "LegacyKeyValueFormat: \"LABEL key=value\" should be used instead of legacy \"LABEL key value\" format (line 3)",
                ]
            ),
            (
                "FROM --platform=$TARGETPLATFORM scratch",
                [
                    "RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior (line 1)"
                ]
            ),
            (
                "FROM --platform=${TARGETPLATFORM} scratch",
                [
                    "RedundantTargetPlatform: Setting platform to predefined ${TARGETPLATFORM} in FROM is redundant as this is the default behavior (line 1)"
                ]
            ),
            ("FROM --platform=linux/$TARGETARCH scratch", []),
            (
                "FROM --platform=linux/amd64 scratch",
                [
                    "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/amd64\" (line 1)"
                ]
            ),
            (
                "FROM --platform=arm64 scratch",
                [
                    "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"arm64\" (line 1)"
                ]
            ),
            (
                "FROM --platform=linux/amd64 scratch AS my_amd64_stage\nFROM --platform=linux/amd64 scratch AS linux\nFROM --platform=linux//x scratch",
                []
            ),
            (
                "FROM scratch\nARG SECRET_PASSPHRASE\nENV SUPER_Secret=f\nENV password=b secret=c\nENV git_key=\nENV PUBLIC_KEY= KEYBOARD=1 monkey=2 TOKEN_FILE=x\nARG public_token",
                [
                    secret("ARG", "SECRET_PASSPHRASE", 2), secret("ENV", "SUPER_Secret", 3),
                    secret("ENV", "password", 4), secret("ENV", "secret", 4), secret("ENV", "git_key", 5),
                ]
            ),
            (
                "ARG VERSION\nFROM busybox:$VERSION",
                [
                    "InvalidDefaultArgInFrom: Default value for ARG busybox:$VERSION results in empty or invalid base image name (line 2)"
                ]
            ),
            (
                "ARG SFX=\"box:\"\nFROM busy${SFX}",
                [
                    "InvalidDefaultArgInFrom: Default value for ARG busy${SFX} results in empty or invalid base image name (line 2)"
                ]
            ),
            ("ARG V=\nFROM busybox:stable${V}", []),
            (
                "FROM scratch\nEXPOSE 80/TcP 81/UDP 82",
                [
                    "ExposeProtoCasing: Defined protocol '80/TcP' in EXPOSE instruction should be lowercase (line 2)",
                    "ExposeProtoCasing: Defined protocol '81/UDP' in EXPOSE instruction should be lowercase (line 2)",
                ]
            ),
            (
                "FROM scratch\nEXPOSE 127.0.0.1:80:80 90:91 [::1]:1:2",
                [
                    "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80' (line 2)",
                    "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '90:91' (line 2)",
                    "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '[::1]:1:2' (line 2)",
                ]
            ),
            (
                "# check=experimental=InvalidDefinitionDescription\n# bar this is the bar\nARG foo=bar\n# BasE this\nFROM scratch AS base\n# bad\nARG version=latest\n# bad\nARG foo=baz bar=qux",
                [
                    description("ARG", "foo", 3), description("FROM", "base", 5), description("ARG", "version", 7),
                    description("ARG", "<arg_key>", 9),
                ]
            ),
            (
                "# check=experimental=all\n# foo this is the foo\nARG foo=bar\n\n# base this\nFROM scratch AS base\n# bar that\nARG foo=baz bar=qux\n# x\n#\nARG bit=bat\n# y\n\nARG c\n# other\nCOPY D .",
                []
            ),
            ("FROM scratch\n# bad\nARG foo=bar", []),
        ] as [(String, [String])])
    func `a check finds what BuildKit's does`(text: String, expected: [String]) throws {
        #expect(try Self.check(text, arguments: text.contains("ARG VERSION\n") ? ["VERSION": "1"] : [:]) == expected)
    }

    static func jsonArgs(_ name: String, _ line: Int) -> String {
        "JSONArgsRecommended: JSON arguments recommended for \(name) to prevent unintended behavior related to OS signals (line \(line))"
    }

    static func undefined(_ name: String, _ near: String?, _ line: Int) -> String {
        "UndefinedVar: Usage of undefined variable '$\(name)'\(near.map { " (did you mean $\($0)?)" } ?? "") (line \(line))"
    }

    static func multiple(_ name: String, _ line: Int) -> String {
        "MultipleInstructionsDisallowed: Multiple \(name) instructions should not be used in the same stage because only the last one will be used (line \(line))"
    }

    static func secret(_ keyword: String, _ name: String, _ line: Int) -> String {
        "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (\(keyword) \"\(name)\") (line \(line))"
    }

    static func description(_ keyword: String, _ name: String, _ line: Int) -> String {
        "InvalidDefinitionDescription: Comment for \(keyword) should follow the format: `# \(name) <description>` (line \(line))"
    }

    @Test(
        arguments: [
            ("Dockerfile", ["Copy file \"Dockerfile\"|2", "Add file \"Dockerfile\"|3"]),
            ("*", ["Copy file \"Dockerfile\"|2", "Copy file \".\"|5", "Add file \"Dockerfile\"|3"]),
            ("*\n!x", []), ("docs", ["Copy file \"docs/a\"|4"]), ("", []),
        ] as [(String, [String])])
    func `a COPY of what is ignored`(ignore: String, expected: [String]) throws {
        let text =
            "# check=experimental=CopyIgnoredFile\nFROM a\nCOPY ./Dockerfile .\nADD Dockerfile /w\nCOPY docs/a /\nCOPY . /\nFROM b\nCOPY --from=0 Dockerfile /"
        let wanted = expected.map { row in
            let parts = row.split(separator: "|")
            return
                "CopyIgnoredFile: Attempting to \(parts[0]) that is excluded by .dockerignore (line \((Int(parts[1]) ?? 0) + 1))"
        }
        #expect(Set(try Self.check(text, ignore: ignore)).intersection(wanted) == Set(wanted))
        #expect(
            try Self.check(text.replacing("# check=experimental=CopyIgnoredFile", with: "#"), ignore: ignore).isEmpty)
    }

    @Test(
        arguments: [
            ("skip=all", []), ("skip=ConsistentInstructionCasing,FromAsCasing", []),
            ("skip=ConsistentInstructionCasing", ["FromAsCasing"]),
            ("skip= FromAsCasing , ConsistentInstructionCasing ;error=true", []),
            ("error=true", ["FromAsCasing", "ConsistentInstructionCasing"]),
            ("", ["FromAsCasing", "ConsistentInstructionCasing"]),
        ] as [(String, [String])])
    func `the check directive chooses`(check: String, expected: [String]) throws {
        let found = try Self.check("#check=\(check)\nFROM scratch as base\ncopy Dockerfile .")
        #expect(found.map { String($0.prefix { $0 != ":" }) } == expected)
    }

    @Test(arguments: ["skp=all", "skip", "error=maybe", "skip=all;x=y"])
    func `a check directive that is wrong`(check: String) throws {
        #expect(throws: DockerfileError.self) { try Self.check("#check=\(check)\nFROM scratch") }
    }

    @Test func `findings become an error where the file says so`() throws {
        let options = try LintOptions(parsing: Word("error=true;skip=StageNameCasing", TextSpan(0, 0)))
        let found = [LintWarning(.undefinedVar, "", TextSpan(0, 0)), LintWarning(.fromAsCasing, "", TextSpan(0, 0))]
        #expect(options.failure(found) == "lint violation found for rules: FromAsCasing, UndefinedVar")
        #expect(options.failure([]) == nil)
        #expect(LintOptions().failure(found) == nil)
    }

    @Test func `nothing is said of the variables of a base that is not there`() throws {
        let text = "FROM nobase AS a\nENV x=$JAVA_HOME\nFROM a\nENV y=$MORE\nFROM scratch\nENV z=$NONE"
        #expect(try Self.check(text) { _ in nil } == [Self.undefined("NONE", nil, 6)])
        #expect(try Self.check("FROM b\nCMD x") { _ in Lint.BaseFacts(environment: [], hasShell: true) }.isEmpty)
    }

    @Test func `a build hears of the stages it needs only`() throws {
        let text = "FROM scratch AS First\nCOPY $foo .\nFROM scratch AS second\nCOPY $bar ."
        #expect(
            try Self.check(text, stages: [1]) == [
                "StageNameCasing: Stage name 'First' should be lowercase (line 1)", Self.undefined("bar", nil, 4),
            ])
    }

    @Test func `what a learner is told besides`() throws {
        let document = try document("ARG v=1\nFROM scratch\nENV a=$v\nCMD ['node', 'server.js']")
        let warnings = try Lint.check(document, try GlobalArguments(document))
        #expect(warnings.map { $0.hint != nil } == [true, true])
        #expect(warnings[0].hint?.contains("repeat ARG v") == true)
        #expect(warnings[1].hint?.contains("double quotes") == true)
    }

    @Test(
        arguments: [
            (LintRule.jsonArgsRecommended, "json-args-recommended"),
            (.secretsUsedInArgOrEnv, "secrets-used-in-arg-or-env"), (.undefinedVar, "undefined-var"),
            (.fromPlatformFlagConstDisallowed, "from-platform-flag-const-disallowed"),
            (.stageNameCasing, "stage-name-casing"),
        ] as [(LintRule, String)])
    func `a rule has its page`(rule: LintRule, name: String) {
        #expect(rule.page == "https://docs.docker.com/go/dockerfile/rule/\(name)/")
        #expect(!rule.summary.isEmpty)
    }
}
