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
        if adjustment.kind == .platform {
            // Docker's sentence, which people search for.
            return Text(
                """
                WARNING: The requested image's platform (\(asked)) does not match the detected host platform (\(given)) \
                and no specific platform was requested
                """,
                "WARNING: 이미지는 \(asked)용이고 이 컴퓨터는 \(given)입니다. 에뮬레이션이 없으면 실행되지 않습니다")
        }
        if given.isEmpty {
            // A capability is granted or not: its name says all.
            let wish = adjustment.kind == .capability ? name : "\(name) \(asked)"
            return Text(
                "this machine cannot give \(wish); the container runs without it",
                "이 컴퓨터에서는 \(wish)을(를) 줄 수 없어서, 없이 실행합니다")
        }
        return Text(
            "this machine cannot give \(name) \(asked); it is \(given)",
            "이 컴퓨터에서는 \(name) \(asked)을(를) 줄 수 없어서 \(given)(으)로 합니다")
    }

    static let pullingIsNotThereYet = Text("pulling images is not there yet", "이미지를 받아 오는 기능은 아직 없습니다")
}

/// What is said before waiting and while attached.
extension Text {
    static func stopWillWait(
        _ name: String, _ ignored: IgnoredSignal, _ grace: Duration?, again command: String
    ) -> Text {
        let seconds = grace.map { $0.components.seconds } ?? 10
        if seconds < 0 {
            return Text(
                "\(name): \(ignored.program) is process 1 and does not handle \(ignored.signal); this waits for ever",
                "\(name): \(ignored.program)은(는) 1번 프로세스이고 \(ignored.signal)을(를) 처리하지 않습니다. 끝없이 기다립니다")
        }
        return Text(
            """
            \(name): \(ignored.program) is process 1 and does not handle \(ignored.signal), so it is killed after \(seconds) s.
            Quicker: \(command), run --init, STOPSIGNAL in the image, or CMD ["program"] instead of CMD program.
            """,
            """
            \(name): \(ignored.program)은(는) 1번 프로세스이고 \(ignored.signal)을(를) 처리하지 않아서, \(seconds)초 뒤에 강제로 끝납니다.
            더 빨리 끝내려면: \(command), run --init, 이미지의 STOPSIGNAL, 또는 CMD program 대신 CMD ["program"].
            """)
    }

    static func attachedWithKeys(_ name: String, keys: String) -> Text {
        Text("Attached to \(name). \(keys) leaves it running.", "\(name)에 붙었습니다. \(keys)를 누르면 실행해 둔 채 빠져나옵니다.")
    }

    static func attachedForGood(_ name: String) -> Text {
        Text("Attached to \(name) until it ends: no keys detach.", "\(name)에 끝날 때까지 붙어 있습니다: 빠져나오는 키가 없습니다.")
    }

    static func attachedPassingSignals(_ name: String) -> Text {
        Text(
            "Attached to \(name), from now on. Ctrl-C goes to its program; attach --sig-proxy=false leaves it alone.",
            "\(name)에 붙었습니다. 지금부터 쓰는 것이 보입니다. Ctrl-C는 프로그램에 갑니다. 프로그램을 두고 나오려면 attach --sig-proxy=false로 붙으세요.")
    }

    static func attachedKeepingSignals(_ name: String) -> Text {
        Text(
            "Attached to \(name), from now on. Ctrl-C leaves it running.",
            "\(name)에 붙었습니다. 지금부터 쓰는 것이 보입니다. Ctrl-C를 누르면 실행해 둔 채 빠져나옵니다.")
    }

    static func cannotAsk(_ command: String) -> Text {
        Text(
            "nobody can be asked here, since input or output is no terminal; to remove without a question: \(command)",
            "터미널이 아니어서 물어볼 수 없습니다. 묻지 않고 지우려면: \(command)")
    }

    static let copyNeedsColon = Text(
        "One of the two is in a container: CONTAINER:PATH", "둘 가운데 하나는 컨테이너 안의 경로여야 합니다: 컨테이너:경로")
}
