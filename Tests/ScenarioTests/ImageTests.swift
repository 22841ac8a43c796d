// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Images: those that are simply there, and archives.
struct ImageTests {
    @Test func `starter and hello are there from the first start`() async throws {
        try await DshProgram.scoped { dsh in
            let table = try await dsh.succeed("images").split(separator: "\n")
            let head = table[0].split(separator: "  ").map { $0.trimmed }
            #expect(head == ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"])
            let names = Set(
                try await dsh.succeed("images", "--format", "{{.Repository}}:{{.Tag}}").split(separator: "\n"))
            #expect(names == ["starter:latest", "hello:latest"])
            let english = try await dsh.succeed("run", "--rm", "hello")
            #expect(english.split(separator: "\n", omittingEmptySubsequences: false).count <= 12)
            #expect(english.contains("Hello!") && english.contains("안녕하세요!"))
            let expected = try await dsh.succeed("images", "-q")
            #expect(try await dsh.succeed("image", "ls", "-q") == expected)
        }
    }

    @Test func `starter's applets work`() async throws {
        try await DshProgram.scoped { dsh in
            let applets = ["sh", "ls", "httpd", "vi", "wget", "ps", "nc", "awk", "sed", "tar", "top"]
            for applet in applets {
                let path = try await dsh.succeed("run", "--rm", "starter", "which", applet)
                #expect(path.hasSuffix("/\(applet)"))
            }
            #expect(try await dsh.succeed("run", "--rm", "starter", "whoami") == "root")
            #expect(try await dsh.succeed("run", "--rm", "starter", "stat", "-c", "%a", "/tmp") == "1777")
        }
    }

    @Test func `save and load: plain, gzip, zstd, file and standard input; the same id comes back`() async throws {
        try await DshProgram.scoped { dsh in
            let id = try await dsh.succeed("image", "inspect", "--format", "{{.Id}}", "starter")
            try await dsh.succeed("save", "-o", "plain.tar", "starter")
            let piped = try await dsh("save", "starter")
            #expect(piped.output.count > 1_000_000)
            let shell = "gzip -k plain.tar; zstd -q plain.tar -o plain.tar.zst || cp plain.tar plain.tar.zst"
            try await Program("/bin/sh", ["-c", shell], directory: dsh.roots.files).succeed()
            for file in ["plain.tar", "plain.tar.gz", "plain.tar.zst"] {
                try await dsh.succeed("rmi", "starter")
                #expect(try await dsh("image", "inspect", "starter").status == 1)
                #expect(try await dsh.succeed("load", "-i", file) == "Loaded image: starter:latest")
                #expect(try await dsh.succeed("image", "inspect", "--format", "{{.Id}}", "starter") == id)
                #expect(try await dsh.succeed("run", "--rm", "starter", "echo", "works") == "works")
            }
            try await dsh.succeed("rmi", "starter")
            let loaded = try await dsh.program(["load"]).run(input: piped.output)
            #expect(loaded.text == "Loaded image: starter:latest\n")
        }
    }

