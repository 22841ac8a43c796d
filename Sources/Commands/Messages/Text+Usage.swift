// SPDX-License-Identifier: Apache-2.0

/// What is said about words that are no proper call.
extension Text {
    static func didYouMean(_ words: String) -> Text {
        Text("Did you mean: \(words)", "혹시 이것인가요: \(words)")
    }

    static let seeHelp = Text("'help' lists all commands", "'help'를 치면 모든 명령이 나옵니다")

    static func unknownCommand(_ name: String) -> Text {
        Text("unknown command: \(name)", "'\(name)' 명령은 없습니다")
    }

    static func flagIsNotThereYet(_ flag: String, command: String) -> Text {
        Text(
            "\(flag) is not there yet: Docker's \(command) has it, dsh's does not",
            "\(flag) 옵션은 아직 없습니다: 도커의 \(command)에는 있지만 dsh에는 아직 없습니다")
    }

    static func globalFlagIsNotThereYet(_ flag: String) -> Text {
        Text(
            "\(flag) is not there yet: there is no daemon to be reached another way",
            "\(flag) 옵션은 아직 없습니다: dsh에는 다른 길로 찾아갈 데몬이 없습니다")
    }

    static func commandIsNotThereYet(_ name: String) -> Text {
        Text("\(name) is not there yet", "'\(name)' 명령은 아직 없습니다")
    }

    static func needsAtLeast(_ count: Int, command: String) -> Text {
        Text(verbatim: "'\(command)' requires at least \(count) argument\(count == 1 ? "" : "s")")
    }

    static func needsExactly(_ count: Int, command: String) -> Text {
        Text(verbatim: "'\(command)' requires \(count) argument\(count == 1 ? "" : "s")")
    }

    static func takesAtMost(_ count: Int, command: String) -> Text {
        Text(verbatim: "'\(command)' requires at most \(count) argument\(count == 1 ? "" : "s")")
    }

    static func takesNone(command: String) -> Text { Text(verbatim: "'\(command)' accepts no arguments") }

    static let namesNoContainer = Text(
        "no container is named, and none is current", "컨테이너를 적지 않았고, 지금 고른 컨테이너도 없습니다")
    static let namesNoImage = Text("no image is named, and none is current", "이미지를 적지 않았고, 지금 고른 이미지도 없습니다")

    static func runHelp(_ command: String) -> Text {
        Text("Run '\(command) --help' for more information", "자세한 설명: '\(command) --help'")
    }

    static let timesAreWritten = Text(
        "A time is 2013-01-02T15:04:05Z, 1357137245, or an age such as 10m",
        "시각은 2013-01-02T15:04:05Z, 1357137245, 또는 10m(10분 전)처럼 적습니다")

    static let nameNeedsTwo = Text(
        "A name begins with a letter or digit; _ . - may follow", "이름은 영문자나 숫자로 시작하고, 그 뒤에는 _ . - 도 쓸 수 있습니다")

    static let leaveOutTerminal = Text(
        "Leave out -t where input does not come from a terminal", "입력이 터미널에서 오지 않으면 -t를 빼세요")

    static func volumesAreNotThereYet(_ word: String) -> Text {
        Text(
            "\(word): named and anonymous volumes are not there yet", "\(word): 이름 있는 볼륨과 이름 없는 볼륨은 아직 없습니다")
    }

    static func bindInstead(target: String) -> Text {
        Text(
            "Show a directory of your machine instead, by a path with a slash: -v $PWD/data:\(target)",
            "대신 내 컴퓨터의 디렉터리를 빗금(/)이 든 경로로 보여 주세요: -v $PWD/data:\(target)")
    }
}

/// What there is instead of Docker's commands that are not there yet.
extension Text {
    static let insteadOfPull = Text(
        "Scripts/offline-images makes debian, python and node; 'load' reads an archive; 'images' shows what is there",
        "Scripts/offline-images가 debian, python, node를 만듭니다. 'load'는 보관 파일을 읽고, 'images'는 있는 것을 보여 줍니다")
    static let insteadOfPush = Text(
        "'save' writes an image to a file that Docker, Podman and dsh can load",
        "'save'로 이미지를 파일에 쓰면 도커, 포드맨, dsh가 모두 읽을 수 있습니다")
    static let insteadOfNetwork = Text(
        "'run --network' takes default, none and host", "'run --network'는 default, none, host를 받습니다")
    static let insteadOfVolume = Text(
        "'run -v HOST:CONTAINER' shows a directory of your machine", "'run -v 내경로:안의경로'로 내 컴퓨터의 디렉터리를 보여 줍니다")
    static let insteadOfCompose = Text(
        "A .dsh file runs several containers one after another", ".dsh 파일로 여러 컨테이너를 차례로 실행할 수 있습니다")
    static let insteadOfTop = Text(
        "'exec CONTAINER ps' shows its processes", "'exec 컨테이너 ps'로 안의 프로세스를 봅니다")
    static let insteadOfStats = Text(
        "'inspect CONTAINER' shows its limits, 'ps -s' its size", "'inspect 컨테이너'로 한도를, 'ps -s'로 크기를 봅니다")
    static let insteadOfDiff = Text("'cp CONTAINER:PATH .' brings files out", "'cp 컨테이너:경로 .'로 파일을 꺼냅니다")
    static let insteadOfCommit = Text(
        "'cp CONTAINER:/ -' writes its files as an archive, 'import' makes an image of one",
        "'cp 컨테이너:/ -'로 파일을 보관 파일로 쓰고, 'import'로 이미지를 만듭니다")
    static let insteadOfExport = Text(
        "'cp CONTAINER:/ -' writes its files as an archive", "'cp 컨테이너:/ -'로 파일을 보관 파일로 씁니다")
    static let insteadOfPause = Text(
        "'stop' ends a container, 'start' runs it again", "'stop'으로 멈추고 'start'로 다시 실행합니다")
    static let insteadOfPort = Text("'ps' shows published ports", "'ps'가 열린 포트를 보여 줍니다")
    static let insteadOfUpdate = Text(
        "Limits are given to 'run': -m, --cpus, --pids-limit", "한도는 'run'에 적습니다: -m, --cpus, --pids-limit")
    static let insteadOfEvents = Text(
        "'ps -a' shows how containers ended, 'logs -f' what they write",
        "'ps -a'는 컨테이너가 어떻게 끝났는지, 'logs -f'는 무엇을 쓰는지 보여 줍니다")
    static let insteadOfSystemPrune = Text(
        "'container prune' and 'image prune' remove what is not used",
        "'container prune'과 'image prune'이 쓰지 않는 것을 지웁니다")
}
