// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The `dsh` that was built with the tests, working on one test's roots.
public struct DshProgram: Sendable {
    /// The roots that it works on.
    public let roots: TemporaryEngineRoots
    /// What its environment has beside the roots; `LANG` is English unless it says otherwise.
    public var environment: [String: String] = [:]
    /// Its working directory: the test's own files.
    public var directory: String

    /// The built program on these roots.
    public init(_ roots: TemporaryEngineRoots, environment: [String: String] = [:]) {
        self.roots = roots
        self.environment = environment
        directory = roots.files
    }

    /// Where the built programs are: beside the test's own executable.
    public static var builtDirectory: String {
        if let given = getenv("DSH_TEST_PROGRAMS") { return String(cString: given) }
        let own = linkTarget("/proc/self/exe") ?? CommandLine.arguments[0]
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    }

    /// `dsh WORDS…`, ready to be run or put on a terminal.
    public func program(_ words: [String]) -> Program {
        let own = ["DSH_ROOT": roots.root, "DSH_RUN": roots.run, "HOME": roots.files]
        return Program(
            Self.builtDirectory + "/dsh", words, environment: own.merging(environment) { $1 }, directory: directory)
    }

    /// Runs `dsh WORDS…` to its end.
    /// - Throws: `ProgramFailure` when it outlives the deadline; a status other than 0 is no failure here.
    @discardableResult
    public func callAsFunction(
        _ words: String..., input: String = "", within deadline: Duration = .seconds(60)
    ) async throws -> ProgramResult {
        try await program(words).run(input: Array(input.utf8), within: deadline)
    }

    /// Runs `dsh WORDS…` to its end and returns its standard output without the last line's end.
    /// - Throws: `ProgramFailure` when its status is not 0, with all that it wrote.
    @discardableResult
    public func succeed(
        _ words: String..., input: String = "", within deadline: Duration = .seconds(60)
    ) async throws -> String {
        try await program(words).succeed(input: Array(input.utf8), within: deadline)
    }

    /// Makes the file `/go` in a container whose program waits for it. Where that program then ends, the container's end may
    /// kill `touch` before it has ended itself, as in Docker's.
    /// - Throws: `ProgramFailure` for any other failure.
    public func letGo(_ container: String) async throws {
        let touch = try await self("exec", container, "touch", "/go")
        guard [0, 137].contains(touch.status) else {
            throw ProgramFailure(description: "exec touch /go: \(touch.status) \(touch.errorText)")
        }
    }

    /// Runs `body` with a fresh engine; its containers are removed by force at the end, and nothing may be left then.
    public static func scoped<Result>(
        environment: [String: String] = [:], _ body: (DshProgram) async throws -> Result
    ) async throws -> Result {
        try await TemporaryEngineRoots.scoped { roots in
            let dsh = DshProgram(roots, environment: environment)
            let result = try await body(dsh)
            let containers = try await dsh.succeed("ps", "-aq").split(separator: "\n").map(String.init)
            if !containers.isEmpty { _ = try await dsh.program(["rm", "-f"] + containers).run() }
            return result
        }
    }
}
