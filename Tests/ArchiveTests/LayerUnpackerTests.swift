// SPDX-License-Identifier: Apache-2.0
import Archive
import Glibc
import TestSupport
import Testing

struct LayerUnpackerTests {
    @Test
    func `owner, permissions, times and contents are what the archive says`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            var (entry, _) = file("d/f", mode: 0o4751)
            entry.owner = 100_000
            entry.group = 4_000_000_000
            entry.modified = .init(seconds: -5, nanoseconds: 250_000_000)
            var (folder, _) = directory("d/", mode: 0o1777)
            folder.owner = 33
            let layer = try await LayerFixture.unpack(
                archive([(folder, ""), (entry, "hello"), link(.hardLink, "d/g", to: "d/f")]), in: roots)
            let status = try #require(layer.status("d/f"))
            #expect(status.st_uid == 100_000 && status.st_gid == 4_000_000_000)
            #expect(status.st_mode == S_IFREG | 0o4751 && status.st_nlink == 2)
            #expect(status.st_mtim.tv_sec == -5 && status.st_mtim.tv_nsec == 250_000_000)
            #expect(try layer.text("d/g") == "hello")
            let parent = try #require(layer.status("d"))
            #expect(parent.st_mode == S_IFDIR | 0o1777 && parent.st_uid == 33)
            #expect(parent.st_mtim.tv_sec == 1_000_000_000)
            #expect(layer.result.size == 5 && layer.result.impliedDirectories.isEmpty)
        }
    }

    @Test
    func `devices, fifos and links of every kind are made`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            func node(_ path: String, _ kind: TarEntry.Kind) -> (TarEntry, String) {
                (TarEntry(kind: kind, path: Array(path.utf8), mode: 0o660, modified: .init(seconds: 1)), "")
            }
            let layer = try await LayerFixture.unpack(
                archive([
                    node("null", .characterDevice(major: 1, minor: 3)),
                    node("disk", .blockDevice(major: 259, minor: 300)), node("pipe", .fifo),
                    link(.symbolicLink, "absolute", to: "/etc/passwd"), link(.symbolicLink, "a/up", to: "../null"),
                    link(.hardLink, "linked", to: "absolute"),
                ]), in: roots)
            #expect(layer.status("null")?.st_mode == S_IFCHR | 0o660)
            #expect(layer.status("null")?.st_rdev == 0x103)
            #expect(
                layer.status("disk")?.st_rdev == dev_t(259 & 0xfff) << 8 | dev_t(300 & 0xff) | dev_t(300 & ~0xff) << 12)
            #expect(layer.status("pipe")?.st_mode == S_IFIFO | 0o660)
            #expect(layer.status("linked")?.st_ino == layer.status("absolute")?.st_ino)
            #expect(layer.result.impliedDirectories == [Array("a".utf8)])
        }
    }

    @Test
    func `extended attributes and capabilities are kept, overlayfs's own are not`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            // cap_net_raw+ep, version 2 (capability.h): it must survive chown.
            let capability: [UInt8] = [1, 0, 0, 2, 0, 0x20, 0, 0] + [UInt8](repeating: 0, count: 12)
            var (ping, _) = file("ping", mode: 0o755)
            ping.owner = 1000
            ping.attributes = [
                .init(name: Array("security.capability".utf8), value: capability),
                .init(name: Array("user.note".utf8), value: [0, 10, 255]),
                .init(name: Array("trusted.overlay.redirect".utf8), value: Array("/etc".utf8)),
            ]
            let layer = try await LayerFixture.unpack(archive([(ping, "x")]), in: roots)
            #expect(try layer.attribute("security.capability", of: "ping") == capability)
            #expect(try layer.attribute("user.note", of: "ping") == [0, 10, 255])
            #expect(try layer.attribute("trusted.overlay.redirect", of: "ping") == nil)
        }
    }

    @Test
    func `names may be long, Korean, or no UTF-8 at all`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let long = (0..<3).map { String(repeating: "\($0)", count: 99) }.joined(separator: "/")
            var (odd, _) = file("")
            odd.path = [0xff, 0xfe, 0x2e]
            let layer = try await LayerFixture.unpack(
                archive([file(long, "long"), file("한글/파일.txt", "korean"), (odd, "odd")]), in: roots)
            #expect(long.utf8.count == 299)
            #expect(try layer.text(long) == "long")
            #expect(try layer.text("한글/파일.txt") == "korean")
            let names = try await shell("ls | od -An -c", in: layer.directory)
            #expect(String(decoding: names, as: UTF8.self).contains("377 376   ."))
        }
    }

    @Test
    func `a parent without an entry is made 0755 and noted until its entry comes`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(
                archive([file("a/b/c"), file("d/e"), directory("d", mode: 0o700)]), in: roots)
            #expect(layer.result.impliedDirectories == [Array("a".utf8), Array("a/b".utf8)])
            #expect(layer.status("a/b")?.st_mode == S_IFDIR | 0o755)
            #expect(layer.status("d")?.st_mode == S_IFDIR | 0o700)
        }
    }

    @Test
    func `of several entries for one name the last one wins`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(
                archive([
                    file("f", "first"), file("f", "second!"), directory("d"), file("d/in", "gone"),
                    file("d", "now a file"),
                    link(.symbolicLink, "l", to: "f"), file("l", "no link"), file("x"), directory("x"),
                    directory("y", mode: 0o700), file("y/in", "kept"), directory("y", mode: 0o711),
                ]), in: roots)
            #expect(try layer.text("f") == "second!")
            #expect(try layer.text("d") == "now a file")
            #expect(try layer.text("l") == "no link")
            #expect(layer.status("x")?.st_mode == S_IFDIR | 0o755)
            #expect(layer.status("y")?.st_mode == S_IFDIR | 0o711)
            #expect(try layer.text("y/in") == "kept")
            #expect(layer.result.size == 7 + 10 + 7 + 4)
        }
    }

    @Test(
        arguments: [
            ("a name with ..", [file("../out")]), ("a name with .. inside", [file("a/../../out")]),
            ("an absolute name", [file("/tmp/out")]), ("a link out", [link(.symbolicLink, "l", to: "../../out")]),
            ("an absolute link, then a file through it", [link(.symbolicLink, "l", to: "/tmp"), file("l/out")]),
            (
                "two links, then a file through them",
                [link(.symbolicLink, "a", to: "/"), link(.symbolicLink, "b", to: "a"), file("b/out")]
            ),
            ("a hard link out", [link(.hardLink, "h", to: "../out")]),
            ("a hard link to an absolute name", [link(.hardLink, "h", to: "/etc/passwd")]),
            (
                "a hard link through a link",
                [link(.symbolicLink, "l", to: "/etc"), link(.hardLink, "h", to: "l/passwd")]
            ),
            ("a link in circles", [link(.symbolicLink, "l", to: "l"), file("l/out")]),
            ("a whiteout of ..", [file("d/.wh..")]), ("a whiteout of the parent", [file("d/.wh...")]),
            ("a file in the root's place", [file("./")].map { ($0.0.with(kind: .fifo), "") }),
        ])
    func `an archive that tries to escape is refused`(what: String, entries: [(TarEntry, String)]) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let bytes = try archive([file("before")] + entries)
            let failure = await #expect(throws: ArchiveError.self, "\(what)") {
                try await LayerFixture.unpack(bytes, in: roots)
            }
            guard case .escapes = failure else {
                Issue.record("\(what): \(String(describing: failure))")
                return
            }
            #expect(access("\(roots.files)/out", F_OK) != 0 && access("/tmp/out", F_OK) != 0)
        }
    }

    @Test(
        arguments: [
            ("a file below a file", [file("f"), file("f/g")]),
            ("a hard link to nothing", [link(.hardLink, "h", to: "no")]),
            ("a hard link to itself", [link(.hardLink, "h", to: "./h")]),
            ("a hard link to a directory", [directory("d"), link(.hardLink, "h", to: "d")]),
            ("a file below a link to nothing", [link(.symbolicLink, "l", to: "no"), file("l/f")]),
        ])
    func `an archive that makes no sense is refused`(what: String, entries: [(TarEntry, String)]) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let bytes = try archive(entries)
            let failure = await #expect(throws: ArchiveError.self, "\(what)") {
                try await LayerFixture.unpack(bytes, in: roots)
            }
            guard case .damaged = failure else {
                Issue.record("\(what): \(String(describing: failure))")
                return
            }
        }
    }

    @Test
    func `a link that stays inside may be written through`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(
                archive([directory("usr/lib"), link(.symbolicLink, "lib", to: "usr/lib"), file("lib/x", "here")]),
                in: roots)
            #expect(try layer.text("usr/lib/x") == "here")
        }
    }
}

extension TarEntry {
    func with(kind: Kind) -> Self {
        var copy = self
        copy.kind = kind
        return copy
    }
}
