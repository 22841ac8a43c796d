// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Terminal

/// `system man-page`: writes dsh(1), for `man/dsh.1` of the source tree.
struct ManualPageCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "system man-page", usage: "", summary: Text("Write the manual page dsh(1)", "매뉴얼 dsh(1)을 씁니다"),
        isHidden: true)

    func run(in session: Session) async throws { session.output.write(ManualPage().text) }
}
