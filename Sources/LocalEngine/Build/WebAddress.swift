// SPDX-License-Identifier: Apache-2.0

/// An `http` address: RFC 3986, RFC 9110 §4.2.
struct WebAddress: Hashable {
    let host: String
    let port: String
    /// From the first slash on, without a fragment.
    let target: String

    /// - Throws: `FileCopying.Conflict` for what is no address, or one of another scheme.
    init(_ text: String) throws {
        guard let scheme = text.firstRange(of: "://"), !text[..<scheme.lowerBound].isEmpty else {
            throw Download.failure(text, "it is no address")
        }
        guard text[..<scheme.lowerBound].lowercased() == "http" else {
            throw FileCopying.Conflict(
                sentence: "ADD of \(text) is not there: dsh downloads from http:// only. "
                    + "Download it first and COPY it, or download it in a RUN")
        }
        let rest = text[scheme.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        target = (path.hasPrefix("/") ? "" : "/") + path
        let place = authority.split(separator: "@").last ?? ""
        // The colons of an IPv6 address are inside its brackets.
        let bracket = place.lastIndex(of: "]") ?? place.startIndex
        let colon = place[bracket...].lastIndex(of: ":")
        host = String(place[..<(colon ?? place.endIndex)])
        port = colon.map { String(place[place.index(after: $0)...]) } ?? "80"
        let printable = target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard !host.isEmpty, UInt16(port) != nil, printable else { throw Download.failure(text, "it is no address") }
    }

    /// Where a `Location` of an answer leads.
    func resolving(_ location: String) -> String {
        if location.contains("://") { return location }
        let base = "http://\(host):\(port)"
        if location.hasPrefix("//") { return "http:" + location }
        if location.hasPrefix("/") { return base + location }
        let path = target.prefix { $0 != "?" }
        let directory = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return base + directory + location
    }

    /// The host as getaddrinfo(3) takes it.
    var node: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }

    /// The message that asks for it.
    var request: String {
        "GET \(target) HTTP/1.1\r\nHost: \(host)\(port == "80" ? "" : ":" + port)\r\nUser-Agent: dsh\r\nAccept: */*\r\n"
            + "Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    }
}
