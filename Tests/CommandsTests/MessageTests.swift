// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Commands

struct MessageTests {
    @Test(arguments: [
        ("ko_KR.UTF-8", "", "", Language.korean), ("", "ko", "", .korean), ("", "", "ko_KR", .korean),
        ("", "", "ko.utf8", .korean),
        ("C", "ko", "ko", .english), ("", "en_US.UTF-8", "ko_KR", .english), ("", "", "", .english),
        ("", "", "kok_IN", .english),
        ("", "", "C.UTF-8", .english),
    ])
    func `the first locale that is set chooses the language`(
        all: String, messages: String, lang: String, language: Language
    ) {
        let environment = ["LC_ALL": all, "LC_MESSAGES": messages, "LANG": lang]
        #expect(Language { environment[$0] } == language)
    }

    /// The sources of Commands, without comments.
    private static let sources: [(path: String, text: String)] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Commands")
        let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.map { path in
            // A source that cannot be read would make the tests below pass for nothing: it counts as empty, and the count
            // of sentences is checked.
            let text = (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return (path, lines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }.joined(separator: "\n"))
        }
    }()

    /// Every `Text("english", "korean")` of the sources.
    private static let sentences: [(path: String, english: String, korean: String)] = sources.flatMap { source in
        var found: [(String, String, String)] = []
        var rest = source.text[...]
        while let place = rest.firstRange(of: "Text(") {
            let before = rest[..<place.lowerBound].last
            rest = rest[place.upperBound...]
            if let before, before.isLetter || before == "." { continue }
            let literals = Self.literals(in: rest)
            if literals.count == 2 { found.append((source.path, literals[0], literals[1])) }
        }
        return found
    }

    /// String literals up to the parenthesis that closes the call.
    private static func literals(in text: Substring) -> [String] {
        var literals: [String] = []
        var rest = text
        while let character = rest.first {
            if character == ")" { return literals }
            if rest.hasPrefix("\"\"\"") {
                rest = rest.dropFirst(3)
                guard let end = rest.firstRange(of: "\"\"\"") else { return [] }
                literals.append(String(rest[..<end.lowerBound]))
                rest = rest[end.upperBound...]
            } else if rest.hasPrefix("#\"") {
                rest = rest.dropFirst(2)
                guard let end = rest.firstRange(of: "\"#") else { return [] }
                literals.append(String(rest[..<end.lowerBound]))
                rest = rest[end.upperBound...]
            } else if character == "\"" {
                rest = rest.dropFirst()
                var literal = ""
                var depth = 0
                while let next = rest.popFirst() {
                    if next == "\\", rest.first == "(" { depth += 1 }
                    if next == "\\", depth == 0 || rest.first != "(" {
                        literal.append(next); if let escaped = rest.popFirst() { literal.append(escaped) }; continue
                    }
                    if depth > 0, next == ")" { depth -= 1 }
                    if next == "\"", depth == 0 { break }
                    literal.append(next)
                }
                literals.append(literal)
            } else {
                rest = rest.dropFirst()
            }
        }
        return []
    }

    @Test func `every sentence exists in both languages`() {
        #expect(Self.sentences.count > 150)
        for sentence in Self.sentences {
            // Keys have the same name everywhere.
            if sentence.english.hasPrefix("Ctrl-") { continue }
            #expect(sentence.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }, "\(sentence)")
            #expect(!sentence.english.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }, "\(sentence)")
            #expect(!sentence.english.isEmpty)
        }
    }

    @Test func `both languages say the same things: what is filled in appears in both`() {
        for sentence in Self.sentences {
            func filled(_ text: String) -> Set<String> {
                Set(
                    text.split(separator: "\\(", omittingEmptySubsequences: false).dropFirst().map {
                        String($0.prefix { $0 != ")" })
                    })
            }
            #expect(filled(sentence.english) == filled(sentence.korean), "\(sentence)")
        }
    }

    /// Sentences that Docker's users search for stay English: they may stand where they are printed.
    private static let docker = [
        "Unable to find image '", "Successfully copied ", "Loaded image: ", "Loaded image ID: ",
        "Total reclaimed space: ", "WARNING: ", "Successfully built ", "Successfully tagged ", "Check complete, ",
        "Shared: ", "Private: ", "Reclaimable: ", "Total: ",
        "dsh version ", "dsh: ", "Usage:  ", "\\nUsage:  ",
    ]

    @Test func `no sentence is printed that is not in the catalogue of messages`() {
        for source in Self.sources where !source.path.hasPrefix("Messages/") {
            for call in ["output.line(\"", "error.line(\"", "output.write(\"", "error.write(\""] {
                var rest = source.text[...]
                while let place = rest.firstRange(of: call) {
                    rest = rest[place.upperBound...]
                    let literal = String(rest.prefix { $0 != "\n" })
                    let fixed = literal.prefix { $0 != "\\" && $0 != "\"" }
                    let isSentence = fixed.contains(" ") && fixed.contains(where: \.isLetter)
                    #expect(!isSentence || Self.docker.contains { literal.hasPrefix($0) }, "\(source.path): \(literal)")
                }
            }
        }
    }
}
