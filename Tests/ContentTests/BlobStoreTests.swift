// SPDX-License-Identifier: Apache-2.0
import Content
import Glibc
import OCI
import TestSupport
import Testing

private func names(_ directory: String) async throws -> [Substring] {
    try await Program("/bin/ls", ["-A", directory]).run().text.split(separator: "\n")
}

struct BlobStoreTests {
    @Test
    func `a blob is stored under its SHA-256 and read back checked`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let store = BlobStore(directory: roots.files)
            let digest = try store.store(Array("hello".utf8))
            #expect(digest.hex == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
            #expect(try store.read(digest) == Array("hello".utf8))
            #expect(store.contains(digest))
            #expect(try store.all() == [digest])
        }
    }

    @Test
    func `bytes that are others than promised are not stored`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let store = BlobStore(directory: roots.files)
            let other = DigestHasher.digest(of: Array("other".utf8))
            let draft = try store.begin()
            try draft.write(Array("hello".utf8))
            let actual = DigestHasher.digest(of: Array("hello".utf8))
            #expect(throws: BlobError.mismatch(expected: other, actual: actual)) {
                try draft.seal().publish(expecting: other)
            }
            #expect(try await names(roots.files).isEmpty)
        }
    }

    @Test
    func `what was not finished has no name`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let draft = try BlobStore(directory: roots.files).begin()
            try draft.write(Array("half".utf8))
            #expect(try await names(roots.files).isEmpty)
        }
    }

    @Test
    func `two that write the same at once both succeed`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let store = BlobStore(directory: roots.files)
            let (one, other) = (try store.begin(), try store.begin())
            for draft in [one, other] { try draft.write(Array("same".utf8)) }
            let digests = (try one.seal().publish(), try other.seal().publish())
            #expect(digests.0 == digests.1)
            #expect(try await names(roots.files).count == 1)
        }
    }

    @Test
    func `a damaged blob is noticed, and storing it again mends it`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let store = BlobStore(directory: roots.files)
            let digest = try store.store(Array("hello".utf8))
            truncate(store.path(digest), 0)
            let empty = DigestHasher.digest(of: [])
            #expect(throws: BlobError.mismatch(expected: digest, actual: empty)) { try store.read(digest) }
            #expect(try store.store(Array("hello".utf8)) == digest)
            #expect(try store.read(digest) == Array("hello".utf8))
        }
    }

    @Test
    func `a blob that is not there is missing, and removing it is no failure`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let store = BlobStore(directory: roots.files)
            let digest = DigestHasher.digest(of: [])
            #expect(throws: BlobError.missing(digest)) { try store.read(digest) }
            #expect(try store.remove(digest) == 0)
            let stored = try store.store(Array("x".utf8))
            #expect(try store.remove(stored) > 0)
            #expect(!store.contains(stored))
        }
    }
}
