// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@testable import Shell

struct HistoryTests {
    @Test
    func `two shells share what they accept, in a file for its owner alone`() async throws {
        try await TemporaryEngineRoots.scoped { roots in try await share(through: roots.files + "/state/dsh/history") }
    }

    private func share(through path: String) async throws {
        let environment = ["PROBE_HISTORY": path]
        try await EditorTerminal.running(environment: environment) { first in
            try await EditorTerminal.running(environment: environment) { second in
                first.type("from the first 가나\r")
                try await first.waitFor("LINE:from the first 가나:")
                second.type("\u{1B}[A")
                try await second.waitForRow("dsh ❯ from the first 가나", column: 25)
                second.type("\u{15}from the second\r")
                try await second.waitFor("LINE:from the second:")
                first.type("\u{1B}[A")
                try await first.waitForRow("dsh ❯ from the second", column: 21)
                first.type("\u{1B}[A")
                try await first.waitForRow("dsh ❯ from the first 가나", column: 25)
            }
        }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test
    func `eight shells that write fifty lines each lose none`() async throws {
        try await TemporaryEngineRoots.scoped { roots in try await writeTogether(to: roots.files + "/history") }
    }

    private func writeTogether(to path: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shell in 0..<8 {
                group.addTask {
                    try await EditorTerminal.running(environment: ["PROBE_HISTORY": path]) { terminal in
                        terminal.type((0..<50).map { "shell \(shell) line \($0)\r" }.joined())
                        try await terminal.waitFor("LINE:shell \(shell) line 49:")
                    }
                }
            }
            try await group.waitForAll()
        }
        let entries = try HistoryFile(path: path).readNew()
        let expected = (0..<8).flatMap { shell in (0..<50).map { "shell \(shell) line \($0)" } }
        #expect(Set(entries) == Set(expected))
        #expect(entries.count == 400)
    }

    @Test
    func `a line that begins with a blank, and an empty one, are not kept`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let path = roots.files + "/history"
            try await EditorTerminal.running(environment: ["PROBE_HISTORY": path]) { terminal in
                terminal.type(" secret\r\rkept\r")
                try await terminal.waitFor("LINE:kept:")
            }
            #expect(try HistoryFile(path: path).readNew() == ["kept"])
        }
    }

    @Test(
        arguments: [
            ("plain\\040line", "plain line"), ("a\\012b\\134x\\011", "a\nb\\x\t"), ("가나\\040다", "가나 다"),
            ("\\^[[A\\^?", "\u{1B}[A\u{7F}"), ("\\M-C\\M-)", "é"), ("trailing\\", "trailing\\"),
        ] as [(String, String)])
    func `the file's encoding is vis(3)'s`(encoded: String, line: String) {
        #expect(HistoryFile.entries(in: Array("_HiStOrY_V2_\n\(encoded)\n".utf8)) == [line])
    }
}
