// SPDX-License-Identifier: Apache-2.0
import Engine

/// What is said about the work while it goes on.
extension Text {
    static func takesContainer(_ name: String) -> Text {
        Text("(current container: \(name))", "(지금 컨테이너: \(name))")
    }

    static func takesImage(_ name: String) -> Text { Text("(current image: \(name))", "(지금 이미지: \(name))") }

    static func detached(_ name: String, again command: String) -> Text {
        Text(
            "Detached: \(name) goes on running. Come back with: \(command)",
            "빠져나왔습니다: \(name)은(는) 계속 실행됩니다. 돌아오려면: \(command)")
    }

    static func ignoresInterrupt(_ ignored: IgnoredSignal) -> Text {
        Text(
            """
            \(ignored.program) is process 1 of its container and does not handle \(ignored.signal), so the kernel drops it.
            Ctrl-C once more kills it; Ctrl-\\ leaves it running. (--init in front of it would pass Ctrl-C on.)
            """,
            """
            \(ignored.program)은(는) 컨테이너의 1번 프로세스이고 \(ignored.signal)을(를) 처리하지 않아서, 커널이 그 신호를 버립니다.
            Ctrl-C를 한 번 더 누르면 강제로 끝내고, Ctrl-\\를 누르면 실행해 둔 채 빠져나옵니다. (--init을 주면 Ctrl-C가 통합니다.)
            """)
    }

    static func adjusted(_ adjustment: Adjustment) -> Text {
        let (name, asked, given) = (adjustment.name, adjustment.asked, adjustment.given)
        if given.isEmpty {
            return Text(
                "this machine cannot give \(name) \(asked); the container runs without it",
                "이 컴퓨터에서는 \(name) \(asked)을(를) 줄 수 없어서, 없이 실행합니다")
        }
        return Text(
            "this machine cannot give \(name) \(asked); it is \(given)",
            "이 컴퓨터에서는 \(name) \(asked)을(를) 줄 수 없어서 \(given)(으)로 합니다")
    }

    static let pullingIsNotThereYet = Text("pulling images is not there yet", "이미지를 받아 오는 기능은 아직 없습니다")
}
