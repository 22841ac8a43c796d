// SPDX-License-Identifier: Apache-2.0
import Archive
import Glibc
import TestSupport
import Testing

struct WhiteoutTests {
    @Test
    func `a whiteout becomes overlayfs's own`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(
                archive([directory("d"), file("d/.wh.gone"), file(".wh.top")]), in: roots)
            #expect(layer.isWhiteout("d/gone") && layer.isWhiteout("top"))
            #expect(layer.status("d/.wh.gone") == nil)
        }
    }

    @Test
    func `an opaque directory is marked, before or after its own entries`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(
                archive([
                    directory("a"), file("a/.wh..wh..opq"), file("a/new"), directory("b"), file("b/new"),
                    file("b/.wh..wh..opq"), file("c/.wh..wh..opq"),
                ]), in: roots)
            for name in ["a", "b", "c"] { #expect(try layer.isOpaque(name), "\(name)") }
            #expect(layer.status("a/new") != nil && layer.status("b/new") != nil)
            #expect(layer.result.impliedDirectories == [Array("c".utf8)])
        }
    }

    @Test
    func `a whiteout hides what is below and nothing of its own layer`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(
                archive([
                    // rm -r d && mkdir d && touch d/new, as builders write it, in both orders.
                    file(".wh.d"), directory("d"), file("d/new"), directory("e"), file("e/new"), file(".wh.e"),
                    file(".wh.f"), file("f", "own"), file("g", "own"), file(".wh.g"), file(".wh.h"), file("h/new"),
                ]), in: roots)
            for name in ["d", "e", "h"] {
                #expect(try layer.isOpaque(name), "\(name)")
                #expect(layer.status("\(name)/new") != nil)
            }
            #expect(try layer.text("f") == "own")
            #expect(try layer.text("g") == "own")
        }
    }

    @Test
    func `the kernel shows layers as their archives mean them`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let below = try await LayerFixture.unpack(
                archive([
                    directory("d"), file("d/old"), directory("e"), file("e/old"), file("kept"), file("gone"),
                    directory("merged"), file("merged/old"),
                ]), in: roots, named: "below")
            let above = try await LayerFixture.unpack(
                archive([
                    file(".wh.d"), directory("d"), file("d/new"), directory("e"), file("e/.wh..wh..opq"),
                    file(".wh.gone"),
                    directory("merged"), file("merged/new"),
                ]), in: roots, named: "above")
            // unshare(1) takes the mount away with the shell.
            let seen = try await shell(
                """
                unshare -m sh -ec 'mkdir m && mount -t overlay -o lowerdir=\(above.directory):\(below.directory) o m
                cd m && find . | sort'
                """, in: roots.files)
            #expect(
                String(decoding: seen, as: UTF8.self).split(separator: "\n")
                    == [".", "./d", "./d/new", "./e", "./kept", "./merged", "./merged/new", "./merged/old"])
        }
    }

    @Test
    func `AUFS's own books are left out`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let bytes = try archive([
                directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2", "x"), file(".wh..wh.aufs"), file("f"),
            ])
            let layer = try await LayerFixture.unpack(bytes, in: roots)
            let names = try await shell("ls -A", in: layer.directory)
            #expect(String(decoding: names, as: UTF8.self) == "f\n")
            #expect(try layer.packed() == bytes)
        }
    }
}
