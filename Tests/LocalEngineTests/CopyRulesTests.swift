// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import Testing

@testable import LocalEngine

/// What `cp` leaves behind, for each form of its two paths.
struct CopyRulesTests {
    /// A directory for each side, gone with this value.
    final class Sides: Sendable {
        let path: String
        var container: String { path + "/c" }
        var host: String { path + "/h" }

        init() throws {
            var template = Array("/tmp/dsh-cp-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            try shell(
                """
                mkdir -p c/d/sub c/t h/have h/full/f h/full/d; cd c
                echo a >d/a.txt; echo b >d/sub/b.txt; ln d/a.txt d/again; chown 1000:1000 d/a.txt; chmod 4750 d/a.txt
                echo f >f; ln -s f ln; ln -s d dl; ln -s /t abs; ln -s ../../../../../../t esc; ln -s nowhere dangling
                cd ../h; echo old >file; ln -s have sl; ln -s ../c up; mkfifo pipe
                """)
        }

        deinit { _ = try? shell("rm -rf '\(path)'") }  // What cannot be removed stays in /tmp for a person to look at.

        /// Runs a script in the directory of both sides and gives what it printed.
        @discardableResult
        func shell(_ script: String) throws -> String {
            let pipe = try #require(popen("cd '\(path)' && { \(script)\n} 2>&1", "r"))
            var text = ""
            var line = [CChar](repeating: 0, count: 4096)
            while fgets(&line, Int32(line.count), pipe) != nil {
                text += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
            pclose(pipe)
            return text
        }

        func side(_ owner: CopySide.Owner) throws -> CopySide {
            let path =
                switch owner {
                case .host: host
                case .container, .image: container
                }
            return CopySide(
                root: try Descriptor(opening: path, Descriptor.pathOnly | O_DIRECTORY), owner: owner)
        }
    }

    /// From the container to the host: what is then under the target.
    static let outwards: [(source: String, target: String, shows: String)] = [
        ("d/.", "have", "a.txt again sub"), ("d/", "have", "d"), ("d", "have", "d"), ("d", "new", "a.txt again sub"),
        ("d/.", "new", "a.txt again sub"), ("/d/.", "have/", "a.txt again sub"), ("f", "have", "f"),
        ("f", "have/", "f"),
        ("f", "new", "new"), ("f", "have/other", "have/other"), ("f", "file", "file"), ("ln", "have", "ln@"),
        ("dl", "have", "dl@"), ("dl/", "have", "dl"), ("dl/.", "have", "a.txt again sub"),
        ("dangling", "have", "dangling@"),
        ("f", "sl/x", "sl/x"), ("d/sub", "sl", "sub"), ("/", "new", "abs@ d dangling@ dl@ esc@ f ln@ t"),
        ("esc/../f", "have", "f"),
    ]

    @Test(arguments: outwards.indices)
    func `a copy to the host has the names that Docker gives it`(row: Int) throws {
        let (source, target, shows) = Self.outwards[row]
        let sides = try Sides()
        _ = try CopyRules().copy(source, from: sides.side(.container("c")), to: target, on: sides.side(.host))
        // `ls -F` marks links with @; a directory is listed by its names, without their other marks.
        let listed = try sides.shell(
            "cd h && ls -dF \(target) >/dev/null && ls -FH \(target) | sed 's/[*|/]$//' | tr '\\n' ' '")
        #expect(listed == shows + " ", "\(source) → \(target)")
    }

    static let refused: [(source: String, target: String, says: String)] = [
        ("nosuch", "have", "Could not find the file nosuch in container c"),
        ("/no/such", "have", "Could not find the file /no/such in container c"),
        ("f/", "have", "f/: not a directory"), ("f/.", "have", "f/.: not a directory"),
        ("f", "new/", "invalid output path: directory \"new\" does not exist"),
        ("f", "no/where", "invalid output path: directory \"no\" does not exist"),
        ("d", "file", "cannot copy directory \"d\" onto \"file\", which is a file"),
        ("f", "full", "cannot overwrite directory \"f\" with non-directory \"f\""),
        ("f", "pipe", "cannot copy onto \"pipe\", which is not a regular file"),
        ("f", "file/", "file/: not a directory"),
    ]

