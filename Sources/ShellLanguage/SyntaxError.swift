// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a text, and where.
public struct SyntaxError: Error, Hashable, Sendable {
    /// The kinds of mistakes, so that a front end can say them in the reader's language.
    public enum Reason: Hashable, Sendable {
        /// A quote that is opened and never closed; the value is `'`, `"` or `` ` ``.
        case unclosedQuote(Character)
        /// A `$(` without its `)`, or a `(` in a host command.
        case unclosedParenthesis
        /// A `${` without its `}`.
        case unclosedBrace
        /// A backslash that is the last character.
        case danglingBackslash
        /// `|`, `&&` or `||` at the end of the text.
        case nothingAfter(String)
        /// An operator where a command or the end of one must stand.
        case unexpected(String)
        /// A redirection without the name of a file.
        case noFile(String)
        /// A descriptor other than 0, 1 and 2.
        case noSuchDescriptor(String)
        /// `<<` and `<<<`.
        case hereDocument
        /// `|&`.
        case pipeOfBothStreams
        /// `if`, `for`, `while`, `{` and their like.
        case block(String)
        /// `( … )` around commands of dsh.
        case group
        /// `name() …`.
        case function(String)
        /// `NAME=VALUE` where a command must stand.
        case assignment(String)
        /// `` `command` ``.
        case backquotes
        /// `$$`, `${NAME%…}`, `$((…))` and others that dsh does not have.
        case unknownVariable(String)
        /// An escape in `$'…'` that means nothing.
        case unknownEscape(String)
        /// `@` without a command.
        case nothingForContainer
        /// `!` without a command.
        case nothingForHost
        /// `expect` without a command.
        case nothingToExpect
        /// `status` with something that is no exit status.
        case noStatus(String)
        /// `status` given twice.
        case secondStatus
        /// Bytes that are not UTF-8, or NUL.
        case notText
    }

    /// The mistake.
    public let reason: Reason
    /// The characters it is in.
    public let span: SourceSpan

    /// A mistake and the characters it is in.
    public init(_ reason: Reason, _ span: SourceSpan) {
        self.reason = reason
        self.span = span
    }

    /// Whether more text can mend it: an editor then continues on the next line instead of refusing this one.
    public var isIncomplete: Bool {
        switch reason {
        case .unclosedQuote, .unclosedParenthesis, .unclosedBrace, .danglingBackslash, .nothingAfter: true
        default: false
        }
    }
}

extension SyntaxError.Reason: CustomStringConvertible {
    /// The mistake in one English sentence.
    public var description: String {
        switch self {
        case .unclosedQuote(let quote): "the quote \(quote) is opened here and never closed"
        case .unclosedParenthesis: "the ( is opened here and never closed"
        case .unclosedBrace: "the ${ is opened here and never closed with }"
        case .danglingBackslash: "a \\ at the very end continues nothing"
        case .nothingAfter(let mark): "a command must follow \(mark)"
        case .unexpected(let mark): "\(mark) cannot stand here"
        case .noFile(let mark): "the name of a file must follow \(mark)"
        case .noSuchDescriptor(let text): "\(text): only the streams 0, 1 and 2 can be redirected"
        case .hereDocument: "<< is not there yet; put the text in a file and write < FILE"
        case .pipeOfBothStreams: "|& is not there; write 2>&1 |"
        case .block(let word): "\(word): blocks (if, for, while, functions, { }) come in a later version of dsh"
        case .group: "commands in ( ) come in a later version of dsh"
        case .function(let name): "\(name)(): functions come in a later version of dsh"
        case .assignment(let name): "variables are set with the command: set \(name)=VALUE"
        case .backquotes: "write $(COMMAND) instead of backquotes"
        case .unknownVariable(let text): "\(text) is no variable of dsh"
        case .unknownEscape(let text): "\(text) is no escape of $'…'"
        case .nothingForContainer: "a command to run in the container must follow @"
        case .nothingForHost: "a command to run on this machine must follow !"
        case .nothingToExpect: "a command must follow expect"
        case .noStatus(let text): "\(text): a status is a number from 0 to 255"
        case .secondStatus: "expect takes one status"
        case .notText: "this is not UTF-8 text"
        }
    }
}

extension SyntaxError {
    /// `file.dsh:12:5: sentence`, the line it is in, and a mark under the characters meant.
    ///
    /// - Parameters:
    ///   - source: the text that was parsed.
    ///   - sentence: the reason in the reader's language; `nil` says it in English.
    ///   - width: columns that a character takes on the terminal, so that the mark stands under Hangul too.
    public func report(
        in source: SourceText, sentence: String? = nil, width: (Character) -> Int = { _ in 1 }
    ) -> String {
        source.report(sentence ?? "\(reason)", at: span, width: width)
    }
}

extension SourceText {
    /// A sentence about some characters of this text: place, sentence, the line and a mark under it.
    public func report(_ sentence: String, at span: SourceSpan, width: (Character) -> Int = { _ in 1 }) -> String {
        let line = line(of: span.start)
        let start = min(max(span.start, line.start), line.end)
        let end = min(max(span.end, start), line.end)
        // A tab stays a tab, since how far it goes is known to the terminal alone.
        let margin = self[SourceSpan(line.start, start)].map {
            $0 == "\t" ? "\t" : String(repeating: " ", count: max(width($0), 0))
        }.joined()
        let columns = self[SourceSpan(start, end)].reduce(0) { $0 + max(width($1), 0) }
        let mark = "^" + String(repeating: "~", count: max(columns - 1, 0))
        return "\(name ?? "dsh"):\(position(of: span.start)): \(sentence)\n  \(self[line])\n  \(margin)\(mark)"
    }
}
