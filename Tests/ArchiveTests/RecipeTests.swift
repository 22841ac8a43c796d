// SPDX-License-Identifier: Apache-2.0
import Archive
import Glibc
import TestSupport
import Testing

/// Makes a tree with everything in it that a root file system has, and some more.
private let makeTree = """
    mkdir -p t/d/e && cd t
    printf hello > d/f; ln d/f d/e/hard; ln -s f d/soft; mknod null c 1 3; mkfifo pipe; : > empty
    chown 100000:33 d/f; chmod 4755 d/f; chmod 1777 d
    truncate -s 3M d/sparse; printf middle | dd of=d/sparse bs=1 seek=1000000 conv=notrunc 2>/dev/null
    head -c 700001 /dev/urandom > d/random
    touch -d '2001-02-03 04:05:06.789' d/random; touch -d 1960-01-01 empty
    long=$(printf '%0150d' 0); mkdir $long; echo x > $long/$long
    printf x > '한글 이름'
    """

struct RecipeTests {
    @Test(
        arguments: [
            "tar --format=gnu -cf -", "tar --format=ustar --exclude='0*' --exclude=empty -cf -",
            "tar --format=pax -cf -",
            "tar --format=oldgnu -cf -",
            "tar --format=v7 --exclude='0*' --exclude=empty --exclude=null --exclude=pipe -cf -",
            "tar --format=gnu --sparse -cf -",
            "tar --format=pax --sparse --sparse-version=0.0 -cf -",
            "tar --format=pax --sparse --sparse-version=0.1 -cf -",
            "tar --format=pax --sparse --sparse-version=1.0 -cf -", "tar --format=gnu -b 1 -cf -",
            "tar --format=pax --pax-option=comment=global,globexthdr.name=g -cf -",
        ])
    func `what GNU tar wrote is read as GNU tar reads it, and made again byte by byte`(command: String) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            _ = try await shell(makeTree, in: roots.files)
            let bytes = try await shell("\(command) -C t .", in: roots.files)
            let layer = try await LayerFixture.unpack(bytes, in: roots)
            #expect(try layer.packed() == bytes)
            _ = try await shell("mkdir theirs && tar -xpf - -C theirs", in: roots.files, input: bytes)
            let list =
                "find . -printf '%p %y %m %U %G %s %n %l %T@\\n' | grep -v '^./ d\\|^. d' | sort | tee /dev/stderr; "
                + "find . -type f -exec sha256sum {} + | sort"
            let ours = try await shell(list, in: layer.directory)
            let theirs = try await shell(list, in: roots.files + "/theirs")
            #expect(String(decoding: ours, as: UTF8.self) == String(decoding: theirs, as: UTF8.self))
        }
    }

    @Test
    func `holes stay holes`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            _ = try await shell("mkdir t && truncate -s 1G t/hole && printf x >> t/hole", in: roots.files)
            let bytes = try await shell("tar --sparse -cf - -C t .", in: roots.files)
            let layer = try await LayerFixture.unpack(bytes, in: roots)
            let status = try #require(layer.status("hole"))
            #expect(status.st_size == 1 << 30 + 1 && status.st_blocks < 100)
            #expect(layer.result.size < 10_000)
            #expect(try layer.packed() == bytes)
        }
    }

    @Test
    func `contents that a later entry replaced are there again`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let bytes = try archive([
                file("f", "first"), file("f", "second"), directory("d"), file("d/a", "lost with its directory"),
                file("d/b", "and this"), file("d", "a file now"), file("g", "replaced by a link"),
                link(.symbolicLink, "g", to: "f"), file("f", "third"),
            ])
            let layer = try await LayerFixture.unpack(bytes, in: roots)
            #expect(try layer.packed() == bytes)
        }
    }

    @Test
    func `what follows the end is kept too`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let bytes = try archive([file("f", "x")]) + [UInt8](repeating: 0, count: 9000) + Array("trailing junk".utf8)
            let layer = try await LayerFixture.unpack(bytes, in: roots)
            #expect(try layer.packed() == bytes)
        }
    }

    @Test
    func `a changed file makes a different archive, a shorter one none`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let bytes = try archive([file("f", "contents")])
            let layer = try await LayerFixture.unpack(bytes, in: roots)
            _ = try await shell("printf CONTENTS > f", in: layer.directory)
            #expect(try layer.packed() != bytes)
            _ = try await shell("printf short > f", in: layer.directory)
            #expect(throws: ArchiveError.self) { try layer.packed() }
        }
    }

    @Test(arguments: [0, 1, 15, 16, 40])
    func `a recipe that was cut short is refused`(length: Int) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let layer = try await LayerFixture.unpack(archive([file("f", "contents")]), in: roots)
            truncate(layer.recipe, off_t(length))
            #expect(throws: ArchiveError.self) { try layer.packed() }
        }
    }
}
