// SPDX-License-Identifier: Apache-2.0

/// A parsed script, or a parsed line.
public struct Program: Hashable, Sendable {
    /// In the order in which they run.
    public let statements: [Statement]

    /// Reads a whole text.
    /// - Throws: the first mistake, before anything has run.
    public init(parsing source: SourceText) throws(SyntaxError) {
        var parser = Parser(source)
        self = try parser.program()
    }

    init(statements: [Statement]) {
        self.statements = statements
    }

    /// Whether a typed line goes on: a quote is open, or it ends with `\`, `|`, `&&` or `||`.
    public static func isIncomplete(_ line: String) -> Bool {
        do {
            _ = try Program(parsing: SourceText(line))
            return false
        } catch {
            return error.isIncomplete
        }
    }
}

/// Pipelines joined by `&&` and `||`, up to a newline, `;` or `&`.
public struct Statement: Hashable, Sendable {
    /// When the pipeline behind an operator runs.
    public enum Condition: String, Hashable, Sendable {
        /// `&&`: when what stands before ended with status 0.
        case succeeded = "&&"
        /// `||`: when it did not.
        case failed = "||"
    }

    /// An operator and what it guards.
    public struct Link: Hashable, Sendable {
        /// When it runs.
        public let condition: Condition
        /// What runs.
        public let pipeline: Pipeline
    }

    /// Runs always.
    public let first: Pipeline
    /// Decided from left to right, `&&` and `||` binding alike, as in sh.
    public let rest: [Link]
    /// Ends with `&`: runs beside what follows, and ends with the script at the latest.
    public let isBackground: Bool
    /// From the first character to the last, without the `;` or `&`.
    public let span: SourceSpan
}

/// One command, what its output is sent through, and what is expected of it.
public struct Pipeline: Hashable, Sendable {
    /// `nil` for a pipeline without `expect`.
    public let expectation: Expectation?
    /// Where the output comes from.
    public let command: Command
    /// Everything behind the first `|`: one text for the host's `sh`, which sees to further `|` in it.
    public let filter: HostCommand?
    /// From `expect` or the command to the last character.
    public let span: SourceSpan
}

/// Who runs a command.
public enum Command: Hashable, Sendable {
    /// dsh itself.
    case own(SimpleCommand)
    /// `@ …`: the current container.
    case inContainer(SimpleCommand)
    /// `! …`: the host's `sh`.
    case onHost(HostCommand)
}

/// Words and redirections.
public struct SimpleCommand: Hashable, Sendable {
    /// The leading word `docker`, which is accepted and means nothing; not among `words`.
    public let docker: SourceSpan?
    /// Empty only where the line says `docker` alone.
    public let words: [Word]
    /// In the order in which they are written, which is the order in which they are done.
    public let redirections: [Redirection]
    /// From `docker`, `@` or the first word to the last character.
    public let span: SourceSpan
}

/// Text that the host's `sh` reads by itself: dsh fills in nothing and takes no quotes away.
public struct HostCommand: Hashable, Sendable {
    /// Without blanks and comments around it; never empty.
    public let text: String
    /// Where it is.
    public let span: SourceSpan
}

/// A stream of a command that comes from or goes to somewhere else.
public struct Redirection: Hashable, Sendable {
    /// A standard stream, by its number.
    public enum Stream: Int32, Hashable, Sendable { case input = 0, output, error }

    /// Where to.
    public enum Target: Hashable, Sendable {
        /// `< FILE`
        case read(Word)
        /// `> FILE`: made anew.
        case write(Word)
        /// `>> FILE`: continued.
        case append(Word)
        /// `2>&1`: where that stream goes at this moment.
        case copy(of: Stream)
    }

    /// Usually one; both for `&>`.
    public let streams: [Stream]
    /// Where to.
    public let target: Target
    /// Operator and file name.
    public let span: SourceSpan
}

/// What `expect` asks of a pipeline.
public struct Expectation: Hashable, Sendable {
    /// One demand.
    public enum Clause: Hashable, Sendable {
        /// `status N`
        case status(Word)
        /// `prints TEXT`: among what is printed on either stream.
        case prints(Word)
    }

    /// At most one is `.status`; none at all asks for status 0.
    public let clauses: [Clause]
    /// The word `expect`.
    public let span: SourceSpan
}
