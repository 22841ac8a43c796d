// SPDX-License-Identifier: Apache-2.0
import Commands
import ShellLanguage
import Terminal

extension Execution {
    /// Runs a pipeline with both its outputs gathered, and compares; what was printed is shown only when something differs.
    func check(_ pipeline: Pipeline, _ expectation: Expectation) async throws(Problem) -> Step {
        let memory: MemoryFile
        do {
            memory = try MemoryFile()
        } catch {
            throw Problem(sentence: .hostFailed(error.step, error.reason), span: pipeline.span)
        }
        let step = try await perform(pipeline, Channels(session.streams, gathering: memory))
        if step.exits || (!isBackground && interpreter.interrupter.status != nil) { return step }
        let printed = memory.text
        // The values of the clauses are taken now, since the command may have set them: `prints $last`.
        let differences = try await differences(expectation.clauses, status: step.status, printed: printed)
        guard let first = differences.first else { return Step(status: 0, span: step.span) }
        report(first, at: pipeline.span)
        for line in printed.split(separator: "\n", omittingEmptySubsequences: false).dropLast(
            printed.hasSuffix("\n") ? 1 : 0)
        where !printed.isEmpty {
            session.error.line("  | \(line.neutralised)")
        }
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
        return Step(status: 1, span: step.span, isReported: true)
    }

    private func differences(
        _ clauses: [Expectation.Clause], status: Int32, printed: String
    ) async throws(Problem) -> [Text] {
        let expansion = Expansion(execution: self)
        var wanted: Int32 = 0
        var texts: [String] = []
        for clause in clauses {
            switch clause {
            case .prints(let word): texts.append(try await expansion.single(word))
            case .status(let word):
                let text = try await expansion.single(word)
                guard let number = UInt8(text) else { throw Problem(sentence: .noStatus(text), span: word.span) }
                wanted = Int32(number)
            }
        }
        var result: [Text] = []
        if status != wanted { result.append(.expectedStatus(wanted, got: status)) }
        for text in texts where !printed.utf8.contains(text.utf8) { result.append(.expectedOutput(text)) }
        return result
    }
}

extension String.UTF8View {
    /// Whether the bytes occur one after another; characters are compared as they are written, not by their meaning.
    fileprivate func contains(_ wanted: Self) -> Bool {
        let text = Array(self)
        let wanted = Array(wanted)
        guard text.count >= wanted.count else { return false }
        return (0...(text.count - wanted.count)).contains { text[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
