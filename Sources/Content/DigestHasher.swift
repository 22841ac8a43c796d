// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import OCI

/// Finds the digest of bytes that come in pieces.
public struct DigestHasher: Sendable {
    private var hash = SHA256()

    /// Nothing hashed yet.
    public init() {}

    /// Adds some bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// The digest of all bytes so far; more may follow.
    public var digest: OCI.Digest { OCI.Digest(sha256: hash.finalize()) }

    /// The digest of bytes that are at hand.
    public static func digest(of bytes: [UInt8]) -> OCI.Digest { OCI.Digest(sha256: SHA256.hash(data: bytes)) }
}
