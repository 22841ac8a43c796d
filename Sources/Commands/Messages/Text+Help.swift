// SPDX-License-Identifier: Apache-2.0

/// Headings and sentences of help.
extension Text {
    static let aliasesHeading = Text("Aliases:", "다른 이름:")
    static let optionsHeading = Text("Options:", "옵션:")
    static let commandsHeading = Text("Commands:", "명령:")
    static let shellHeading = Text("In the shell and in scripts:", "셸과 스크립트에서:")
    static let globalOptionsHeading = Text("Global Options:", "전체 옵션:")
    static let managementHeading = Text("Management Commands:", "묶음 명령:")
    static let whatDshIs = Text("A shell for containers, with an engine of its own", "엔진을 스스로 갖춘 컨테이너 셸")
}
