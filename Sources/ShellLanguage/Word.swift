// SPDX-License-Identifier: Apache-2.0

/// What stands between blanks: literal text, quoted text and values to be filled in, in the order in which they are written.
public struct Word: Hashable, Sendable {
    /// Never empty; `''` is one piece with empty text.
    public let pieces: [WordPiece]
    /// The whole word, quotes included.
    public let span: SourceSpan

    /// The word's value when it has nothing to fill in; otherwise `nil`.
    public var literal: String? {
        var text = ""
        for piece in pieces {
            guard case .text(let part) = piece.content else { return nil }
            text += part
        }
        return text
    }

    /// The word's value when it is plain text without quotes or backslashes, the only form in which keywords are known.
    public var bare: String? { pieces.allSatisfy { $0.quoting == .none } ? literal : nil }
}

/// A part of a word that is quoted in one way.
public struct WordPiece: Hashable, Sendable {
    /// What the piece stands for.
    public indirect enum Content: Hashable, Sendable {
        /// Itself, with quotes and backslashes taken away.
        case text(String)
        /// A value; `otherwise` is the text after `:-` in `${NAME:-text}`, taken when there is none or it is empty.
        case variable(Variable, otherwise: [WordPiece]?)
        /// What a command prints, without the newlines at its end.
        case output(of: Substitution)
        /// `~` at the beginning of an unquoted word: the person's own directory.
        case home
    }

    /// How a piece is quoted.
    public enum Quoting: Hashable, Sendable {
        /// Not at all.
        case none
        /// One character behind a backslash.
        case escaped
        /// `'…'`
        case single
        /// `"…"`
        case double
        /// `$'…'`
        case ansi
    }

    /// What it stands for.
    public let content: Content
    /// How it is quoted.
    public let quoting: Quoting
    /// Where it is; for text in quotes, without the quotes.
    public let span: SourceSpan
}

/// A value that a `$` fills in.
public enum Variable: Hashable, Sendable {
    /// `$NAME` or `${NAME}`; `image`, `container`, `last` and `status` are dsh's own.
    case named(String)
    /// `$1`, `${10}`: an argument of the script; `$0` is the script itself.
    case argument(Int)
    /// `$#`: how many arguments there are.
    case argumentCount
    /// `$@`: every argument, a word each.
    case arguments
    /// `$*`: every argument in one word, with blanks between.
    case joinedArguments
    /// `$?`: the same as `$status`.
    case status
}

/// A command in `$(…)`.
public enum Substitution: Hashable, Sendable {
    /// Text for the host's `sh`.
    case host(HostCommand)
    /// `$(docker …)`: commands of dsh, as a line that starts with `docker` is one.
    case own(Program)
}
