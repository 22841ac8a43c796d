// SPDX-License-Identifier: Apache-2.0

/// What is said about shells that look around.
extension Text {
    static let noFailedStep = Text(
        "no failed step is kept: the last build succeeded, or the cache was pruned",
        "남겨 둔 실패한 단계가 없습니다. 마지막 빌드가 성공했거나 캐시를 지웠습니다")

    static func debugWhat(_ command: String) -> Text {
        Text("Name an image or a container: \(command) web", "이미지나 컨테이너를 적으세요: \(command) web")
    }

    static func debugIsIn(_ container: String) -> Text {
        Text("A shell in \(container); exit leaves it.", "\(container) 안의 셸입니다. exit로 나옵니다.")
    }

    static func debugIsBefore(_ step: String, _ place: String) -> Text {
        Text("Right before \(step) (\(place)), which did:", "\(step) (\(place)) 바로 앞입니다. 실패한 명령:")
    }

    static let againRunsIt = Text(
        "'again' runs it once more. Nothing done here changes an image; exit leaves.",
        "'again'을 치면 다시 실행합니다. 여기서 한 일은 이미지를 바꾸지 않습니다. exit로 나옵니다.")

    static func debugOpensStep(_ command: String) -> Text {
        Text("'\(command)' opens a shell right before this step", "'\(command)'를 치면 이 단계 바로 앞에서 셸이 열립니다")
    }
}
