// SPDX-License-Identifier: Apache-2.0
import Commands

/// What is said while a text runs.
extension Text {
    static func stopped(_ command: String, _ status: Int32) -> Text {
        Text(
            "'\(oneLine(command))' ended with status \(status); the script stops here",
            "'\(oneLine(command))' 명령이 상태 \(status)(으)로 끝나서, 스크립트를 여기서 멈춥니다")
    }

    static func failedInBackground(_ command: String, _ status: Int32) -> Text {
        Text(
            "'\(oneLine(command))' ended with status \(status) in the background",
            "뒤에서 실행하던 '\(oneLine(command))' 명령이 상태 \(status)(으)로 끝났습니다")
    }

    static func notSet(_ name: String) -> Text {
        Text(
            "$\(name) is not set; set \(name)=VALUE sets it, ${\(name):-TEXT} does without",
            "$\(name) 변수가 없습니다. set \(name)=값으로 정하거나, ${\(name):-글}로 대신할 값을 적으세요")
    }

    static let noContainer = Text(
        "no container is current; use NAME, or run -d, sets it", "지금 고른 컨테이너가 없습니다. use 이름이나 run -d로 고릅니다")
    static let noImage = Text("no image is current; use IMAGE sets it", "지금 고른 이미지가 없습니다. use 이미지로 고릅니다")
    static let nothingMade = Text(
        "$last is the id of the last container made, and none was made yet",
        "$last는 마지막에 만든 컨테이너의 id인데, 아직 만든 것이 없습니다")

    static func tooFewArguments(_ count: Int) -> Text {
        Text(
            "the script was given \(count) argument\(count == 1 ? "" : "s")", "스크립트가 받은 인자는 \(count)개입니다")
    }

    static func notOneWord(_ count: Int) -> Text {
        Text("one word is wanted here, and this gives \(count)", "여기에는 단어 하나가 와야 하는데 \(count)개가 되었습니다")
    }

    static func substitutionFailed(_ status: Int32) -> Text {
        Text(
            "the command in $(…) ended with status \(status), so this one does not run",
            "$(…) 안의 명령이 상태 \(status)(으)로 끝나서, 이 명령은 실행하지 않습니다")
    }

    static func hostFailed(_ step: String, _ reason: String) -> Text { Text(verbatim: "\(step): \(reason)") }

    static func expectedStatus(_ wanted: Int32, got status: Int32) -> Text {
        Text("expected status \(wanted), got \(status)", "상태 \(wanted)이(가) 나와야 하는데 \(status)입니다")
    }

    static func expectedOutput(_ text: String) -> Text {
        Text("expected this to be printed: \(oneLine(text))", "이 글이 찍혀야 하는데 없습니다: \(oneLine(text))")
    }

    static func noStatus(_ text: String) -> Text {
        Text("\(oneLine(text)): a status is a number from 0 to 255", "\(oneLine(text)): 상태는 0부터 255까지의 수입니다")
    }

    /// Commands may span lines; a sentence does not.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.filter { $0 >= " " || $0 == "\t" } }.joined(separator: " ")
    }
}
