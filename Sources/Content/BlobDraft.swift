// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Linux
public import OCI

/// A blob that is being written. Forgotten, it leaves nothing behind.
public final class BlobDraft {
    private let file: CInt
    private let directory: String
    private var hasher = DigestHasher()
    private var isSealed = false
    /// Bytes so far.
    public private(set) var length: Int64 = 0

    init(file: consuming Descriptor, directory: String) {
        self.file = file.release()
        self.directory = directory
    }

    deinit { if !isSealed { close(file) } }

    /// Adds bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        precondition(!isSealed, "a sealed blob is complete")
        hasher.update(bytes)
        length += Int64(bytes.count)
        var rest = bytes
        while !rest.isEmpty {
            let count = try attempt("write a blob") { Glibc.write(file, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Adds bytes that are at hand.
    public func write(_ bytes: [UInt8]) throws(SystemError) {
        var failure: SystemError?
        bytes.withUnsafeBytes { buffer in
            do throws(SystemError) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Ends the writing. The blob still has no name.
    public func seal() -> SealedBlob {
        precondition(!isSealed, "a blob is sealed once")
        isSealed = true
        return SealedBlob(
            file: Descriptor(number: file), directory: directory, digest: hasher.digest, length: length)
    }
}

/// A complete blob without a name. Forgotten before it is published, it leaves nothing behind.
public final class SealedBlob: Sendable {
    private let file: Descriptor
    private let directory: String
    /// The digest of its bytes.
    public let digest: Digest
    /// How many there are.
    public let length: Int64

    init(file: consuming Descriptor, directory: String, digest: Digest, length: Int64) {
        self.file = file
        self.directory = directory
        self.digest = digest
        self.length = length
    }

    /// The open file, for as long as this lives; to be read by offsets.
    public var descriptor: CInt { file.number }

    /// Bytes of disk that it takes.
    public var stored: Int64 {
        var status = stat()
        return fstat(file.number, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
    }

    /// Gives the blob its name, unless it is there already.
    ///
    /// - Parameter expected: the digest that it must have.
    @discardableResult
    public func publish(expecting expected: Digest? = nil) throws(BlobError) -> Digest {
        if let expected, expected != digest { throw .mismatch(expected: expected, actual: digest) }
        do throws(SystemError) {
            let directory = try Descriptor(opening: self.directory, O_RDONLY | O_DIRECTORY)
            while try !file.nameFile(digest.hex, in: directory.number) {
                var status = stat()
                if fstatat(directory.number, digest.hex, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_size == length {
                    break
                }
                // A power cut can leave a name without its bytes: this one has them.
                unlinkat(directory.number, digest.hex, 0)
            }
        } catch {
            throw .system(error)
        }
        return digest
    }
}
