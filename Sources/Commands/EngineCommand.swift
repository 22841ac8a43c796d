// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// A command of dsh: its declaration, its properties that ArgumentParser fills, and one call of the engine.
protocol EngineCommand: ParsableCommand, Sendable {
    /// What help, completion and spelling know about it.
    static var declaration: CommandDeclaration { get }

    /// The exit status when the engine fails: 125 for `run`, 1 for the others (docker-run(1), "Exit status").
    static var engineFailureStatus: Int32 { get }

    /// Does it. A status other than 0 that needs no sentence, such as a program's own, is thrown as `ExitCode`.
    func run(in session: Session) async throws
}

extension EngineCommand {
    static var engineFailureStatus: Int32 { 1 }

    static var configuration: CommandConfiguration {
        // Help is ours, in Docker's layout: ArgumentParser must not take `-h` for it.
        // The name above it says that the library's own `--generate-completion-script`, which is not wanted, need not be
        // looked for: that parses two more commands, a quarter of what a call costs before it does anything.
        CommandConfiguration(
            commandName: declaration.name, _superCommandName: "dsh", abstract: declaration.summary.english,
            helpNames: NameSpecification([]))
    }

    /// What a person sees when the words are no proper call of it.
    static func parsed(_ words: [String]) throws -> Self {
        do {
            let command = try Self.parseAsRoot(words)
            guard let command = command as? Self else { throw UsageError.refused("\(Self.self): not parsed") }
            return command
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError.inside(error) ?? .refused(Self.message(for: error))
        }
    }
}

extension UsageError {
    /// The usage error that a flag's transform threw: ArgumentParser wraps it in types of its own.
    static func inside(_ error: Any, depth: Int = 0) -> UsageError? {
        if let found = error as? UsageError { return found }
        guard depth < 6 else { return nil }
        for child in Mirror(reflecting: error).children {
            if let found = inside(child.value, depth: depth + 1) { return found }
        }
        return nil
    }
}
