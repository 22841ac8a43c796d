// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// The editor inside tmux: a terminal that reflows, answers questions and joins emoji, and that is not of our making.
struct TmuxTests {
    private static let path = "/usr/bin/tmux"

    /// A tmux server of the test's own with the probe in its only window.
    private struct Server {
        let name: String

        @discardableResult
        func callAsFunction(_ words: String...) async throws -> String {
            let program = Program(TmuxTests.path, ["-f", "/dev/null", "-L", name] + words)
            let result = try await program.run()
            guard result.status == 0 else { throw ScreenFailure(description: "tmux \(words): \(result.errorText)") }
            return result.text
        }

        func type(_ text: String) async throws { try await self("send-keys", "-l", text) }

        func press(_ keys: String...) async throws { for key in keys { try await self("send-keys", key) } }

        /// Waits until the pane's text without blanks, and the cursor's column, are as wished.
        func wait(for text: String, column: Int? = nil) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            var seen = ""
            while ContinuousClock.now < deadline {
                seen = try await self("capture-pane", "-p")
                let place = try await self("display-message", "-p", "#{cursor_x}")
                let isThere = seen.filter { !$0.isWhitespace }.hasSuffix(text)
                if isThere, column.map({ "\($0)\n" == place }) ?? true { return }
            }
            throw ScreenFailure(description: "never saw \(text) with the cursor in \(column ?? -1):\n\(seen)")
        }
    }

    private func running(_ body: (Server) async throws -> Void) async throws {
        let server = Server(name: "dsh-test-\(UInt64.random(in: 0...(.max)))")
        let probe = "env LANG=C.UTF-8 EDITRC=/nonexistent \(DshProgram.builtDirectory)/editor-probe"
        try await server("new-session", "-d", "-x", "60", "-y", "20", probe)
        do { try await body(server) } catch {
            try await server("kill-server")
            throw error
        }
        try await server("kill-server")
    }

    @Test(.enabled(if: Program.exists("/usr/bin/tmux"), "tmux is not installed"))
    func `a terminal that reflows is painted anew without residue`() async throws {
        try await running { tmux in
            try await tmux.wait(for: "dsh❯", column: 6)
            try await tmux.type("가나다 라마바 사아자 차카타 파하 가나다 라마바 사아자 끝")
            let line = "dsh❯가나다라마바사아자차카타파하가나다라마바사아자끝"
            try await tmux.wait(for: line)
            for width in ["30", "18", "45", "60"] {
                try await tmux("resize-window", "-x", width)
                try await tmux.press("End")
                try await tmux.wait(for: line)
                let text = try await tmux("capture-pane", "-p").filter { !$0.isWhitespace }
                #expect(text == line)
            }
        }
    }

    @Test(.enabled(if: Program.exists("/usr/bin/tmux"), "tmux is not installed"))
    func `the terminal is asked how it draws emoji, and the cursor is right either way`() async throws {
        try await running { tmux in
            try await tmux.wait(for: "dsh❯", column: 6)
            try await tmux.type("a👨‍👩‍👧b❤️c👍🏽d🇰🇷e")
            try await tmux.press("Home")
            try await tmux.wait(for: "a👨‍👩‍👧b❤️c👍🏽d🇰🇷e", column: 6)
            // What the editor takes for the end is where tmux puts what it writes.
            try await tmux.press("End")
            try await tmux.type("!")
            try await tmux.wait(for: "🇰🇷e!")
            try await tmux.press("BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace")
            try await tmux.wait(for: "a👨‍👩‍👧", column: 9)
            try await tmux.press("BSpace")
            try await tmux.wait(for: "dsh❯a", column: 7)
        }
    }
}
