// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Glibc
import Linux
import OCI

/// A file that ADD downloads: GET of HTTP/1.1, one connection for each request.
///
/// - SeeAlso: RFC 9110 (status codes, Location, Last-Modified), RFC 9112 (messages, chunks).
struct Download {
    /// The SHA-256 of what came, 64 digits.
    private(set) var digest = ""
    /// Seconds since 1970, from `Last-Modified`; `nil` where the server says none.
    private(set) var modified: Int64?

    private static let mostRedirections = 10

    /// Why a file cannot be downloaded.
    static func failure(_ address: String, _ reason: String) -> FileCopying.Conflict {
        FileCopying.Conflict(sentence: "failed to load \(address): \(reason)")
    }

    /// Downloads into a file that is open for writing. On this thread, which waits.
    ///
    /// - Throws: `FileCopying.Conflict` with the address and the reason; `CancellationError`.
    init(_ address: String, to file: borrowing Descriptor, _ interrupt: Interrupt) throws {
        var current = address
        for _ in 0...Self.mostRedirections {
            let place = try WebAddress(current)
            do {
                var connection = try WebConnection(to: place, interrupt)
                let head = try connection.head()
                if [301, 302, 303, 307, 308].contains(head.status), let next = head["location"] {
                    current = place.resolving(next)
                    continue
                }
                guard head.status == 200 else {
                    throw WebConnection.Broken(reason: "invalid response status \(head.status)")
                }
                modified = head["last-modified"].flatMap(Self.seconds)
                var hasher = DigestHasher()
                let sink = FileSink(writing: file.number)
                try connection.body(of: head) { bytes in
                    hasher.update(bytes)
                    try sink.write(bytes)
                }
                digest = hasher.digest.hex
                return
            } catch let broken as WebConnection.Broken {
                throw Self.failure(current, broken.reason)
            } catch let error as SystemError {
                throw Self.failure(current, "\(error)")
            } catch let error as ArchiveError {
                throw Self.failure(current, "\(error)")
            }
        }
        throw Self.failure(address, "stopped after \(Self.mostRedirections) redirects")
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`: the one form of dates that RFC 9110 §5.6.7 has servers write.
    private static func seconds(_ text: String) -> Int64? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]),
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3 else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year - 1900, Int32(month), day)
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (clock[0], clock[1], clock[2])
        return Int64(timegm(&fields))
    }
}
