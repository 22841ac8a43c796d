// SPDX-License-Identifier: Apache-2.0
import Archive
import Glibc
import TestSupport
import Testing

private func names(_ bytes: [UInt8]) throws -> [String] {
    let reader = TarReader(MemoryInput(bytes))
    var names: [String] = []
    while let entry = try reader.next() { names.append(entry.name) }
    return names
}

struct TarTests {
    @Test
    func `what we write is what GNU tar reads`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            var (big, _) = file("dir/한글-" + String(repeating: "n", count: 200), mode: 0o4750)
            big.owner = 3_000_000_000
            big.modified = .init(seconds: -3, nanoseconds: 500_000_000)
            big.attributes = [.init(name: Array("user.note".utf8), value: Array("v=1\n".utf8))]
            let bytes = try archive([
                directory("dir/"), (big, "contents"),
                link(.symbolicLink, "dir/l", to: String(repeating: "t", count: 150)),
                link(.hardLink, "dir/h", to: big.name), file(String(repeating: "p", count: 120) + "/x", "split"),
            ])
            _ = try await shell("tar --xattrs --xattrs-include='*' -xpf -", in: roots.files, input: bytes)
            let layer = LayerFixture(directory: roots.files, recipe: "", result: UnpackedLayer())
            let status = try #require(layer.status(big.name))
            #expect(status.st_uid == 3_000_000_000 && status.st_mode == S_IFREG | 0o4750 && status.st_nlink == 2)
            #expect(status.st_mtim.tv_sec == -3 && status.st_mtim.tv_nsec == 500_000_000)
            #expect(try layer.text("dir/h") == "contents")
            #expect(try layer.attribute("user.note", of: "dir/h") == Array("v=1\n".utf8))
            #expect(layer.status("dir/l")?.st_size == 150)
            #expect(try layer.text(String(repeating: "p", count: 120) + "/x") == "split")
        }
    }

    @Test
    func `a stream may end without its two blocks of zeros, but not inside anything`() throws {
        let bytes = try archive([file("a", "x"), file("b", String(repeating: "y", count: 600))])
        #expect(try names(bytes) == ["a", "b"])
        #expect(try names(Array(bytes.dropLast(1024))) == ["a", "b"])
        for length in [100, 512 + 1, 1024 + 100, 1536 + 600, bytes.count - 1024 - 1] {
            #expect(throws: ArchiveError.self, "\(length)") { try names(Array(bytes.prefix(length))) }
        }
        #expect(try names([]) == [])
    }

    @Test
    func `no bit of a header can change unseen`() throws {
        let bytes = try archive([file("name", "x")])
        for position in stride(from: 0, to: 512, by: 7) {
            var changed = bytes
            changed[position] ^= 0x11
            #expect(throws: ArchiveError.self, "\(position)") { try names(changed) }
        }
    }

    @Test(
        arguments: [
            "8 path=x\n", "100 path=x\n", "0 path=x\n", "x path=x\n", "11 path=a\u{0}b\n", "14 size=-1000\n",
            "8 pathx\n",
            "26 size=9999999999999999\n\n", "22 GNU.sparse.map=1,2,3\n",
        ])
    func `an extended header that makes no sense is refused`(record: String) throws {
        var extended = TarEntry(kind: .regular, path: Array("pax".utf8), mode: 0o644, modified: .init(seconds: 0))
        extended.size = Int64(record.utf8.count)
        var bytes = try archive([(extended, record), file("f")])
        bytes.setType("x")
        #expect(throws: ArchiveError.self) { try names(bytes) }
    }

    @Test(arguments: ["V", "M", "A", "9"])
    func `an entry of a kind that no layer has is refused by name`(type: Character) throws {
        var bytes = try archive([file("strange")])
        bytes.setType(type)
        let failure = #expect(throws: ArchiveError.self) { try names(bytes) }
        #expect(failure.map { "\($0)".hasPrefix("strange: unhandled tar header type") } == true)
    }
}

extension [UInt8] {
    /// Makes the first entry one of another kind, checksum included.
    fileprivate mutating func setType(_ type: Character) {
        self[156] = type.asciiValue ?? 0
        for index in 148..<156 { self[index] = UInt8(ascii: " ") }
        let sum = self[..<512].reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        let field = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
        replaceSubrange(148..<156, with: Array(field.utf8))
    }
}
