// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

extension Session {
    /// Asks in Docker's words before something is removed.
    ///
    /// `-f` and `set yes=on` skip the question; where nobody can be asked, it is refused.
    /// - Parameter command: how the same is typed without a question.
    func confirms(_ warning: Text, isForced: Bool, command: String) throws(UsageError) -> Bool {
        if isForced || variables["yes"] == "on" { return true }
        guard streams.inputIsTerminal, output.isTerminal else {
            throw UsageError(
                sentence: .cannotAsk(typed(command)), hint: nil, pointer: .none, status: 1)
        }
        return Confirmation(
            warning: warning.text(in: language), question: "Are you sure you want to continue?"
        ).ask(input: streams.input, output: output)
    }

    /// What a prune removed, as Docker prints it.
    func print(_ report: PruneReport, heading: String) {
        if !report.removed.isEmpty {
            output.line(heading)
            for line in report.removed { output.line(line) }
            output.line()
        }
        output.line("Total reclaimed space: \(report.reclaimed.decimalText(precision: 4))")
    }
}
