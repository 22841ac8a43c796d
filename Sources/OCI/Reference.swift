// SPDX-License-Identifier: Apache-2.0

/// The name of an image, split as every registry and Docker split it: `[domain/]path[:tag][@digest]`.
///
/// A reference is always whole: `node` has the domain `docker.io` and the path `library/node`. What people see is
/// `familiar`, which leaves out what they did not type.
///
/// - SeeAlso: github.com/distribution/reference, whose grammar and order of questions this follows.
public struct Reference: Hashable, Sendable {
    /// The registry's host, with its port where one was given; `docker.io` where none was.
    public let domain: String
    /// The repository's name within the registry; `library/…` for Docker Hub's official ones.
    public let path: String
    /// The tag, where one was given.
    public let tag: String?
    /// The manifest's digest, where one was given: it decides, whatever the tag.
    public let digest: Digest?

    private static let defaultDomain = "docker.io"
    private static let officialPrefix = "library/"

    /// Reads what a person typed.
    public init(parsing text: some StringProtocol) throws(ReferenceError) {
        let text = String(text)
        if text.utf8.count == 64, text.utf8.allSatisfy(\.isLowercaseHexDigit) { throw .looksLikeID(text) }
        let (domain, remainder) = Self.splitDomain(text)

        // Asked before the grammar is, so that capitals get their own sentence; those in a tag are fine.
        let repository = remainder.prefix { $0 != ":" && $0 != "@" }
        let lowercased = repository.lowercased()
        guard lowercased == repository else {
            let suggestion = text.replacingFirst(repository.withoutPrefix(Self.officialPrefix))
            throw .uppercase(repository: String(repository), suggestion: suggestion)
        }

        var name = remainder[...]
        var digest: Digest?
        if let at = name.firstIndex(of: "@") {
            digest = try Self.digest(name[name.index(after: at)...])
            name = name[..<at]
        }
        var tag: String?
        let lastComponent = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
        if let colon = name[lastComponent...].firstIndex(of: ":") {
            tag = String(name[name.index(after: colon)...])
            name = name[..<colon]
        }
        guard Grammar.isDomain(domain), Grammar.isPath(name), tag.map(Grammar.isTag) ?? true else {
            throw .invalidFormat
        }
        guard name.utf8.count <= 255 else { throw .nameTooLong }
        self.init(domain: domain, path: String(name), tag: tag, digest: digest)
    }

    private init(domain: String, path: String, tag: String?, digest: Digest?) {
        self.domain = domain
        self.path = path
        self.tag = tag
        self.digest = digest
    }

    /// The first component is a registry only when it cannot be anything else: it has a `.` or a `:`, has capitals, or is
    /// `localhost`.
    private static func splitDomain(_ text: String) -> (domain: String, remainder: String) {
        guard let slash = text.firstIndex(of: "/") else { return (defaultDomain, officialPrefix + text) }
        let first = text[..<slash]
        let rest = text[text.index(after: slash)...]
        var domain = defaultDomain
        var remainder = text[...]
        if first == "index.docker.io" {
            // Docker Hub's name of old, which configuration files still carry.
            remainder = rest
        } else if first == "localhost" || first.contains(".") || first.contains(":") || first.lowercased() != first {
            domain = String(first)
            remainder = rest
        }
        if domain == defaultDomain, !remainder.contains("/") { return (domain, officialPrefix + remainder) }
        return (domain, String(remainder))
    }

    private static func digest(_ text: Substring) throws(ReferenceError) -> Digest {
        guard Grammar.isDigest(text) else { throw .invalidFormat }
        do { return try Digest(parsing: text) } catch { throw .digest(error) }
    }
}

extension Reference {
    /// The repository as people write it: `node`, `a/b`, `host:5000/c`.
    public var familiarName: String {
        guard domain == Self.defaultDomain else { return domain + "/" + path }
        let short = path.withoutPrefix(Self.officialPrefix)
        return short.contains("/") ? path : String(short)
    }

    /// The repository with its registry: `docker.io/library/node`.
    public var canonicalName: String { domain + "/" + path }

    /// The whole reference as people write it: `node:latest`.
    public var familiar: String { familiarName + suffix }

    /// The whole reference with nothing left out: `docker.io/library/node:latest`.
    public var canonical: String { canonicalName + suffix }

    private var suffix: String { (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// The same with `latest` where neither tag nor digest was given.
    public var withDefaultTag: Self {
        tag == nil && digest == nil ? Self(domain: domain, path: path, tag: "latest", digest: nil) : self
    }

    /// The same with this digest in place of tag and digest.
    public func pinned(to digest: Digest) -> Self { Self(domain: domain, path: path, tag: nil, digest: digest) }
}

extension Reference: CustomStringConvertible {
    public var description: String { familiar }
}

extension StringProtocol {
    fileprivate func withoutPrefix(_ prefix: String) -> SubSequence {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
    }
}

extension String {
    /// With the first occurrence of `part` in lower case.
    fileprivate func replacingFirst(_ part: Substring) -> String {
        guard let range = firstRange(of: part) else { return lowercased() }
        return replacingCharacters(in: range, with: part.lowercased())
    }

    private func firstRange(of part: Substring) -> Range<Index>? {
        indices.lazy.filter { self[$0...].hasPrefix(part) }.first.map { $0..<index($0, offsetBy: part.count) }
    }

    private func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
