// SPDX-License-Identifier: Apache-2.0

/// The options of the program itself, which stand before the command.
public struct ProcessOptions: Hashable, Sendable {
    /// One of them.
    struct Option: Sendable {
        let name: String
        let value: String
        let summary: Text
    }

    static let all = [
        Option(
            name: "root", value: "DIRECTORY",
            summary: Text("Where images and containers are kept, instead of DSH_ROOT", "이미지와 컨테이너를 둘 곳 (DSH_ROOT 대신)")),
        Option(
            name: "run-root", value: "DIRECTORY",
            summary: Text("Where sockets and locks are, instead of DSH_RUN", "소켓과 잠금 파일을 둘 곳 (DSH_RUN 대신)")),
    ]

    /// `--root`; `nil` where it was not given.
    public private(set) var root: String?
    /// `--run-root`; `nil` where it was not given.
    public private(set) var runRoot: String?
    /// What follows them.
    public private(set) var words: [String] = []
    /// The option whose value is missing.
    public private(set) var incomplete: String?

    /// Reads the process's arguments without the program's name: `--root DIR`, `--root=DIR`.
    public init(_ arguments: [String]) {
        var rest = arguments[...]
        while let word = rest.first, let option = Self.all.first(where: { Self.begins(word, with: $0) }) {
            rest.removeFirst()
            let attached = word.count > option.name.count + 2 ? String(word.dropFirst(option.name.count + 3)) : nil
            guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
                incomplete = "--" + option.name
                break
            }
            if option.name == "root" { root = value } else { runRoot = value }
        }
        words = Array(rest)
    }

    private static func begins(_ word: String, with option: Option) -> Bool {
        word == "--" + option.name || word.hasPrefix("--" + option.name + "=")
    }
}
