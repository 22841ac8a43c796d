// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// Runs one command of the catalogue: the single entry for the process's arguments, the shell and scripts.
public enum CommandRunner {
    /// Runs the words and reports what goes wrong on the session's standard error.
    ///
    /// Everything that was printed has been sent when this returns.
    /// - Parameters:
    ///   - words: the command's name first; a leading `docker` is dropped.
    ///   - streams: where it reads and writes; `nil` means the session's own.
    /// - Returns: the exit status: the program's where there is one, otherwise Docker's (125 the engine failed, 126 cannot be
    ///   invoked, 127 not found, 1 everything else); 130 when it was cancelled. `session.status` is left to the caller.
    @discardableResult
    public static func run(_ words: [String], in session: Session, streams: Streams? = nil) async -> Int32 {
        let session = streams.map { session.redirected(to: $0) } ?? session
        var report = FailureReport(session: session)
        do {
            try await perform(words, in: session, &report)
            try session.output.flush()
        } catch {
            // What was printed before the failure belongs before its report; that sending failed too is said only once.
            try? session.output.flush()
            await report.print(error)
        }
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
        return report.status
    }

    /// Says on the session's standard error what went wrong outside of any command, and sends it.
    ///
    /// - Returns: the exit status that goes with it; 1 where the engine failed.
    public static func report(_ error: any Error, in session: Session) async -> Int32 {
        var report = FailureReport(session: session)
        await report.print(error)
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
        return report.status
    }

    private static func perform(_ words: [String], in session: Session, _ report: inout FailureReport) async throws {
        switch try Catalogue.call(words) {
        case .help: session.output.write(HelpPage(session: session).everything)
        case .version: session.output.line("dsh version \(try session.version.version)")
        case .group(let group): session.output.write(HelpPage(session: session).text(for: group))
        case .command(let type, let rest):
            report.command = type.declaration
            report.engineFailureStatus = type.engineFailureStatus
            let spelling = try Spelling(Array(rest), for: type.declaration)
            if spelling.asksForHelp {
                return session.output.write(HelpPage(session: session).text(for: type.declaration))
            }
            report.words = spelling.words
            try check(spelling.words.count, for: type.declaration, in: session)
            try await type.parsed(spelling.forParser).run(in: session)
        }
    }

    /// Docker's `RequiresMinArgs` and its like; a current container or image stands in for the words that are missing.
    private static func check(_ count: Int, for command: CommandDeclaration, in session: Session) throws(UsageError) {
        let arguments = command.arguments
        let isCovered =
            switch arguments.current {
            case .container: session.currentContainer != nil && count + 1 >= arguments.minimum
            case .image: session.currentImage != nil && count + 1 >= arguments.minimum
            case nil: false
            }
        let isTooFew = count < arguments.minimum && !isCovered
        let isTooMany = arguments.maximum.map { count > $0 } ?? false
        guard isTooFew || isTooMany else { return }
        let name = session.typed(command.name)
        let sentence: Text =
            if arguments.maximum == 0 {
                .takesNone(command: name)
            } else if arguments.maximum == arguments.minimum {
                .needsExactly(arguments.minimum, command: name)
            } else if isTooFew {
                .needsAtLeast(arguments.minimum, command: name)
            } else {
                .takesAtMost(arguments.maximum ?? 0, command: name)
            }
        throw UsageError(sentence: sentence, status: 1)
    }
}
