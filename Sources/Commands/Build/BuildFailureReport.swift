// SPDX-License-Identifier: Apache-2.0
import Engine

/// A step that failed, as lines for a person: which it is and what it wrote last, as BuildKit shows them.
struct BuildFailureReport {
    let failure: BuildFailure
    /// Whether a terminal shows it.
    let isForTerminal: Bool

    /// What stands between the sentence and the hint.
    var lines: [String] {
        guard failure.status != nil || !failure.lastLines.isEmpty else {
            return [" > \(shown(failure.step.title))", shown(failure.place)]
        }
        let output = failure.lastLines.map { "   " + shown($0) }
        return ["------", " > \(shown(failure.step.title)):"] + output + ["------", shown(failure.place)]
    }

    private func shown(_ text: String) -> String { isForTerminal ? text.asRow : text }

    // MARK: The likely cause

    /// What most probably went wrong and what to do about it; `nil` where nothing useful can be said.
    var likelyCause: Text? {
        let text = failure.lastLines.joined(separator: "\n")
        if Self.says(text, ["No space left on device", "ENOSPC", "Disk quota exceeded"]) { return .diskIsFull }
        if failure.status == 127 || Self.says(text, [": not found", "command not found"]) {
            if let program = missingProgram { return .baseHasNo(program) + (Self.remedy[program] ?? .installFirst) }
        }
        if failure.status == 127 { return .programIsNotInBase }
        if failure.status == 126 { return .programMustBeExecutable }
        if Self.says(text, ["package.json"]), Self.says(text, ["ENOENT", "no such file"]) { return .copyPackageFirst }
        if Self.says(text, Self.networkSigns) { return .runHasNoNetwork }
        if Self.says(text, ["Permission denied", "EACCES", "Operation not permitted", "are you root?"]) {
            return .runMayNot
        }
        if failure.status == 137 { return .runWasKilled }
        return nil
    }

    private static let networkSigns = [
        "Temporary failure resolving", "Temporary failure in name resolution", "Could not resolve", "bad address",
        "EAI_AGAIN", "ENOTFOUND", "Network is unreachable", "network is unreachable",
        "temporary error (try again later)",
        "Failed to establish a new connection",
    ]

    private static func says(_ text: String, _ signs: [String]) -> Bool { signs.contains(where: text.contains) }

    /// Whose place another program takes in other bases, or which base has it.
    private static let remedy: [String: Text] = [
        "apt-get": Text("Alpine's is apk: RUN apk add --no-cache …", "알파인에는 apk가 있습니다: RUN apk add --no-cache …"),
        "apt": Text("Alpine's is apk: RUN apk add --no-cache …", "알파인에는 apk가 있습니다: RUN apk add --no-cache …"),
        "apk": Text(
            "Debian's is apt-get: RUN apt-get update && apt-get install -y …",
            "데비안에는 apt-get이 있습니다: RUN apt-get update && apt-get install -y …"),
        "npm": Text("Begin with FROM node", "FROM node로 시작하세요"),
        "npx": Text("Begin with FROM node", "FROM node로 시작하세요"),
        "node": Text("Begin with FROM node", "FROM node로 시작하세요"),
        "yarn": Text("Begin with FROM node", "FROM node로 시작하세요"),
        "pip": Text("Begin with FROM python", "FROM python으로 시작하세요"),
        "pip3": Text("Begin with FROM python", "FROM python으로 시작하세요"),
        "python": Text("Begin with FROM python", "FROM python으로 시작하세요"),
        "python3": Text("Begin with FROM python", "FROM python으로 시작하세요"),
        "bash": Text("sh is there in almost every base", "sh는 거의 모든 이미지에 있습니다"),
    ]

    /// The program of which a shell or the kernel said that it is not there: `/bin/sh: npm: not found`,
    /// `sh: 1: npm: not found`, `bash: line 1: npm: command not found`,
    /// `exec: "npm": executable file not found in $PATH`.
    private var missingProgram: String? {
        for line in (failure.lastLines + [failure.reason]).reversed() {
            if let range = line.firstRange(of: "exec: \"") {
                let name = line[range.upperBound...].prefix { $0 != "\"" }
                if line.contains("not found") || line.contains("no such file") { return String(name) }
            }
            let parts = line.split(separator: ":").map { $0.drop { $0 == " " } }
            guard let last = parts.last, parts.count >= 3, last == "not found" || last == "command not found" else {
                continue
            }
            let name = parts[parts.count - 2]
            if !name.isEmpty, !name.contains(" "), !name.contains("/") { return String(name) }
        }
        return nil
    }
}
