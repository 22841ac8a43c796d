// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// What another user of the machine sees of an engine, and what a container's words can do to a person's terminal.
struct OtherUsersTests {
    @Test func `nobody else reads, writes or enters anything of the engine's`() async throws {
        try await DshProgram.scoped { dsh async throws in
            // The roots themselves may have been there before, open to all, as a mounted disk is.
            for root in [dsh.roots.root, dsh.roots.run] { try #require(chmod(root, 0o755) == 0) }
            try await dsh.succeed("run", "-d", "-p", "80", "-e", "SECRET=x", "--name", "c", "starter", "sleep", "600")
            try await dsh.succeed("exec", "-d", "c", "sleep", "600")
            try await dsh.succeed("run", "starter", "echo", "secret")
            let look = """
                find \(dsh.roots.root) \(dsh.roots.run) -mindepth 1 \\( -readable -o -writable -o -executable \\) 2>/dev/null
                for p in \(Monitors(of: dsh).all.joined(separator: " ")); do
                    for f in environ maps cwd root exe fd; do head -c 9 /proc/$p/$f 2>/dev/null; ls /proc/$p/$f/ 2>/dev/null; done
                done; true
                """
            let other = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "/bin/sh", "-c", look]
            #expect(try await Program("/usr/bin/setpriv", other).succeed().isEmpty)
            // The same look by root: it sees.
            #expect(try await Program("/bin/sh", ["-c", look]).succeed().contains("dsh.sqlite"))
        }
    }

    /// A title, a cleared screen, a clipboard, a C1 introducer; a colour stays one.
    private static let evil = "\u{1B}]0;title\u{7}\u{1B}[2J\u{1B}]52;c;AAAA\u{7}\u{9B}2J\u{1B}[31mred\u{1B}[0m"

    private static func onTerminal(_ dsh: DshProgram, _ words: [String]) async throws -> String {
        let running = try dsh.program(words).start(on: .terminal(rows: 24, columns: 200))
        defer { running.end() }
        return try await running.waitForEnd().text
    }

    @Test func `a log that carries escapes commands no terminal, and is the same bytes in a pipe`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "printf '%s\\n' \"$1\"; printf '%s\\n' \"$1\" >&2; printf '\\033[3'"
            try await dsh.program(["run", "--name", "c", "starter", "sh", "-c", script, "sh", Self.evil]).succeed()
            let piped = try await dsh("logs", "c")
            #expect(piped.text == Self.evil + "\n\u{1B}[3" && piped.errorText == Self.evil + "\n")
            for words in [["logs", "c"], ["logs", "-f", "c"], ["logs", "-t", "c"]] {
                let shown = try await Self.onTerminal(dsh, words)
                for command in ["\u{1B}]", "\u{1B}[2J", "\u{7}", "\u{9B}"] {
                    #expect(!shown.contains(command), "\(words)")
                }
                #expect(shown.contains("^[]0;title^G^[[2J^[]52;c;AAAA^G<U+009B>2J\u{1B}[31mred\u{1B}[0m"), "\(words)")
                #expect(shown.contains("^[[3"), "\(words): the beginning of a sequence at the end")
            }
        }
    }

    @Test func `names, labels and words that carry escapes command no terminal`() async throws {
        try await DshProgram.scoped { dsh in
            let evil = Self.evil
            try await dsh.program(
                ["create", "--name", "c", "--label", "x=\(evil)", "-e", "X=\(evil)", "starter", "echo", evil]
            ).succeed()
            let quiet = try await dsh("ps", "-a", "--format", "{{.Label \"x\"}}")
            #expect(quiet.text == evil + "\n", "a script gets the bytes")
            for words in [
                ["ps", "-a"], ["ps", "-a", "--no-trunc"], ["ps", "-a", "--format", "{{.Label \"x\"}}"],
                ["ps", "-a", "--format", "table {{.Labels}}\t{{.Command}}"], ["ps", "-a", "--format", "json"],
                ["inspect", "c"], ["inspect", "-f", "{{json .Config}}", "c"],
                ["inspect", "-f", "{{index .Config.Labels \"x\"}}", "c"], ["inspect", "-f", "{{.Config.Env}}", "c"],
                ["rm", evil], ["run", evil], ["start", "-a", "c\(evil)"], ["run", "--name", evil, "starter"],
                ["tag", evil],
                [evil], ["ps", "--\(evil)"], ["cp", "c:/\(evil)", "."], ["exec", "c", evil], ["load", "-i", evil],
            ] {
                let shown = try await Self.onTerminal(dsh, words)
                for command in ["\u{1B}]", "\u{1B}[2J", "\u{7}", "\u{9B}"] {
                    #expect(!shown.contains(command), "\(words)")
                }
            }
        }
    }
}
