// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal
import Testing

@testable import Commands

/// `build --explain-cache`, and the one line of a rebuild that says where the cache ended.
struct ExplainCacheTests {
    private static let reasons: [CacheReason] = [
        .unchanged(files: 3), .unchanged(files: nil), .notUsed, .first, .added, .edited(former: "RUN a"),
        .removed(former: "RUN b"), .base("node"), .files([.init("a", .isNew), .init("b", .isGone)]),
        .variable("V", former: nil, now: "1"), .variable("V", former: "1", now: nil),
        .variable("V", former: "1", now: "2"), .setting("USER", former: "", now: "me"), .below(step: 2), .forgotten,
    ]

    @Test(arguments: Language.allCases)
    func `with the flag every step has its reason, without it only the one where the cache ends`(language: Language) {
        let screen = BuildScreen(columns: 80, rows: 24)
        for reason in Self.reasons {
            for explains in [true, false] {
                var plain = PlainBuildView(language: language, isForTerminal: false, explains: explains)
                _ = plain.text(for: .started(BuildViewTests.run), at: .zero, on: screen)
                let told = plain.text(for: .explained(BuildViewTests.run, reason), at: .zero, on: screen)
                #expect(told.isEmpty == (!explains && !reason.endsCache), "\(reason)")
                #expect(told.contains("Cache ends here") == (language == .english && reason.endsCache))
                let isKorean = told.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }
                #expect(told.isEmpty || isKorean == (language == .korean), "\(told)")

                var live = LiveBuildView(language: language, hasColour: false, explains: explains)
                _ = live.text(for: .started(BuildViewTests.run), at: .zero, on: screen)
                _ = live.text(for: .explained(BuildViewTests.run, reason), at: .zero, on: screen)
                let row = live.text(
                    for: .finished(BuildViewTests.run, fromCache: false, size: nil), at: .zero, on: screen)
                #expect(row.split(separator: "\n").count == (told.isEmpty ? 1 : 2), "\(row)")
            }
        }
    }

    @Test func `what became of a file is said in Korean too`() {
        let changes: [CacheReason.FileChange.Kind] = [
            .isNew, .isGone, .contents, .target, .kind, .size(1, 2), .mode(0o644, 0o755), .owner("0:0", "1:1"),
        ]
        for change in changes {
            let text = Text.because(.files([.init("server.js", change)]))
            #expect(text.english.hasPrefix("server.js ") && text.korean.hasPrefix("server.js "))
            #expect(text.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) })
        }
    }
}
