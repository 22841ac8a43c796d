// SPDX-License-Identifier: Apache-2.0
import Engine

/// What to type next after a failure.
extension Text {
    static func typeMoreOf(_ name: String) -> Text {
        Text(
            "Several ids begin with \(name): type more of it, or the name",
            "\(name)(으)로 시작하는 ID가 여럿입니다: 더 길게, 또는 이름을 적으세요")
    }

    static func chooseAnotherPort(_ flag: String) -> Text {
        Text(
            "Choose another port of your machine, the left one: \(flag)",
            "내 컴퓨터의 포트(왼쪽 숫자)를 바꾸어 보세요: \(flag)")
    }

    static func portStaysWithContainer(_ command: String) -> Text {
        Text(
            "Free that port, or make a new container with another one: '\(command) …'",
            "그 포트를 비우거나, 다른 포트로 새 컨테이너를 만드세요: '\(command) …'")
    }

    static let programMustBeExecutable = Text(
        "It must be a file that may be executed (chmod +x), for this machine's processor, or begin with #!",
        "실행할 수 있는 파일(chmod +x)이고, 이 컴퓨터의 프로세서에 맞거나 #!로 시작해야 합니다")

    static func programIsFaulty(_ fault: ProgramFault) -> Text {
        switch fault {
        case .missingInterpreter(let name) where name.hasSuffix("\r"):
            let shown = name.dropLast() + #"\r"#
            return Text(
                "Its first line asks for '\(shown)': the file has Windows line ends. Convert it: \(withoutCarriageReturns)",
                "첫 줄이 '\(shown)'을(를) 찾습니다. 파일의 줄 끝이 윈도우 방식이니 바꾸세요: \(withoutCarriageReturns)")
        case .missingInterpreter(let name):
            return Text(
                "Its first line asks for \(name), which the image does not have: use one that it has, such as #!/bin/sh",
                "첫 줄이 찾는 \(name)이(가) 이미지에 없습니다. #!/bin/sh처럼 이미지에 있는 것으로 바꾸세요")
        case .missingLoader(let name):
            return Text(
                "It needs the loader \(name), which the image does not have: use an image with that C library, or link it statically",
                "이 프로그램에 필요한 로더 \(name)이(가) 이미지에 없습니다. 그 C 라이브러리가 있는 이미지를 쓰거나 정적으로 링크하세요")
        case .unknownFormat:
            return Text(
                "It is no program, and no script that begins with #!: write #!/bin/sh as its first line, or run: sh FILE",
                "프로그램도 아니고 #!로 시작하는 스크립트도 아닙니다. 첫 줄에 #!/bin/sh를 적거나 sh 파일로 실행하세요")
        case .otherProcessor(let processor, let own):
            return Text(
                "It was made for linux/\(processor), and this machine is linux/\(own): use an image made for linux/\(own)",
                "linux/\(processor)용 프로그램인데 이 컴퓨터는 linux/\(own)입니다. linux/\(own)용 이미지를 쓰세요")
        }
    }

    private static let withoutCarriageReturns = #"sed -i 's/\r$//' FILE"#

    static func blankCutsValue(_ flag: String, whole: String, image: String) -> Text {
        Text(
            "A blank cut the value of \(flag), and '\(image)' was taken as the image. Quote it: \(flag) '\(whole)'",
            "빈칸 때문에 \(flag)의 값이 잘려서 '\(image)'을(를) 이미지로 읽었습니다. 따옴표로 묶으세요: \(flag) '\(whole)'")
    }

    static func anotherWordIsTheImage(taken: String, image: String) -> Text {
        Text(
            "'\(taken)' was taken as the image and '\(image)' as part of the command. Is a blank in want of quotes?",
            "'\(taken)'을(를) 이미지로, '\(image)'을(를) 명령으로 읽었습니다. 빈칸이 있는 값을 따옴표로 묶었나요?")
    }

    static func listsContainers(_ command: String) -> Text {
        Text("'\(command)' lists all containers, stopped ones too", "'\(command)'를 치면 멈춘 것까지 모든 컨테이너가 나옵니다")
    }

    static func listsImages(_ command: String) -> Text {
        Text("'\(command)' lists the images that are here", "'\(command)'를 치면 가지고 있는 이미지가 나옵니다")
    }

    static func nameIsTaken(_ name: String, remove command: String) -> Text {
        Text(
            "Remove that container first ('\(command)'), rename it, or choose another --name",
            "먼저 그 컨테이너를 지우거나('\(command)') 이름을 바꾸세요. 또는 다른 --name을 고르세요")
    }

    static func stopFirst(stop: String, force: String) -> Text {
        Text("'\(stop)' first, or '\(force)'", "먼저 '\(stop)'을 치거나, '\(force)'로 강제로 지우세요")
    }

    static func startAttached(_ command: String) -> Text {
        Text("'\(command)' runs it again and shows its output", "'\(command)'를 치면 다시 실행하고 출력을 보여 줍니다")
    }

    static func startAgain(_ command: String) -> Text {
        Text("'\(command)' runs it again", "'\(command)'를 치면 다시 실행합니다")
    }

    static func imageIsUsed(by containers: String, remove: String, again: String) -> Text {
        Text(
            "Used by \(containers): '\(remove)', then '\(again)'",
            "쓰는 컨테이너: \(containers). '\(remove)' 다음에 '\(again)'을 치세요")
    }

    static func imageHasSeveralNames(_ names: [String]) -> Text {
        let list = names.joined(separator: " ")
        return Text("It has several names: 'rmi \(list)' takes them all away", "이름이 여럿입니다: 'rmi \(list)'로 모두 떼어 내세요")
    }

    static func programWasLookedFor(_ program: String, inContainer container: String) -> Text {
        Text(
            "'\(program)' was looked for in the container '\(container)', not on your machine",
            "'\(program)' 프로그램을 내 컴퓨터가 아니라 '\(container)' 컨테이너 안에서 찾았습니다")
    }

    static func wordsWereTaken(image: String, program: String) -> Text {
        Text(
            "'\(image)' was taken as the image and '\(program)' as the program to run in it",
            "'\(image)'을(를) 이미지로, '\(program)'을(를) 그 안에서 실행할 프로그램으로 읽었습니다")
    }

    static func flagStandsAfterImage(_ flag: String, image: String, corrected: String) -> Text {
        Text(
            "'\(flag)' stands after the image '\(image)', so it was taken as the program. Perhaps: \(corrected)",
            "'\(flag)'가 이미지 '\(image)' 뒤에 있어서 프로그램으로 읽었습니다. 혹시: \(corrected)")
    }

    static let directoryWord = Text("directory", "디렉터리")
    static let fileWord = Text("file", "파일")
}
