// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// Whole lines of what a command writes in pieces.
struct StepLines {
    private var pending: [UInt8] = []
    /// A line without an end is shown in parts of this size.
    private static let longest = 64 << 10

    /// Takes a piece; the lines that it completes.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        pending += bytes
        var lines: [String] = []
        var start = pending.startIndex
        while let end = pending[start...].firstIndex(of: 0x0A) {
            lines.append(Self.text(pending[start..<end]))
            start = end + 1
        }
        pending.removeFirst(start)
        if pending.count >= Self.longest { lines += rest() }
        return lines
    }

    /// What has no end yet.
    mutating func rest() -> [String] {
        guard !pending.isEmpty else { return [] }
        defer { pending = [] }
        return [Self.text(pending[...])]
    }

    /// What has no end yet, as it stands: a bar that is drawn over and over, for instance.
    var unfinished: String? { pending.isEmpty ? nil : Self.text(pending[...]) }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.last == 0x0D ? bytes.dropLast() : bytes, as: UTF8.self)
    }
}

/// The last lines of each step that has not ended well, both of its streams in the order in which they came.
struct LastLines {
    private struct Run {
        let step: BuildStep
        var output = StepLines()
        var error = StepLines()
        var lines: [String] = []
    }

    private var runs: [Run] = []
    private static let count = 10

    /// Takes an event in.
    mutating func note(_ event: BuildEvent) {
        switch event {
        case .started(let step): runs.append(Run(step: step))
        case .finished(let step, _, _): runs.removeAll { $0.step.id == step.id }
        case .output(let step, let stream, let bytes):
            guard let index = runs.firstIndex(where: { $0.step.id == step.id }) else { return }
            let lines = stream == .error ? runs[index].error.take(bytes) : runs[index].output.take(bytes)
            runs[index].lines = Array((runs[index].lines + lines.suffix(Self.count)).suffix(Self.count))
        case .skipped, .missed, .explained, .failed: break
        }
    }

    /// The lines of a step, what has no end yet included.
    func of(_ step: BuildStep) -> [String] {
        guard let run = runs.first(where: { $0.step.id == step.id }) else { return [] }
        let lines = run.lines + [run.output.unfinished, run.error.unfinished].compactMap(\.self)
        return Array(lines.suffix(Self.count))
    }
}

extension String {
    /// A command's line as a row of a terminal: what it has drawn over is gone, and so are its colours and commands.
    var asRow: String {
        let last = split(separator: "\r", omittingEmptySubsequences: true).last.map(String.init) ?? ""
        return last.withoutControlSequences.replacing("\t", with: "    ").neutralised
    }

    /// The text without ECMA-48's control sequences, ESC `[` … up to a letter.
    private var withoutControlSequences: String {
        guard utf8.contains(0x1B) else { return self }
        var result = ""
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\u{1B}", rest.first == "[" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            rest.removeFirst()
            while let next = rest.popFirst(), !(0x40...0x7E).contains(next.value) {}
        }
        return result
    }
}
