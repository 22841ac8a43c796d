// SPDX-License-Identifier: Apache-2.0

/// Why a text names no image, in the sentences that Docker's users search for.
public enum ReferenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A character, separator, tag or port that the grammar has no place for.
    case invalidFormat
    /// Capitals in the repository's name; `suggestion` is the whole reference as it would be accepted.
    case uppercase(repository: String, suggestion: String)
    /// The repository's name, without its registry, has more than 255 characters.
    case nameTooLong
    /// 64 hexadecimal digits, which would always be taken for an id.
    case looksLikeID(String)
    /// What follows `@`.
    case digest(Digest.Malformed)

    public var description: String {
        switch self {
        case .invalidFormat: "invalid reference format"
        case .uppercase(let repository, let suggestion):
            "invalid reference format: repository name (\(repository)) must be lowercase: \(suggestion)"
        case .nameTooLong: "repository name must not be more than 255 characters"
        case .looksLikeID(let text):
            "invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings"
        case .digest(let malformed): malformed.description
        }
    }
}
