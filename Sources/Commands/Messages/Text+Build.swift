// SPDX-License-Identifier: Apache-2.0

/// What is said about a build while it goes on and when it is done.
extension Text {
    static func skipsStages(_ names: [String]) -> Text {
        let list = names.joined(separator: ", ")
        return Text("Skipped stages, since the target needs none of them: \(list)", "건너뛴 스테이지 (목표에 필요 없음): \(list)")
    }

    static func runIsSilent(_ step: String) -> Text {
        Text(
            """
            RUN runs while the image is built, CMD when a container starts. \(step) has been silent for 10 s: \
            if it starts your app, write CMD in place of RUN. Ctrl-C ends the build.
            """,
            """
            RUN은 이미지를 빌드할 때, CMD는 컨테이너를 시작할 때 실행됩니다. \(step)이(가) 10초째 조용합니다. \
            앱을 켜는 명령이라면 RUN 대신 CMD로 적으세요. Ctrl-C를 누르면 빌드가 끝납니다.
            """)
    }

    static func warningsFound(_ count: Int, check command: String) -> Text {
        let found = count == 1 ? "1 warning found" : "\(count) warnings found"
        return Text("\(found) (use '\(command)' to see more):", "\(found) ('\(command)'로 자세히 볼 수 있습니다):")
    }
}

/// What to do about a build that was refused.
extension Text {
    static let onePlatformAtATime = Text("Build for one platform at a time", "한 번에 한 플랫폼씩 빌드하세요")

    static let onlyDirectoriesAreContexts = Text(
        "A build context is a directory of this machine: --build-context name=path",
        "빌드 컨텍스트는 내 컴퓨터의 디렉터리입니다: --build-context 이름=경로")

    static func dockerfileIsGivenBy(_ file: String) -> Text {
        Text(
            "A Dockerfile is named with -f, and its directory follows: build -f \(file) .",
            "Dockerfile은 -f로 적고, 그 뒤에 디렉터리를 적습니다: build -f \(file) .")
    }

    static func noDockerfile(in directory: String) -> Text {
        Text(
            "\(directory) has no file called Dockerfile; another name is given with -f",
            "\(directory)에 Dockerfile이라는 파일이 없습니다. 이름이 다르면 -f로 적으세요")
    }

    static func redirectDockerfile(_ command: String) -> Text {
        Text("Redirect a file: \(command) - < Dockerfile", "파일을 넣어 주세요: \(command) - < Dockerfile")
    }
}

/// Likely causes of a failed step.
extension Text {
    static func baseHasNo(_ program: String) -> Text {
        Text("This base has no \(program).", "이 베이스 이미지에는 \(program)이(가) 없습니다.")
    }

    static let installFirst = Text(
        "Install it in a RUN before, or take a base that has it", "앞의 RUN에서 설치하거나, 들어 있는 이미지로 바꾸세요")

    static let programIsNotInBase = Text(
        "127 means that the program was not found: this base does not have it, or its path is another",
        "127은 프로그램을 찾지 못했다는 뜻입니다. 베이스 이미지에 없거나 경로가 다릅니다")

    static let diskIsFull = Text(
        "The disk is full: 'builder prune', 'image prune' and 'container prune' give room",
        "디스크가 가득 찼습니다. 'builder prune', 'image prune', 'container prune'으로 자리를 만드세요")

    static let copyPackageFirst = Text(
        "package.json is not there yet: COPY it before this RUN, and look at WORKDIR",
        "package.json이 아직 없습니다. 이 RUN 앞에서 COPY 했는지, WORKDIR가 맞는지 보세요")

    static let runHasNoNetwork = Text(
        "The command found no network: is this machine online, and does neither build nor RUN say --network=none?",
        "네트워크에 닿지 못했습니다. 컴퓨터가 연결되어 있는지, build나 RUN에 --network=none을 주지 않았는지 보세요")

    static let runMayNot = Text(
        "The command was not allowed to: write USER root before it, or give it the files with COPY --chown=USER",
        "권한이 없습니다. 앞에 USER root를 적거나, COPY --chown=사용자로 파일의 주인을 바꾸세요")

    static let runWasKilled = Text(
        "137 means that the command was killed, most often because memory ran out",
        "137은 명령이 강제로 끝났다는 뜻이고, 흔히 메모리가 모자라서입니다")
}

/// What is said about the cache.
extension Text {
    static let oneBuilder = Text(
        "There is one builder, dsh itself: 'build', 'builder prune', 'builder du'",
        "빌더는 dsh 자신 하나뿐입니다: 'build', 'builder prune', 'builder du'")
}
