// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// `cp`, both ways, on running and stopped containers, by Docker's table of what a path's end means.
@Suite(.serialized)
struct CopyTests {
    /// One copy out of `c`, and what `find` then shows below `out`.
    struct Row: Sendable, CustomTestStringConvertible {
        let source: String
        let target: String
        let found: String
        var testDescription: String { "cp \(source) \(target)" }
    }

    @Test(
        arguments: [
            Row(source: "c:/d/.", target: "have/", found: "have have/f have/sub have/sub/g"),
            Row(source: "c:/d/", target: "have/", found: "have have/d have/d/f have/d/sub have/d/sub/g"),
            Row(source: "c:/d", target: "have", found: "have have/d have/d/f have/d/sub have/d/sub/g"),
            Row(source: "c:/d", target: "new", found: "have new new/f new/sub new/sub/g"),
            Row(source: "c:/d/f", target: "new", found: "have new"),
            Row(source: "c:/d/f", target: "have", found: "have have/f"),
            Row(source: "c:d/f", target: "./have/named", found: "have have/named"),
        ])
    func `out of a container, running and stopped`(row: Row) async throws {
        try await DshProgram.scoped { dsh in
            let make = "mkdir -p /d/sub; echo f > /d/f; echo g > /d/sub/g; echo made; exec sleep 600"
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sh", "-c", make)
            try await dsh.program(["logs", "-f", "c"]).whileRunning { try await $0.waitForOutput("made") }
            for _ in ["running", "stopped"] {
                try await Program("/bin/sh", ["-c", "rm -rf have new; mkdir have"], directory: dsh.roots.files)
                    .succeed()
                let result = try await dsh("cp", row.source, row.target)
                // As Docker: what was copied is told on a terminal only.
                #expect(result.status == 0 && result.errorText.isEmpty)
                let find = "find have new 2>/dev/null | sort | tr '\\n' ' '"
                let found = try await Program("/bin/sh", ["-c", find], directory: dsh.roots.files).succeed()
                #expect(found == row.found + " ")
                try await dsh.succeed("stop", "-t", "0", "c")
            }
        }
    }

