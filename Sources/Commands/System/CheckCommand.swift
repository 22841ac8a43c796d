// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `system check [OPTIONS]`: looks for what a crash can leave, and mends it.
struct CheckCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "system check", usage: "[OPTIONS]",
        summary: Text("Find and mend what a crash can leave", "갑자기 꺼졌을 때 남은 것을 찾아 고칩니다"), flags: [.dryRun])

    @Flag(.dryRun) var onlyLooks = false

    func run(in session: Session) async throws {
        let findings = try await session.engine.system.check(mend: !onlyLooks)
        if findings.isEmpty { return session.output.line(Text.nothingToMend.text(in: session.language)) }
        for finding in findings {
            let subject = session.output.isTerminal ? finding.subject.neutralised : finding.subject
            let state: Text = finding.isMended ? .mended : .notMended
            session.output.line(
                "\(Text.found(finding.kind).text(in: session.language)): \(subject) "
                    + "(\(state.text(in: session.language)))")
        }
        if findings.contains(where: { !$0.isMended }) { throw ExitCode(1) }
    }
}

extension FlagDeclaration {
    fileprivate static let dryRun = FlagDeclaration(
        "dry-run", nil, .none, Text("Only say what is wrong", "고치지 않고 말하기만 합니다"))
}
