// SPDX-License-Identifier: Apache-2.0
// The editor with nothing behind it, for tests on a pty: each line that it reads is printed back. `editor-probe shell` is
// the whole shell, with an engine that has only a few things to show.
import Commands
import Engine
import Glibc
import Shell
import Terminal

/// Candidates for the first word that is completed: enough of them for several pages, some with a word about them.
let words: [Completion.Candidate] =
    [
        .init("images", description: "List images"), .init("image", description: "Manage images"),
        .init("inspect", description: "Show everything about an object"), .init("run", description: "컨테이너를 만들고 실행"),
        .init("가나다", description: "Korean"), .init("가나라", description: "Korean too"),
    ] + (1...40).map { .init("item\($0 < 10 ? "0" : "")\($0)", description: "Number \($0)") }

func complete(_ line: String, _ cursor: Int) -> Completion {
    let before = Array(line.utf8.prefix(cursor))
    let start = before.lastIndex(of: 0x20).map { $0 + 1 } ?? 0
    let typed = Array(before[start...])
    return Completion(start: start, candidates: words.filter { $0.replacement.utf8.starts(with: typed) })
}

func isIncomplete(_ line: String) -> Bool {
    line.hasSuffix("\\") || !line.filter { $0 == "'" }.count.isMultiple(of: 2)
}

Output.ignoreBrokenPipes()
if CommandLine.arguments.dropFirst().first == "shell" {
    let many = getenv("PROBE_IMAGES").flatMap { Int(String(cString: $0)) } ?? 0
    let state = SessionState(kind: .shell) { try StubEngine(manyImages: many) }
    exit(await InteractiveShell.run(Session(state)))
}
let host = EditorHost(
    prompt: { _ in Prompt([StyledText("dsh ", .bold), StyledText("❯ ", .cyan)]) }, complete: complete,
    isIncomplete: isIncomplete, shouldRemember: { !$0.hasPrefix(" ") })
let output = Output.standard
// Ctrl-C while no line is being read must not end the probe, as it does not end the shell.
let outside = try SignalWatch([SIGINT])
do {
    let editor = try LineEditor(host: host, historyPath: getenv("PROBE_HISTORY").map { String(cString: $0) } ?? "")
    for complaint in editor.settingsComplaints { output.line("BAD " + complaint) }
    reading: while true {
        switch try editor.readLine() {
        case .line("cat"):
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(0, &buffer, buffer.count)
            output.line("CAT:" + String(decoding: buffer[..<max(0, count)], as: UTF8.self) + ":")
        case .line("partial"): output.write("no newline")
        case .line(let line):
            output.line(
                "LINE:" + line.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "|") + ":")
        case .interrupted: output.line("INTERRUPTED")
        case .endOfInput: break reading
        }
    }
    output.line("END")
} catch {
    output.line("FAILED: \(error)")
    exit(1)
}
