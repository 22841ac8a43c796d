// SPDX-License-Identifier: Apache-2.0

/// How a stream is compressed, known by its first bytes.
public enum Compression: Hashable, Sendable {
    case none, gzip, zstd

    /// Bytes that decide.
    static let magicLength = 6

    /// Looks at a stream's first bytes.
    ///
    /// - Throws: `.unsupported` for other compressions: taken for a plain archive, they would be called damaged.
    init(magic: some Collection<UInt8>) throws(ArchiveError) {
        let bytes = Array(magic.prefix(Self.magicLength))
        func begins(_ beginning: [UInt8]) -> Bool { bytes.starts(with: beginning) }
        // RFC 1952, 2.3.1; RFC 8878, 3.1 (the second: skippable frames, which may come first).
        if begins([0x1f, 0x8b]) {
            self = .gzip
        } else if begins([0x28, 0xb5, 0x2f, 0xfd])
            || (bytes.count >= 4 && bytes[0] & 0xf0 == 0x50 && bytes[1] == 0x2a
                && bytes[2] == 0x4d && bytes[3] == 0x18)
        {
            self = .zstd
        } else if begins([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            throw .unsupported("the archive is compressed by xz: only gzip and zstd are supported (try `xz -d` first)")
        } else if begins(Array("BZh".utf8)), bytes.count > 3, (0x31...0x39).contains(bytes[3]) {
            throw .unsupported(
                "the archive is compressed by bzip2: only gzip and zstd are supported (try `bzip2 -d` first)")
        } else {
            self = .none
        }
    }
}

/// A stream without its compression.
public struct Decompressed {
    /// The plain bytes.
    public let source: any ByteSource
    /// What was taken off.
    public let compression: Compression

    /// Looks at the beginning of `source` and takes off its compression, if it has one.
    public init(_ source: any ByteSource) throws(ArchiveError) {
        var magic = [UInt8](repeating: 0, count: Compression.magicLength)
        let count = try magic.fill(from: source)
        let whole = PrefixedSource(Array(magic[..<count]), then: source)
        compression = try Compression(magic: magic[..<count])
        switch compression {
        case .none: self.source = whole
        case .gzip: self.source = try GzipSource(whole)
        case .zstd: self.source = try ZstdSource(whole)
        }
    }
}

extension [UInt8] {
    /// Fills the array unless the end comes before, and returns how much there is.
    mutating func fill(from source: any ByteSource) throws(ArchiveError) -> Int {
        var failure: ArchiveError?
        let count = withUnsafeMutableBytes { buffer in
            do throws(ArchiveError) { return try source.fill(buffer) } catch { failure = error }
            return 0
        }
        if let failure { throw failure }
        return count
    }
}

/// Gives some bytes that were read ahead, then the rest.
private final class PrefixedSource: ByteSource {
    private var prefix: ArraySlice<UInt8>
    private let rest: any ByteSource

    init(_ prefix: [UInt8], then rest: any ByteSource) {
        self.prefix = prefix[...]
        self.rest = rest
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        if prefix.isEmpty { return try rest.read(into: buffer) }
        let count = min(prefix.count, buffer.count)
        buffer.copyBytes(from: prefix.prefix(count))
        prefix = prefix.dropFirst(count)
        return count
    }
}
