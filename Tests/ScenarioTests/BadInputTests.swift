// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// What people get wrong: one clear sentence, the right status, and nothing left behind.
struct BadInputTests {
    @Test(arguments: BadInputGroup.all)
    func `bad input is answered by one sentence, and leaves nothing`(group: BadInputGroup) async throws {
        try await DshProgram.scoped { dsh in
            let before = try await dsh.succeed("images", "-a", "--no-trunc")
            for row in group.rows {
                let words = row.line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
                let result = try await dsh.program(words).run(within: .seconds(20))
                let seen = Comment(rawValue: "\(row.line): \(result.status) \(result.errorText)")
                #expect(result.status == row.status, seen)
                #expect(result.errorText.contains(row.sentence), seen)
                // `inspect` prints the list of what it found before it says what it did not.
                #expect(result.text.isEmpty || result.text == "[]\n", seen)
                #expect(result.errorLines.count <= 6, seen)
                #expect(!result.errorText.contains("Swift") && !result.errorText.contains("(code:"), seen)
            }
            #expect(try await dsh.succeed("ps", "-aq").isEmpty)
            #expect(try await dsh.succeed("images", "-a", "--no-trunc") == before)
        }
    }

    @Test func `every command has two rows at least, and there are a hundred`() async throws {
        let lines = BadInputGroup.all.flatMap(\.rows).map { $0.line.split(separator: " ") }
        #expect(lines.count >= 100)
        try await DshProgram.scoped { dsh in
            let help = try await dsh.succeed("help").split(separator: "\n")
            let commands = help.filter { $0.hasPrefix("  ") && !$0.hasPrefix("  --") }.map {
                $0.split(separator: " ")[0]
            }
            #expect(commands.count > 30)
            for command in commands {
                #expect(lines.count { $0.first == command } >= 2, "\(command)")
            }
        }
    }

    @Test func `the same in Korean: the sentence that people search for, and the hint in their language`() async throws
    {
        try await DshProgram.scoped(environment: ["LANG": "ko_KR.UTF-8"]) { dsh in
            let missing = try await dsh("run", "node")
            #expect(missing.errorText.contains("Unable to find image 'node:latest' locally"))
            #expect(missing.errorText.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) })
            let help = try await dsh("ps", "--help")
            #expect(help.status == 0 && help.text.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) })
        }
    }

    @Test func `an ordinary user gets one sentence with the line to type`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let program = DshProgram.builtDirectory + "/dsh"
            let line = "cd /; exec setpriv --reuid 65534 --regid 65534 --clear-groups \(program) ps"
            let result = try await Program(
                "/bin/sh", ["-c", line], environment: ["DSH_ROOT": roots.root, "DSH_RUN": roots.run]
            ).run()
            // A build folder in root's home cannot even be executed by others.
            if result.status == 126 || result.status == 127 { return }
            #expect(result.status == 1 && result.errorLines.count == 1)
            #expect(result.errorText.contains("sudo \(program) ps"))
        }
    }
}
