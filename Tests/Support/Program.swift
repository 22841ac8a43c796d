// SPDX-License-Identifier: Apache-2.0

/// A program that a test runs: which one, with what words, where and in what environment.
///
/// Nothing of the test's own environment reaches it but `PATH`, so that a test means the same on every machine.
public struct Program: Sendable {
    /// The file that is executed; it is not looked up in `PATH`.
    public var path: String
    /// The words after the program's name.
    public var arguments: [String]
    /// The whole environment.
    public var environment: [String: String]
    /// The working directory; `nil` keeps the test's.
    public var directory: String?

    /// A program with an environment of `PATH`, an English locale and what `environment` adds.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil
    ) {
        let usual = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
        ]
        self.path = path
        self.arguments = arguments
        self.environment = usual.merging(environment) { $1 }
        self.directory = directory
    }

    /// What a person would type for it: for messages.
    public var commandLine: String { ([path] + arguments).joined(separator: " ") }
}

/// How a program ended and what it wrote.
public struct ProgramResult: Sendable {
    /// The exit status, or 128 + n after signal n: what a POSIX shell shows in `$?`.
    public let status: Int32
    /// Everything written to standard output.
    public let output: [UInt8]
    /// Everything written to standard error.
    public let errorOutput: [UInt8]

    /// Standard output as text; bytes that are no UTF-8 become replacement characters.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text.
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    /// The lines of standard output.
    public var lines: [String] { text.split(separator: "\n").map(String.init) }
    /// The lines of standard error.
    public var errorLines: [String] { errorText.split(separator: "\n").map(String.init) }
}

/// Why a program could not be run to its end, with what it had written so far.
public struct ProgramFailure: Error, CustomStringConvertible {
    /// The whole story, for the test's report.
    public let description: String

    /// A failure with this story.
    public init(description: String) { self.description = description }
}

extension Program {
    /// Runs the program to its end: it has ended **and** nobody holds its output open.
    ///
    /// - Parameters:
    ///   - input: its whole standard input; it meets the end of input after it.
    ///   - deadline: when this has passed, the program and its process group are killed and the call throws.
    /// - Throws: `ProgramFailure` when it cannot be started or outlives the deadline.
    public func run(input: [UInt8] = [], within deadline: Duration = .seconds(60)) async throws -> ProgramResult {
        let running = try start(on: .pipes)
        running.send(input)
        running.closeInput()
        defer { running.end() }
        guard await running.wait(within: deadline, until: \.isOver) else {
            let holder =
                running.snapshot.status == nil ? "it was still running" : "it ended, but its output is held open"
            throw ProgramFailure(description: "\(commandLine): not over after \(deadline): \(holder)\n\(running.story)")
        }
        return running.result
    }

    /// Runs the program to its end and returns its standard output without the last line's end.
    /// - Throws: `ProgramFailure` when its status is not 0, with all that it wrote.
    @discardableResult
    public func succeed(input: [UInt8] = [], within deadline: Duration = .seconds(60)) async throws -> String {
        let result = try await run(input: input, within: deadline)
        guard result.status == 0 else {
            throw ProgramFailure(
                description: "\(commandLine): status \(result.status)\n\(result.text)\(result.errorText)")
        }
        return result.text.hasSuffix("\n") ? String(result.text.dropLast()) : result.text
    }

    /// Runs the program while `body` talks to it; what is left of it is killed at the end.
    public func whileRunning<Result>(
        on connection: ProgramConnection = .pipes, _ body: (RunningProgram) async throws -> Result
    ) async throws -> Result {
        let running = try start(on: connection)
        defer { running.end() }
        return try await body(running)
    }
}
