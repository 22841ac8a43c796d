// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Linux
public import OCI

/// Why a blob could not be stored or read.
public enum BlobError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is none of this digest.
    case missing(Digest)
    /// The bytes are others than were promised.
    case mismatch(expected: Digest, actual: Digest)
    /// The kernel refused.
    case system(SystemError)

    public var description: String {
        switch self {
        case .missing(let digest): "blob \(digest) is missing"
        case .mismatch(let expected, let actual): "digest mismatch: expected \(expected), got \(actual)"
        case .system(let error): "\(error)"
        }
    }
}

/// Files that are named by what is in them: `DIRECTORY/<64 digits>`.
///
/// A blob appears whole or not at all, whoever else writes the same at the same time, and is never changed. What is not
/// finished has no name, so that nothing of it is left after a crash.
public struct BlobStore: Sendable {
    private let directory: String

    /// Works in a directory that is there.
    public init(directory: String) { self.directory = directory }

    /// Where a blob is, whether it is there or not.
    public func path(_ digest: Digest) -> String { directory + "/" + digest.hex }

    /// Whether there is such a blob.
    public func contains(_ digest: Digest) -> Bool { access(path(digest), F_OK) == 0 }

    /// Starts a blob whose bytes come in pieces.
    public func begin() throws(BlobError) -> BlobDraft {
        do { return BlobDraft(file: try Descriptor(unnamedIn: directory), directory: directory) } catch {
            throw .system(error)
        }
    }

    /// Stores bytes that are at hand.
    public func store(_ bytes: [UInt8]) throws(BlobError) -> Digest {
        let draft = try begin()
        do { try draft.write(bytes) } catch { throw .system(error) }
        return try draft.seal().publish()
    }

    /// Opens a blob, unchecked: whoever reads it compares the digest.
    public func open(_ digest: Digest) throws(BlobError) -> Descriptor {
        do { return try Descriptor(opening: path(digest), O_RDONLY | O_NOFOLLOW) } catch {
            throw error.number == ENOENT ? .missing(digest) : .system(error)
        }
    }

    /// Reads a whole blob and checks it.
    ///
    /// - Throws: `.mismatch` when the file is damaged: a disk's fault, or a power cut before it was written out.
    public func read(_ digest: Digest) throws(BlobError) -> [UInt8] {
        let file = try open(digest)
        let bytes: [UInt8]
        do { bytes = try file.readToEnd() } catch { throw .system(error) }
        let actual = DigestHasher.digest(of: bytes)
        guard actual == digest else { throw .mismatch(expected: digest, actual: actual) }
        return bytes
    }

    /// Removes a blob; one that is not there is no failure. Returns the bytes of disk that this gave back.
    @discardableResult
    public func remove(_ digest: Digest) throws(BlobError) -> Int64 {
        var status = stat()
        let wasThere = lstat(path(digest), &status) == 0
        if unlink(path(digest)) != 0, errno != ENOENT {
            throw .system(SystemError(step: "remove blob \(digest)", number: errno))
        }
        return wasThere ? Int64(status.st_blocks) * 512 : 0
    }

    /// Every blob that is there.
    public func all() throws(BlobError) -> [Digest] {
        do {
            let names = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY).entryNames()
            // Whatever is named otherwise is no blob and not ours to judge.
            return names.compactMap { try? Digest(parsing: "sha256:" + $0) }
        } catch {
            throw .system(error)
        }
    }
}