    @Test func `an OCI layout loads`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("save", "-o", "saved.tar", "starter")
            let script = """
                mkdir saved layout && tar -xf saved.tar -C saved && cd saved
                if [ -f oci-layout ]; then tar -cf ../layout.tar oci-layout index.json blobs; fi
                """
            try await Program("/bin/sh", ["-c", script], directory: dsh.roots.files).succeed()
            try await dsh.succeed("rmi", "starter")
            let result = try await dsh("load", "-i", "layout.tar")
            #expect(result.status == 0 && result.text.contains("Loaded image"))
        }
    }

    @Test func `a container's root is the image's layers, whiteouts and opaque directories applied`() async throws {
        try await DshProgram.scoped { dsh in
            let script = """
                set -e
                mkdir one two
                mkdir -p one/keep one/gone one/opaque; echo a > one/keep/a; echo b > one/keep/b; echo c > one/gone/c; echo d > one/opaque/d
                ln one/keep/a one/keep/hard; cp /bin/busybox one/busybox
                mkdir -p two/keep two/opaque; : > two/keep/.wh.b; : > two/.wh.gone; : > two/opaque/.wh..wh..opq; echo e > two/opaque/e
                for layer in one two; do tar -C $layer --numeric-owner --owner 0 --group 0 -cf $layer.tar .; done
                first=$(sha256sum < one.tar | cut -d' ' -f1); second=$(sha256sum < two.tar | cut -d' ' -f1)
                printf '{"architecture":"amd64","os":"linux","config":{"Cmd":["/busybox","find","/keep","/opaque","/gone"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s","sha256:%s"]}}' $first $second > config.json
                printf '[{"Config":"config.json","RepoTags":["made:1"],"Layers":["one.tar","two.tar"]}]' > manifest.json
                tar -cf made.tar manifest.json config.json one.tar two.tar
                """
            try await Program("/bin/sh", ["-c", script], directory: dsh.roots.files).succeed()
            #expect(try await dsh.succeed("load", "-i", "made.tar") == "Loaded image: made:1")
            let found = try await dsh("run", "--rm", "made:1")
            #expect(Set(found.lines) == ["/keep", "/keep/a", "/keep/hard", "/opaque", "/opaque/e"])
            #expect(try await dsh.succeed("run", "--rm", "made:1", "/busybox", "stat", "-c", "%h", "/keep/a") == "2")
            // Saved again, and loaded into a fresh engine, it is the same.
            try await dsh.succeed("save", "-o", "again.tar", "made:1")
            let id = try await dsh.succeed("image", "inspect", "--format", "{{.Id}}", "made:1")
            try await dsh.succeed("rmi", "made:1")
            try await dsh.succeed("load", "-i", "again.tar")
            #expect(try await dsh.succeed("image", "inspect", "--format", "{{.Id}}", "made:1") == id)
        }
    }

    @Test(
        arguments: [
            "tar -C files -P --transform 's,^f,../../../../../../tmp/dsh-escaped,' -cf layer.tar f",
            "tar -C files -P --transform 's,^f,/../dsh-escaped,' -cf layer.tar f",
            "ln -s /tmp files/link; tar -C files -cf layer.tar link; mkdir other other/link; echo x > other/link/dsh-escaped; tar -C other -rf layer.tar link/dsh-escaped",
            "head -c 5000 /dev/urandom > layer.tar",
            "tar -C files -cf whole.tar f; head -c 700 whole.tar > layer.tar",
        ])
    func `an archive that tries to escape, or is damaged, is refused whole`(making: String) async throws {
        try await DshProgram.scoped { dsh in
            let script = """
                set -e
                mkdir files; echo evil > files/f
                \(making)
                id=$(sha256sum < layer.tar | cut -d' ' -f1)
                printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $id > config.json
                printf '[{"Config":"config.json","RepoTags":["evil:1"],"Layers":["layer.tar"]}]' > manifest.json
                tar -cf evil.tar manifest.json config.json layer.tar
                """
            try await Program("/bin/sh", ["-c", script], directory: dsh.roots.files).succeed()
            let before = try await dsh.succeed("images", "-q")
            let layers = names(below: dsh.roots.root + "/layers")
            let result = try await dsh("load", "-i", "evil.tar")
            #expect(access("/tmp/dsh-escaped", F_OK) != 0)
            if result.status == 0 {
                // A name that leaves its directory by a link inside may be kept inside instead.
                #expect(try await dsh("run", "--rm", "evil:1", "/x").status == 127)
            } else {
                #expect(result.status == 1 && result.errorLines.count >= 1)
                #expect(try await dsh.succeed("images", "-q") == before)
                #expect(names(below: dsh.roots.root + "/layers") == layers)
            }
        }
    }

    @Test func `a layer that is not what the configuration says is refused`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("save", "-o", "saved.tar", "starter")
            let script = """
                set -e
                mkdir files; echo x > files/f; tar -C files -cf layer.tar f
                printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
                    0000000000000000000000000000000000000000000000000000000000000000 > config.json
                printf '[{"Config":"config.json","RepoTags":["wrong:1"],"Layers":["layer.tar"]}]' > manifest.json
                tar -cf wrong.tar manifest.json config.json layer.tar
                """
            try await Program("/bin/sh", ["-c", script], directory: dsh.roots.files).succeed()
            let result = try await dsh("load", "-i", "wrong.tar")
            #expect(result.status == 1)
            #expect(try await dsh("image", "inspect", "wrong:1").status == 1)
            for file in ["no-such.tar", "/dev/null", "files"] {
                let other = try await dsh("load", "-i", file)
                #expect(other.status == 1 && other.errorLines.count >= 1, "\(file)")
            }
        }
    }

    @Test func `tag, images, rmi: one id under several names`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("tag", "starter", "mine:1.0")
            try await dsh.succeed("image", "tag", "starter:latest", "academind/node-hello-world")
            let id = try await dsh.succeed("images", "-q", "mine")
            #expect(try await dsh.succeed("images", "--format", "{{.ID}}", "academind/node-hello-world") == id)
            #expect(try await dsh.succeed("rmi", "mine:1.0") == "Untagged: mine:1.0")
            let several = try await dsh("rmi", id)
            #expect(several.status == 1 && several.errorText.contains("must be forced"))
            #expect(
                several.errorText.contains("starter:latest") && several.errorText.contains("node-hello-world:latest"))
            #expect(
                try await dsh.succeed("rmi", "academind/node-hello-world")
                    == "Untagged: academind/node-hello-world:latest")
            let last = try await dsh.succeed("rmi", "starter")
            #expect(last.hasPrefix("Untagged: starter:latest\nDeleted: sha256:"))
            try await dsh.succeed("image", "restore-starters")
            #expect(try await dsh.succeed("images", "-q", "starter") == id)
        }
    }

    @Test func `an image that a container uses is kept, and says which`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("run", "--name", "old", "hello")
            let refused = try await dsh("rmi", "hello")
            #expect(refused.status == 1)
            #expect(refused.errorText.contains("conflict") && refused.errorText.contains("old"))
            try await dsh.succeed("rm", "old")
            #expect(try await dsh.succeed("rmi", "hello").contains("Deleted: sha256:"))
        }
    }

    @Test func `image prune takes what has no name, and with -a what no container uses`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("create", "--name", "keeps", "starter")
            let refused = try await dsh("image", "prune")
            #expect(refused.status == 1 && refused.errorText.contains("-f"))
            #expect(try await dsh.succeed("image", "prune", "-f") == "Total reclaimed space: 0B")
            let all = try await dsh.succeed("image", "prune", "-af")
            #expect(all.contains("hello:latest") && all.contains("Total reclaimed space: "))
            #expect(try await dsh.succeed("images", "--format", "{{.Repository}}") == "starter")
        }
    }

    @Test func `import makes an image of a tree`() async throws {
        try await DshProgram.scoped { dsh in
            try await Program(
                "/bin/sh", ["-c", "mkdir t; cp /bin/busybox t/busybox; tar -C t -cf t.tar ."],
                directory: dsh.roots.files
            ).succeed()
            let id = try await dsh.succeed(
                "import", "-c", "CMD [\"/busybox\",\"echo\",\"imported\"]", "t.tar", "tree:1")
            #expect(id.hasPrefix("sha256:") && id.count == 71)
            #expect(try await dsh.succeed("run", "--rm", "tree:1") == "imported")
            #expect(
                try await dsh.succeed("history", "--format", "{{.Size}}", "tree:1").split(separator: "\n").count == 1)
        }
    }

    @Test func `image inspect and history show what there is`() async throws {
        try await DshProgram.scoped { dsh in
            let id = try await dsh.succeed("image", "inspect", "--format", "{{.Id}}", "starter")
            #expect(id.hasPrefix("sha256:") && id.count == 71)
            #expect(
                try await dsh.succeed("image", "inspect", "--format", "{{.Os}} {{json .Config.Cmd}}", "starter")
                    == "linux [\"sh\"]")
            #expect(
                try await dsh.succeed(
                    "image", "inspect", "--format", "{{json .RepoTags}}", String(id.dropFirst(7).prefix(12)))
                    == "[\"starter:latest\"]")
            let json = try await dsh.succeed("image", "inspect", "starter", "hello")
            #expect(json.hasPrefix("[") && json.contains("\"RootFS\"") && json.contains("\"hello:latest\""))
            let history = try await dsh.succeed("history", "starter").split(separator: "\n")
            #expect(history[0].hasPrefix("IMAGE") && history.count >= 2)
            let none = try await dsh("image", "inspect", "nothing")
            #expect(none.status == 1 && none.text == "[]\n" && none.errorText.contains("No such image: nothing"))
        }
    }

    @Test func `a load that is killed leaves nothing visible, and system check finds no fault`() async throws {
        try await DshProgram.scoped { dsh in
            try await dsh.succeed("save", "-o", "saved.tar", "starter")
            try await dsh.succeed("rmi", "starter")
            let bytes = try await Program("/bin/cat", [dsh.roots.files + "/saved.tar"]).run().output
            try await dsh.program(["load"]).whileRunning { loading in
                loading.send(Array(bytes.prefix(bytes.count - 100_000)))
                let waiting = "until ls \(dsh.roots.root)/layers \(dsh.roots.root)/* | grep -q .; do sleep 0.1; done"
                try await Program("/bin/sh", ["-c", waiting]).succeed()
                loading.signal(SIGKILL)
                _ = await loading.wait { $0.status != nil }
            }
            #expect(try await dsh.succeed("images", "--format", "{{.Repository}}") == "hello")
            try await dsh.succeed("system", "check")
            let second = try await dsh.succeed("system", "check")
            #expect(!second.contains("half-made"))
            try await dsh.succeed("load", "-i", "saved.tar")
            #expect(try await dsh.succeed("run", "--rm", "starter", "echo", "works") == "works")
        }
    }
}

/// The sorted names in a directory.
func names(below path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
        found.append(
            withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return found.sorted()
}

extension Substring {
    var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