    @Test(
        arguments: [
            ("d/.", "c:/test", "test test/f"), ("d", "c:/test", "test test/f"),
            ("d", "c:/have", "have have/d have/d/f"),
            ("d/f", "c:/have", "have have/f"), ("d/f", "c:/have/new", "have have/new"),
            ("d/.", "c:/have/", "have have/f"),
        ])
    func `into a container, running and stopped`(source: String, target: String, found: String) async throws {
        try await DshProgram.scoped { dsh in
            try dsh.roots.write("f\n", to: "d/f")
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            for stopped in [false, true] {
                try await dsh.succeed("exec", "c", "sh", "-c", "rm -rf /test /have; mkdir /have")
                if stopped { try await dsh.succeed("stop", "-t", "0", "c") }
                try await dsh.succeed("cp", source, target)
                if stopped { try await dsh.succeed("start", "c") }
                let shown = try await dsh.succeed(
                    "exec", "c", "sh", "-c", "cd /; find test have 2>/dev/null | sort | tr '\\n' ' '")
                let expected = found.hasPrefix("have") ? found : "have " + found
                #expect(shown == expected + " ")
                #expect(
                    try await dsh.succeed(
                        "exec", "c", "sh", "-c", "stat -c %u:%g $(find /test /have -type f | head -n 1)") == "0:0")
            }
        }
    }

    @Test func `bad copies are refused with a reason and change nothing`() async throws {
        try await DshProgram.scoped { dsh in
            try dsh.roots.write("host\n", to: "plain")
            try dsh.roots.write("host\n", to: "d/f")
            try await dsh.succeed("create", "--name", "c", "starter")
            let rows = [
                (["c:/no/such", "."], "Could not find the file /no/such in container c"),
                (["no-such-file", "c:/"], "no-such-file"),
                (["c:/bin", "plain"], "cannot copy directory"),
                (["d", "c:/etc/passwd"], "which is a file"),
                (["plain", "d"], "must specify at least one container source"),
                (["c:/etc", "c:/tmp"], "copying between containers is not supported"),
                (["nobody:/etc", "."], "No such container: nobody"),
            ]
            for (words, sentence) in rows {
                let result = try await dsh.program(["cp"] + words).run()
                #expect(result.status == 1, "\(words)")
                #expect(result.errorText.lowercased().contains(sentence.lowercased()), "\(words)")
            }
            #expect(try await Program("/bin/cat", [dsh.roots.files + "/plain"]).succeed() == "host")
        }
    }

    @Test func `links: copied as links, followed with -L, never out of the root`() async throws {
        try await DshProgram.scoped { dsh in
            try dsh.roots.write("content\n", to: "real")
            symlink("real", dsh.roots.files + "/link")
            mkdir(dsh.roots.files + "/target", 0o755)
            symlink("target", dsh.roots.files + "/linked")
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            try await dsh.succeed("cp", "link", "c:/as-link")
            try await dsh.succeed("cp", "-L", "link", "c:/as-file")
            #expect(
                try await dsh.succeed("exec", "c", "sh", "-c", "readlink /as-link; cat /as-file") == "real\ncontent")
            try await dsh.succeed("cp", "c:/etc/passwd", "linked/x")
            #expect(try await Program("/usr/bin/test", ["-f", dsh.roots.files + "/target/x"]).run().status == 0)

            let marker = dsh.roots.files + "/outside"
            try await dsh.succeed("exec", "c", "sh", "-c", "ln -s \(dsh.roots.files) /escape; ln -s ../../../../.. /up")
            try dsh.roots.write("secret\n", to: "outside")
            let out = try await dsh("cp", "c:/escape/outside", "stolen")
            #expect(out.status != 0 && access(dsh.roots.files + "/stolen", F_OK) != 0)
            _ = try await dsh("cp", "real", "c:/escape/planted")
            #expect(access(dsh.roots.files + "/planted", F_OK) != 0)
            #expect(try await Program("/bin/cat", [marker]).succeed() == "secret")
        }
    }

    @Test func `a dash reads and writes tar`() async throws {
        try await DshProgram.scoped { dsh in
            try dsh.roots.write("in\n", to: "d/f")
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            let archive = try await Program("/bin/tar", ["-c", "-C", dsh.roots.files, "d"]).run()
            let into = try await dsh.program(["cp", "-", "c:/tmp"]).run(input: archive.output)
            #expect(into.status == 0)
            let out = try await dsh("cp", "c:/tmp/d", "-")
            let listed = try await Program("/bin/tar", ["-t"]).run(input: out.output)
            #expect(listed.lines.contains("d/f"))
        }
    }

    @Test func `names in Hangul pass unchanged`() async throws {
        try await DshProgram.scoped { dsh in
            try dsh.roots.write("값\n", to: "한글 파일.txt")
            try await dsh.succeed("run", "-d", "--name", "c", "starter", "sleep", "600")
            try await dsh.succeed("cp", "한글 파일.txt", "c:/")
            try await dsh.succeed("cp", "c:/한글 파일.txt", "돌아옴.txt")
            #expect(try await Program("/bin/cat", [dsh.roots.files + "/돌아옴.txt"]).succeed() == "값")
            // Composed and decomposed: two names, byte by byte.
            for name in ["각", "\u{1100}\u{1161}\u{11a8}"] {
                try await dsh.succeed("exec", "c", "touch", "/tmp/\(name)")
                let shown = try await dsh("exec", "c", "sh", "-c", "echo /tmp/*")
                #expect(shown.output == Array("/tmp/\(name)\n".utf8))
                try await dsh.succeed("exec", "c", "rm", "/tmp/\(name)")
            }
        }
    }
}
