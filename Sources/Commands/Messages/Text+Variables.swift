// SPDX-License-Identifier: Apache-2.0

/// What is said about directories, variables and programs of this machine.
extension Text {
    static let noHome = Text("$HOME is not set; name a directory", "$HOME이 없습니다. 디렉터리를 적으세요")

    /// What `exit` says to anything else, wherever it is typed.
    public static let exitTakesStatus = Text(
        "exit takes one number from 0 to 255", "exit에는 0부터 255까지의 수 하나를 적습니다")

    static func noAssignment(_ word: String) -> Text {
        Text("\(word): a variable is set as NAME=VALUE", "\(word): 변수는 이름=값으로 정합니다")
    }

    static func runsOnHost(_ word: String) -> Text {
        Text("'! \(word)' runs the program of this machine", "이 컴퓨터의 프로그램은 '! \(word)'로 실행합니다")
    }

    static let quoteValues = Text(
        "A value with blanks stands in quotes: set NAME=\"two words\"", "빈칸이 든 값은 따옴표로 묶으세요: set NAME=\"두 낱말\"")

    static func isKeptByDsh(_ name: String) -> Text {
        Text("$\(name) is kept by dsh itself", "$\(name)은(는) dsh가 스스로 정합니다")
    }
}
