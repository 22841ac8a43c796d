// SPDX-License-Identifier: Apache-2.0
import Engine

/// Notices a RUN that looks like a program which serves and will never end: the slip of those who write
/// `RUN node server.js` where they mean CMD.
///
/// It has written of a port that it listens on, or begins such a program, and has been silent for ten seconds since.
struct SilentRunWatch {
    private struct Run {
        let step: BuildStep
        var lastSign: Duration
        var looksLikeServer: Bool
    }

    private var runs: [Run] = []
    private static let silence = Duration.seconds(10)

    /// Takes an event in.
    mutating func note(_ event: BuildEvent, at time: Duration) {
        switch event {
        case .started(let step):
            let words = Self.words(of: step.instruction)
            guard words.first == "run" else { return }
            runs.append(Run(step: step, lastSign: time, looksLikeServer: Self.beginsServer(words.dropFirst())))
        case .output(let step, _, let bytes):
            guard let index = runs.firstIndex(where: { $0.step.id == step.id }) else { return }
            runs[index].lastSign = time
            if Self.mentionsPort(String(decoding: bytes, as: UTF8.self).lowercased()) {
                runs[index].looksLikeServer = true
            }
        case .finished(let step, _, _), .failed(let step): runs.removeAll { $0.step.id == step.id }
        case .skipped, .missed, .explained: break
        }
    }

    /// The steps of which a person should be told now, each of them once.
    mutating func due(at time: Duration) -> [BuildStep] {
        let due = runs.filter { $0.looksLikeServer && time - $0.lastSign >= Self.silence }.map(\.step)
        runs.removeAll { run in due.contains(run.step) }
        return due
    }

    /// In shell and exec form alike, in small letters, with `;` for whatever ends a command.
    private static func words(of instruction: String) -> [Substring] {
        instruction.lowercased().replacing("&&", with: " ; ").replacing(";", with: " ; ")
            .split { $0.isWhitespace || "[]\",'".contains($0) }
    }

    /// Programs that serve, by the words that begin them.
    private static let servers: [[Substring]] = [
        ["npm", "start"], ["npm", "run", "start"], ["npm", "run", "dev"], ["npm", "run", "serve"], ["yarn", "start"],
        ["yarn", "dev"], ["pnpm", "start"], ["pnpm", "dev"], ["npx", "serve"], ["http-server"], ["nodemon"],
        ["python", "-m", "http.server"], ["python3", "-m", "http.server"], ["flask", "run"], ["uvicorn"], ["gunicorn"],
        ["python", "manage.py", "runserver"], ["python3", "manage.py", "runserver"], ["php", "-s"],
        ["php", "artisan", "serve"], ["rails", "server"], ["rails", "s"], ["nginx"], ["httpd"], ["java", "-jar"],
    ]

    private static func beginsServer(_ words: ArraySlice<Substring>) -> Bool {
        words.drop { $0.hasPrefix("--") }.split(separator: ";").contains { command in
            servers.contains { command.starts(with: $0) }
                || (["node", "python", "python3"].contains(command.first)
                    && command.dropFirst().first.map { isServerFile($0) } ?? false)
        }
    }

    private static func isServerFile(_ word: Substring) -> Bool {
        let name = word.split(separator: "/").last ?? word
        return ["server", "app", "index", "main", "www"].contains(name.prefix { $0 != "." })
    }

    /// `Listening on port 3000`, `http://localhost:8000`, `* Running on …`.
    private static func mentionsPort(_ text: String) -> Bool {
        let signs = [
            "listening", "localhost:", "0.0.0.0:", "127.0.0.1:", "[::]:", "running on", "running at", "serving",
        ]
        if signs.contains(where: text.contains) { return true }
        let words = text.split { !$0.isLetter && !$0.isNumber }
        return zip(words, words.dropFirst()).contains { ["port", "포트"].contains($0) && Int($1) != nil }
    }
}
