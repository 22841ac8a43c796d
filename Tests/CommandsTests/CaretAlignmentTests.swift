// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

/// Marks below lines of a Dockerfile stand under what they mean, however wide the characters before it are.
struct CaretAlignmentTests {
    @Test(arguments: [
        ("  RUN 한글 $X\n         ^~", "  RUN 한글 $X\n           ^~"),
        ("  COPY 가나 .\n       ^~", "  COPY 가나 .\n       ^~~~"),
        ("  \tRUN 한 $X\n  \t      ^~", "  \tRUN 한 $X\n  \t       ^~"),
        ("  RUN x $X\n        ^~", "  RUN x $X\n        ^~"),
        ("  LABEL 👨‍👩‍👧 b\n          ^", "  LABEL 👨‍👩‍👧 b\n           ^"), ("^", "^"), ("", ""),
        ("한글\n        ^", "한글\n        ^"),
    ])
    func `a mark stands under its characters`(text: String, shown: String) { #expect(text.caretsByWidth == shown) }

    @Test func `a mistake behind Hangul is marked where a terminal shows it`() async throws {
        try await BuildGround.scoped { ground in
            let typist = ground.typist()
            let message = "Dockerfile:2:10: bad\n  RUN 한글 $X\n         ^~"
            typist.engine.with { $0.buildFailure = EngineError(.invalid, .path("Dockerfile"), message) }
            let error = await typist("build .").error
            #expect(error.hasPrefix("dsh: Dockerfile:2:10: bad\n  RUN 한글 $X\n           ^~\n"))
        }
    }
}
