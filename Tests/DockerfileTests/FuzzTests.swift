// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Dockerfile

/// Texts that nobody would write, made of the pieces that mean something: nothing may crash, hang or point outside the text.
///
/// `DSH_FUZZ_ROUNDS` in the environment multiplies the rounds.
struct FuzzTests {
    static let seeds = [
        "# syntax=docker/dockerfile:1\n# escape=`\nARG v=1\nFROM a:$v AS b\nRUN x `\n  y\n",
        "FROM a\nRUN --mount=type=cache,target=/x,sharing=locked <<-'EOF'\n\tcat\nEOF\nCOPY <<A <<B /d/\n1\nA\n$v\nB\n",
        "FROM a AS x\nENV a=b \"c d\"='e f' g=\\ h\nENV old form\nLABEL k=\"v $a\" l=${a:-x}\nEXPOSE 80/tcp $p\n",
        "FROM a\nHEALTHCHECK --interval=1m --retries=3 CMD [\"a\", \"b\\u00e9\"]\nONBUILD COPY --chown=1:2 --link . /\nSHELL [\"a\"]\n",
        "FROM a AS 한글\r\nCMD ['x']\r\nVOLUME [\"/a\"]\r\nWORKDIR b\\\r\n\r\n# c\r\n d\r\nUSER $u\nSTOPSIGNAL 9\nMAINTAINER me\n",
        "FROM x AS y\nFROM y\nCOPY --from=0 a b\nADD --checksum=sha256:0 https://x/y z\nENTRYPOINT []\nRUN [\"a\", [1, {\"b\": null}]]\n",
    ]

    static let pieces = [
        "\n", "\r\n", "\\\n", "\\", "`", "\"", "'", "$", "${", "}", ":-", "#", "##", "%", "/", "//", "<<", "<<-", "<<E",
        "EOF\n", "[", "]", ",", "{", "=", "==", " ", "\t",
        "--", "--from=", "--mount=", "type=", "FROM ", "RUN ", "COPY ", "ARG ", "ENV ", "ONBUILD ",
        "# check=skip=all\n", "a", "한", "é", "🇰🇷", "\u{FEFF}", "\u{A0}", "\u{301}",
        "*", "**", "?", "!", "[a-", "\\u00", "0", "9999999999999999999", "-", ".", "..", "\u{0}",
    ]

    static let rounds: Int = {
        let asked = getenv("DSH_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) }
        return max(asked ?? 1, 1)
    }()

    /// Cuts, doubles, swaps and fills in.
    static func mutated(_ text: String, _ random: inout Sequence) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0...scalars.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let end = min(place + Int.random(in: 0...8, using: &random), scalars.count)
                scalars.removeSubrange(place..<end)
            case 1:
                let end = min(place + Int.random(in: 0...20, using: &random), scalars.count)
                scalars.insert(contentsOf: Array(scalars[place..<end]), at: place)
            default:
                let piece = pieces.randomElement(using: &random) ?? ""
                scalars.insert(contentsOf: piece.unicodeScalars, at: place)
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    static func isInside(_ span: TextSpan, _ text: String) -> Bool {
        span.start >= 0 && span.end >= span.start && span.end <= text.utf8.count
    }

    @Test func `any Dockerfile is read or refused with a place in it`() throws {
        var random = Sequence(state: 3)
        var accepted = 0
        for round in 0..<6_000 * Self.rounds {
            let seed = Self.seeds[round % Self.seeds.count]
            let text = round % 5 == 0 ? random.text(Self.pieces, 30) : Self.mutated(seed, &random)
            let source = DockerfileText(text, name: "f")
            do throws(DockerfileError) {
                try Self.use(try DockerfileDocument.parse(source))
                accepted += 1
            } catch {
                if !Self.isInside(error.span, text) { Issue.record("\(text.debugDescription): \(error)") }
                #expect(!error.report(in: source).isEmpty)
            }
        }
        #expect(accepted > 500)
    }

    /// Does with a file what a build does.
    static func use(_ document: DockerfileDocument) throws(DockerfileError) {
        let text = document.text.text
        for instruction in document.instructions
        where !isInside(instruction.span, text) || !isInside(instruction.name.span, text) {
            Issue.record("\(text.debugDescription): \(instruction)")
        }
        let global = try GlobalArguments(document, BuildInputs(arguments: ["v": "2"]))
        let graph = try StageGraph(document, global)
        for warning in try Lint.check(document, global) where !isInside(warning.span, text) {
            Issue.record("\(text.debugDescription): \(warning)")
        }
        let plan = try graph.plan()
        if Set(plan.needed).union(plan.skipped).count != graph.stages.count {
            Issue.record("\(text.debugDescription): \(plan)")
        }
    }

    @Test func `any text is expanded or refused with a place in it`() {
        var random = Sequence(state: 5)
        let values = ["a": "x y", "v": "aXbXc", "PATH": "/bin", "e": "", "한": "글"]
        var accepted = 0
        for _ in 0..<20_000 * Self.rounds {
            let text = random.text(Self.pieces + ["${v", "${v#", "${v//X/", "$a", ":?", ":+", "X", "\\*"], 12)
            let expander = VariableExpander(
                escape: Bool.random(using: &random) ? "\\" : "`", keepsUnset: Bool.random(using: &random))
            do throws(ExpansionFailure) {
                let expansion = try expander.expand(text) { values[$0] }
                accepted += 1
                #expect(expansion.words.allSatisfy { !$0.isEmpty })
            } catch {
                #expect(
                    error.range.lowerBound >= 0 && error.range.upperBound <= text.utf8.count,
                    "\(text.debugDescription): \(error)")
            }
        }
        #expect(accepted > 2_000)
    }