    @Test(arguments: refused.indices)
    func `a copy that cannot be says why and changes nothing`(row: Int) throws {
        let (source, target, says) = Self.refused[row]
        let sides = try Sides()
        let before = try sides.shell("cd h && find . | sort && cat file")
        #expect {
            try CopyRules().copy(source, from: sides.side(.container("c")), to: target, on: sides.side(.host))
        } throws: {
            ($0 as? EngineError)?.message == says
        }
        #expect(try sides.shell("cd h && find . | sort && cat file") == before)
    }

    @Test(arguments: ["abs/x", "esc/x", "/../../../t/x", "t/../../t/x"])
    func `no path of a container leads out of it`(target: String) throws {
        let sides = try Sides()
        _ = try CopyRules().copy("file", from: sides.side(.host), to: target, on: sides.side(.container("c")))
        #expect(try sides.shell("cat c/t/x; ls h") == "old\nfile\nfull\nhave\npipe\nsl\nup\n")
    }

    @Test func `a copy keeps modes, times and second names, and belongs to root unless owners are asked for`() throws {
        let sides = try Sides()
        try sides.shell("touch -d @1000000000 c/d/a.txt c/d/sub c/d")
        _ = try CopyRules().copy("d", from: sides.side(.container("c")), to: "new", on: sides.side(.host))
        #expect(
            try sides.shell("stat -c '%a %u:%g %h %Y' h/new/a.txt h/new/again")
                == "4750 0:0 2 1000000000\n4750 0:0 2 1000000000\n")
        #expect(try sides.shell("stat -c %Y h/new h/new/sub") == "1000000000\n1000000000\n")
        let keeping = CopyRules(keepsOwners: true)
        _ = try keeping.copy("d/a.txt", from: sides.side(.container("c")), to: "kept", on: sides.side(.host))
        #expect(try sides.shell("stat -c '%a %u:%g' h/kept") == "4750 1000:1000\n")
    }

    @Test func `a link as source is copied as a link, or followed with -L`() throws {
        let sides = try Sides()
        _ = try CopyRules(followsLink: true).copy(
            "ln", from: sides.side(.container("c")), to: "have", on: sides.side(.host))
        #expect(try sides.shell("cat h/have/ln") == "f\n")
    }

    @Test(arguments: [
        ("/", "abs/ d/ dangling dl/ esc/ f ln t/"), ("", "abs/ d/ dangling dl/ esc/ f ln t/"),
        ("d", "a.txt again sub/"),
        ("/dl/", "a.txt again sub/"), ("esc/..", "abs/ d/ dangling dl/ esc/ f ln t/"), ("/abs", "x"), ("esc", "x"),
        ("../../d/sub", "b.txt"),
    ])
    func `a directory of a container is listed where its links lead inside, and never outside`(
        path: String, names: String
    ) throws {
        let sides = try Sides()
        try sides.shell("echo x > c/t/x")
        let found = try sides.side(.container("c")).entries(path)
        #expect(found.map { $0.name + ($0.isDirectory ? "/" : "") }.sorted().joined(separator: " ") == names)
    }

    @Test(arguments: [("f", ENOTDIR), ("none", ENOENT), ("dangling", ENOENT), ("ln/", ENOTDIR)])
    func `what is no directory of a container is not listed`(path: String, number: CInt) throws {
        let sides = try Sides()
        let side = try sides.side(.container("c"))
        do throws(SystemError) {
            let found = try side.entries(path)
            Issue.record("listed: \(found)")
        } catch {
            #expect(error.number == number)
        }
    }
}
