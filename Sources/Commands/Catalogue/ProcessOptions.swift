// SPDX-License-Identifier: Apache-2.0
import Engine

/// The options of the program itself, which stand before the command: what the program takes, and what help and the manual
/// page say about them. They are read before there is a session.
public enum ProcessOptions {
    /// One of them.
    struct Option: Sendable {
        let name: String
        let variable: String
        let place: any WritableKeyPath<Places, String?> & Sendable
        let value: String
        let summary: Text
    }

    /// What they say, as absolute paths; `nil` where neither the option nor its variable is given.
    public struct Places: Hashable, Sendable {
        /// `--root`, otherwise `DSH_ROOT`.
        public var root: String?
        /// `--run-root`, otherwise `DSH_RUN`.
        public var runRoot: String?
    }

    /// An option or a variable that names no absolute path.
    public struct NotAPath: Error {
        /// As it was written: `--root` or `DSH_ROOT`.
        public let name: String
    }

    /// Takes the options from the front of the program's words; an empty variable counts as none.
    ///
    /// - Throws: `NotAPath` for the first that names no absolute path.
    public static func take(from words: inout [String]) throws(NotAPath) -> Places {
        func absolute(_ path: String, _ name: String) throws(NotAPath) -> String {
            guard path.hasPrefix("/") else { throw NotAPath(name: name) }
            return path
        }
        var places = Places()
        for option in all {
            guard let path = SessionState.environment(option.variable), !path.isEmpty else { continue }
            places[keyPath: option.place] = try absolute(path, option.variable)
        }
        while let word = words.first {
            let (flag, attached) = word[...].cut(atFirst: "=")
            guard let option = all.first(where: { flag == "--\($0.name)" }) else { break }
            words.removeFirst()
            let value = attached.map(String.init) ?? (words.isEmpty ? "" : words.removeFirst())
            places[keyPath: option.place] = try absolute(value, String(flag))
        }
        return places
    }

    static let all = [
        Option(
            name: "root", variable: "DSH_ROOT", place: \.root, value: "DIRECTORY",
            summary: Text("Where images and containers are kept, instead of DSH_ROOT", "이미지와 컨테이너를 둘 곳 (DSH_ROOT 대신)")),
        Option(
            name: "run-root", variable: "DSH_RUN", place: \.runRoot, value: "DIRECTORY",
            summary: Text("Where sockets and locks are, instead of DSH_RUN", "소켓과 잠금 파일을 둘 곳 (DSH_RUN 대신)")),
    ]
}