    @Test func `a text without anything special stays as it is`() throws {
        var random = Sequence(state: 9)
        for _ in 0..<2_000 {
            let text = random.text(["a", "b ", "한", "#", "%", "/", ":", "{", "}", "*", "-", "="], 20)
            #expect(try VariableExpander(escape: "\\").expand(text) { _ in nil }.text == text)
        }
    }

    @Test func `any ignore file is read or refused, and what need not be walked has nothing in it`() throws {
        var random = Sequence(state: 7)
        let parts = [
            "a", "b", "ab", "a.b", "*", "?", "**", "/", "/", "[ab]", "[^a]", "!", "\n", "\n", "\n!", "\\a", ".", "..",
            "# x\n", " ", "[",
        ]
        let names = ["a", "b", "ab", "a.b"]
        var accepted = 0
        for _ in 0..<6_000 * Self.rounds {
            let text = random.text(parts, 14)
            // What is refused has its own test.
            guard let rules = try? IgnoreRules(parsing: DockerfileText(text, name: "i")) else { continue }
            accepted += 1
            for first in names {
                let verdict = rules.verdict(on: first, in: rules.root)
                #expect(verdict == rules.verdict(on: first))
                let mustWalk = rules.mustWalk(first, verdict)
                for second in names {
                    let below = rules.verdict(on: "\(first)/\(second)", in: verdict)
                    let deeper = rules.verdict(on: "\(first)/\(second)/ab", in: below)
                    if !mustWalk, !below.isExcluded || !deeper.isExcluded {
                        Issue.record("\(text.debugDescription): \(first)/\(second)")
                    }
                }
            }
        }
        #expect(accepted > 2_000)
    }

    @Test(.timeLimit(.minutes(1))) func `nothing takes long for what repeats`() throws {
        let stars = String(repeating: "a*", count: 60) + "b"
        let name = String(repeating: "a", count: 4_000)
        #expect(try !IgnoreTests.rules(stars).verdict(on: name).isExcluded)
        #expect(
            try !IgnoreTests.rules(String(repeating: "**/a", count: 40) + "b").verdict(
                on: String(repeating: "a/", count: 60)
            ).isExcluded)
        #expect(try VariableExpander(escape: "\\").expand("${v%%\(stars)}") { _ in name }.text == name)
        let open = String(repeating: "[", count: 100_000)
        #expect(try instruction("CMD \(open)").keyword == .cmd)
        let lines = "FROM a\n" + String(repeating: "RUN a \\\n b \\\n c\n", count: 10_000)
        #expect(try document(lines).stages[0].instructions.count == 10_000)
        #expect(mistake("FROM a\n" + String(repeating: "ONBUILD ", count: 20_000) + "RUN x") != nil)
    }
}
