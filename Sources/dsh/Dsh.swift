// SPDX-License-Identifier: Apache-2.0

import Commands
import Engine
import Glibc
import Interpreter
import LocalEngine
import Shell
import Terminal

/// Chooses the engine and the front end: the shell, a script, or one command.
@main
struct Dsh {
    static func main() {
        // A reader that has gone is an error of write(2), said once, and not a silent death.
        signal(SIGPIPE, SIG_IGN)
        var words = Array(CommandLine.arguments.dropFirst())
        let paths: EnginePaths
        do {
            let places = try ProcessOptions.take(from: &words)
            let standard = EnginePaths()
            paths = EnginePaths(root: places.root ?? standard.root, runRoot: places.runRoot ?? standard.runRoot)
        } catch {
            exit(refuse(.flagNeedsPath(error.name), .oneCommand, paths: EnginePaths()))
        }
        if let few = tooFewOpenFiles { exit(refuse(.needsMoreOpenFiles(few), .oneCommand, paths: paths)) }
        let arguments = words
        Task.detached { exit(await run(arguments, paths: paths)) }
        // This thread is the one that takes signals, since the pool's block them all. An asynchronous `main` would wait by
        // pthread_exit(3), for which the C library loads libgcc_s: 0.4 ms of every start.
        while true { pause() }
    }

    private static func run(_ words: [String], paths: EnginePaths) async -> Int32 {
        guard let first = words.first else {
            if isTerminal(0), isTerminal(1) {
                return await needsRoot(words) { await InteractiveShell.run(session(.shell, paths)) }
            }
            return await needsRoot(words) { await Script.run(descriptor: 0, session: session(.script, paths)) }
        }
        // A path that leads nowhere is no misspelt command: the script's own reader says what is wrong with it.
        let isPath = first.hasSuffix(".dsh") || first.contains("/") || access(first, F_OK) == 0
        let isScript = isPath && !Catalogue.contains(first) && !first.hasPrefix("-")
        if isScript {
            return await needsRoot(words) {
                await Script.run(path: first, arguments: Array(words.dropFirst()), session: session(.script, paths))
            }
        }
        let own = session(.oneCommand, paths)
        let status = await CommandRunner.run(words, in: own)
        // The process's end closes everything faster than taking it apart does.
        withExtendedLifetime(own) { exit(status) }
    }

    /// A session whose engine is opened when it is first needed: help and versions never do.
    private static func session(_ kind: SessionState.Kind, _ paths: EnginePaths) -> Session {
        let line = sudoLine(Array(CommandLine.arguments.dropFirst()))
        let state = SessionState(
            kind: kind, version: { LocalContainerEngine.version },
            engine: {
                guard geteuid() == 0 else {
                    let text = Text.needsRoot(line).text(in: Language(environment: SessionState.environment))
                    throw EngineError(.refused, .engine, text)
                }
                return try LocalContainerEngine(paths: paths)
            })
        return Session(state)
    }

    /// How many files this process may open, where the language's own threads could not even begin: they would end the
    /// process without a word.
    private static var tooFewOpenFiles: UInt? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < 16 else {
            return nil
        }
        return UInt(limit.rlim_cur)
    }

    /// A shell or a script would meet the refusal again and again: it is said once, before anything else.
    private static func needsRoot(_ words: [String], _ body: () async -> Int32) async -> Int32 {
        if geteuid() == 0 { return await body() }
        return refuse(.needsRoot(sudoLine(words)), .oneCommand, paths: EnginePaths())
    }

    private static func refuse(_ text: Text, _ kind: SessionState.Kind, paths: EnginePaths) -> Int32 {
        let session = session(kind, paths)
        session.error.line("dsh: \(text.text(in: session.language))")
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
        return 125
    }

    private static func sudoLine(_ words: [String]) -> String {
        (["sudo", CommandLine.arguments.first ?? "dsh"] + words).joined(separator: " ")
    }
}
