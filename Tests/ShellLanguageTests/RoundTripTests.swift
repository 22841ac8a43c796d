// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ShellLanguage

struct RoundTripTests {
    /// A fixed sequence, so that a failure can be seen again.
    struct Sequence: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let fragments = [
        " ", " ", "\n", "\r\n", "\t", "'", "\"", "\\", "$", "${", "}", "$(", ")", "(", "`", "|", "||", "&", "&&", ";",
        "<", ">", ">>",
        "2>", ">&1", "&>", "#", "@", "!", "~", "=", "a", "ps", "docker ", "expect ", " status 1", " prints x", "if ",
        "가", "한", "🇰🇷", "é",
        "$1", "$@", "$NAME", ":-", "$'", "\\x41", "{{.ID}}", "\u{1112}\u{1161}",
    ]

    private func text(_ random: inout Sequence) -> String {
        (0..<Int.random(in: 0...14, using: &random)).map { _ in Self.fragments.randomElement(using: &random) ?? "" }
            .joined()
    }

    @Test func `any text is read or refused with a place in it`() {
        var random = Sequence(state: 7)
        var accepted = 0
        for _ in 0..<60_000 {
            let text = text(&random)
            let size = text.utf8.count
            do {
                let source = SourceText(text)
                let program = try Program(parsing: source)
                accepted += 1
                for span in program.spans where span.start < 0 || span.end > size || span.start > span.end {
                    Issue.record("\(text.debugDescription): \(span)")
                }
                #expect(program.spans.allSatisfy { source.isOnCharacters($0) }, "\(text.debugDescription)")
            } catch {
                let isInside = error.span.start >= 0 && error.span.end <= size && error.span.start <= error.span.end
                #expect(isInside, "\(text.debugDescription): \(error)")
                #expect(!error.report(in: SourceText(text)).isEmpty)
            }
        }
        #expect(accepted > 1_000)
    }

    @Test func `what the formatter writes means the same`() throws {
        var random = Sequence(state: 11)
        for _ in 0..<60_000 {
            let text = text(&random)
            // A text that is refused has no meaning to compare.
            guard let program = try? Program(parsing: SourceText(text)) else { continue }
            let written = "\(program)"
            let again = try? Program(parsing: SourceText(written))
            #expect(again.map { "\($0)" } == written, "\(text.debugDescription) → \(written.debugDescription)")
            #expect(again?.literals == program.literals, "\(text.debugDescription) → \(written.debugDescription)")
        }
    }

    @Test func `the cursor can stand anywhere`() {
        var random = Sequence(state: 13)
        for _ in 0..<20_000 {
            let text = text(&random)
            let size = text.utf8.count
            let cursor = Int.random(in: 0...size, using: &random)
            let context = CursorContext(in: text, at: cursor)
            #expect(context.span.start >= 0 && context.span.start <= context.span.end, "\(text.debugDescription)")
        }
    }

    @Test func `quoted text is read as it was`() throws {
        var random = Sequence(state: 17)
        for _ in 0..<30_000 {
            let text = text(&random)
            let source = SourceText("x " + ShellQuoting.quote(text))
            let literals = (try? Program(parsing: source))?.literals
            #expect(literals == ["x", text], "\(text.debugDescription)")
        }
    }

    @Test(arguments: [WordPiece.Quoting.none, .single, .double, .ansi])
    func `text continued inside quotes is read as it was when they close`(quoting: WordPiece.Quoting) {
        var random = Sequence(state: 19)
        let closing = [.single: "'", .double: "\"", .ansi: "'"][quoting] ?? ""
        for _ in 0..<10_000 {
            let text = text(&random) + "z"
            let source = SourceText("x " + ShellQuoting.continued(text, in: quoting) + closing)
            #expect((try? Program(parsing: source))?.literals == ["x", text], "\(text.debugDescription)")
        }
    }

    @Test(
        arguments: [
            ("", "''"), ("a", "a"), ("my file", "'my file'"), ("it's", "\"it's\""), ("a$b'c", "\"a\\$b'c\""),
            ("a\nb", "$'a\\nb'"),
            ("#a", "'#a'"), ("~", "'~'"), ("a~", "a~"), ("@x", "'@x'"), ("A=b", "A=b"), ("가나", "가나"), ("{", "'{'"),
            ("*", "'*'"),
        ])
    func `quotes are put where they are needed`(text: String, quoted: String) {
        #expect(ShellQuoting.quote(text) == quoted)
    }

    @Test(arguments: [("my file", "my\\ file"), ("a'b", "a\\'b"), ("~x", "\\~x"), ("a/b", "a/b"), ("a\tb", "$'a\\tb'")])
    func `outside quotes a word goes on with backslashes`(text: String, escaped: String) {
        #expect(ShellQuoting.continued(text, in: .none) == escaped)
    }
}

extension SourceText {
    /// Neither end of a span may cut a UTF-8 sequence.
    fileprivate func isOnCharacters(_ span: SourceSpan) -> Bool {
        [span.start, span.end].allSatisfy { $0 == bytes.count || bytes[$0] & 0xC0 != 0x80 }
    }
}

extension Program {
    private var pipelines: [Pipeline] { statements.flatMap { [$0.first] + $0.rest.map(\.pipeline) } }

    private var commands: [SimpleCommand] {
        pipelines.compactMap {
            switch $0.command {
            case .own(let command), .inContainer(let command): command
            case .onHost: nil
            }
        }
    }

    /// The values of all words that have nothing to fill in.
    fileprivate var literals: [String?] { commands.flatMap { $0.words.map(\.literal) } }

    fileprivate var spans: [SourceSpan] {
        statements.map(\.span) + pipelines.map(\.span) + pipelines.compactMap { $0.filter?.span }
            + commands.flatMap { command in
                [command.span] + command.redirections.map(\.span)
                    + command.words.flatMap { [$0.span] + $0.pieces.map(\.span) }
            }
    }
}
