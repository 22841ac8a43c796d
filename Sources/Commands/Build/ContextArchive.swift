// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Engine
import Glibc

/// An archive of files that the engine reads as a build's context; its descriptor lives as long as this does.
final class ContextArchive: Sendable {
    let descriptor: Int32
    /// A header of tar has so many bytes; every compression is known from fewer.
    private static let headerSize = 512
    /// More is no Dockerfile that a person wrote.
    private static let largestDockerfile = 16 << 20

    /// Opens a file.
    init(reading path: String, shownAs shown: String) throws(EngineError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HostFile.failure("open", shown) }
    }

    /// A stream of which the beginning has been read already: that comes first, then what follows.
    init(beginning: [UInt8], from source: Int32) throws(EngineError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw EngineError(.system, .engine, "socketpair: \(String(cString: strerror(errno)))")
        }
        // A descriptor of its own: the stream's may be closed, its number another file's, before the thread has ended.
        let own = fcntl(source, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else {
            let failure = EngineError(.system, .engine, "fcntl: \(String(cString: strerror(errno)))")
            close(ends[0])
            close(ends[1])
            throw failure
        }
        descriptor = ends[0]
        let target = ends[1]
        // A thread of its own: it waits for whoever writes the archive.
        DispatchQueue(label: "dsh.build-context").async {
            Self.relay(beginning, own, to: target)
            close(own)
            close(target)
        }
    }

    deinit { close(descriptor) }

    /// Goes on until the source ends or nobody reads any more.
    private static func relay(_ beginning: [UInt8], _ source: Int32, to target: Int32) {
        guard send(beginning[...], to: target) else { return }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var waiting = [
                pollfd(fd: source, events: Int16(POLLIN), revents: 0), pollfd(fd: target, events: 0, revents: 0),
            ]
            if poll(&waiting, 2, -1) < 0, errno != EINTR { return }
            // The other end is gone: the build is over.
            if waiting[1].revents != 0 { return }
            guard waiting[0].revents != 0 else { continue }
            let count = Glibc.read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0, send(buffer[..<count], to: target) else { return }
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    // MARK: What a stream is

    /// The first bytes of a stream, as many as a header has, fewer where it ends before.
    static func beginning(of input: Int32) throws(UsageError) -> [UInt8] { try read(input, limit: headerSize) }

    /// Everything that follows, which must be a Dockerfile.
    static func rest(of input: Int32) throws(UsageError) -> [UInt8] {
        let bytes = try read(input, limit: largestDockerfile + 1)
        guard bytes.count <= largestDockerfile else {
            throw .refusedBuild("stdin is neither an archive nor a Dockerfile")
        }
        return bytes
    }

    private static func read(_ input: Int32, limit: Int) throws(UsageError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit, 64 << 10))
        while bytes.count < limit {
            let count = Glibc.read(input, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0, errno == EAGAIN {
                var waiting = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
                poll(&waiting, 1, -1)
                continue
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .refusedBuild("read stdin: \(HostFile.reason(errno))") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Whether a stream that begins so is an archive: compressed (gzip, bzip2, xz, zstd), or a header of tar.
    static func isArchive(_ beginning: [UInt8]) -> Bool {
        let magics: [[UInt8]] = [
            [0x1F, 0x8B], Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD],
        ]
        return magics.contains { beginning.starts(with: $0) } || isTarHeader(beginning)
    }

    /// Every header of tar, the oldest included, has the sum of its own bytes in octal digits, counted with blanks in
    /// its place.
    private static func isTarHeader(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == headerSize else { return false }
        let digits = bytes[148..<156].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        guard let wanted = Int(String(decoding: digits, as: UTF8.self), radix: 8) else { return false }
        let sum = bytes.indices.reduce(0) { $0 + Int((148..<156).contains($1) ? 0x20 : bytes[$1]) }
        return sum == wanted
    }
}
