// SPDX-License-Identifier: Apache-2.0
internal import Commands

/// What the prompt and the editor say.
extension Text {
    static let greeting = [
        Text(
            "dsh runs containers by itself: nothing has to be started first.",
            "dsh는 컨테이너를 스스로 실행합니다. 미리 켜 둘 것이 없습니다."),
        Text(
            "Try 'run hello', then 'run -it starter'; the word 'docker' may stand before.",
            "'run hello', 그다음 'run -it starter'를 쳐 보세요. 앞에 'docker'를 써도 됩니다."),
        Text(
            "Tab shows what can come next, 'help' lists all commands, Ctrl-D leaves.",
            "Tab은 이어질 말을, 'help'는 모든 명령을 보여 줍니다. Ctrl-D로 나갑니다."),
    ]

    static func settingsLineIsBad(_ place: String) -> Text {
        Text("not understood and skipped: \(place)", "알 수 없어서 건너뛴 줄: \(place)")
    }

    static func historyIsNotKept(_ reason: String) -> Text {
        Text("the history stays in memory only: \(reason)", "명령 기록을 파일에 남기지 못합니다: \(reason)")
    }

    static func goesOnRunning(_ name: String) -> Text {
        Text(
            "\(name) goes on running, though the dsh that ran it was killed. Come back with 'attach \(name)', or 'stop \(name)'",
            "\(name)을(를) 실행하던 dsh가 강제로 끝났지만 \(name)은(는) 계속 실행 중입니다. 돌아가려면 'attach \(name)', 끝내려면 'stop \(name)'"
        )
    }

    static func page(_ first: Int, _ last: Int, _ total: Int) -> Text {
        Text("rows \(first)–\(last) of \(total)", "\(total)줄 중 \(first)–\(last)")
    }

    static let historySearch = Text("search history: ", "기록에서 찾기: ")
    static let historySearchFails = Text("nothing found: ", "찾지 못함: ")
    static let hostProgram = Text("program of this machine", "내 컴퓨터의 프로그램")
    static let variableOfEnvironment = Text("environment", "환경 변수")
}
