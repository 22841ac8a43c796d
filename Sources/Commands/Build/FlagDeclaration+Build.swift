// SPDX-License-Identifier: Apache-2.0

/// Flags of `build`, in Docker's words.
extension FlagDeclaration {
    static let buildHost = FlagDeclaration(
        "add-host", nil, .many("strings"),
        Text("Add a custom host-to-IP mapping (format: \"host:ip\")", "RUN이 쓸 호스트 이름과 주소 (모양: \"이름:주소\")"))
    static let buildArg = FlagDeclaration(
        "build-arg", nil, .many("stringArray"), Text("Set build-time variables", "빌드할 때 쓸 변수(ARG)를 정합니다"),
        candidates: .environment)
    static let buildContext = FlagDeclaration(
        "build-context", nil, .many("stringArray"),
        Text("Additional build contexts (e.g., name=path)", "파일을 더 가져올 디렉터리에 이름을 붙입니다 (예: 이름=경로)"))
    static let checkOnly = FlagDeclaration(
        "check", nil, .none, Text("Check the Dockerfile without building", "빌드하지 않고 Dockerfile만 검사합니다"))
    static let explainCache = FlagDeclaration(
        "explain-cache", nil, .none,
        Text("Say of every step why it is cached or done anew", "단계마다 왜 캐시를 썼는지, 왜 다시 했는지 말합니다"))
    static let dockerfile = FlagDeclaration(
        "file", "f", .one("string"),
        Text("Name of the Dockerfile (default: \"PATH/Dockerfile\")", "Dockerfile의 이름 (보통 \"경로/Dockerfile\")"),
        candidates: .hostPaths)
    static let imageIDFile = FlagDeclaration(
        "iidfile", nil, .one("string"), Text("Write the image ID to a file", "이미지 ID를 파일에 씁니다"),
        candidates: .hostPaths)
    static let imageLabel = FlagDeclaration(
        "label", nil, .many("stringArray"), Text("Set metadata for an image", "이미지에 이름표를 붙입니다"))
    static let metadataFile = FlagDeclaration(
        "metadata-file", nil, .one("string"), Text("Write build result metadata to a file", "빌드 결과를 JSON 파일에 씁니다"),
        candidates: .hostPaths)
    static let buildNetwork = FlagDeclaration(
        "network", nil, .one("string"),
        Text("Set the networking mode for the RUN instructions during build", "RUN이 쓸 네트워크를 정합니다"),
        candidates: .networks)
    static let noCache = FlagDeclaration(
        "no-cache", nil, .none, Text("Do not use cache when building the image", "캐시를 쓰지 않고 처음부터 빌드합니다"))
    static let noCacheFilter = FlagDeclaration(
        "no-cache-filter", nil, .many("stringArray"),
        Text("Do not cache specified stages", "이 스테이지만 캐시를 쓰지 않습니다"))
    static let platform = FlagDeclaration(
        "platform", nil, .many("stringArray"), Text("Set target platform for build", "어떤 컴퓨터용으로 빌드할지 정합니다"))
    static let progress = FlagDeclaration(
        "progress", nil, .one("string"),
        Text(
            "Set type of progress output (auto, plain, tty, quiet, rawjson). Use plain to show container output",
            "과정을 보여 주는 방식 (auto, plain, tty, quiet, rawjson). plain은 명령의 출력을 모두 보여 줍니다"),
        candidates: .words(BuildProgressMode.allCases.map(\.rawValue)))
    static let pullBase = FlagDeclaration(
        "pull", nil, .none,
        Text("Always attempt to pull all referenced images", "FROM의 이미지를 새로 받습니다 (아직 받을 곳이 없습니다)"))
    static let quietBuild = FlagDeclaration(
        "quiet", "q", .none,
        Text("Suppress the build output and print image ID on success", "과정은 보여 주지 않고 이미지 ID만 찍습니다"))
    static let secret = FlagDeclaration(
        "secret", nil, .many("stringArray"),
        Text(
            "Secret to expose to the build (format: \"id=mysecret[,src=/local/secret]\")",
            "빌드할 때만 보이는 비밀 (모양: \"id=이름[,src=파일]\")"))
    static let imageTag = FlagDeclaration(
        "tag", "t", .many("stringArray"),
        Text("Name and optionally a tag (format: \"name:tag\")", "이미지의 이름과 태그 (모양: \"이름:태그\")"),
        candidates: .images)
    static let target = FlagDeclaration(
        "target", nil, .one("string"), Text("Set the target build stage to build", "이 스테이지까지만 빌드합니다"))
}

extension CommandDeclaration {
    static let buildFlags: [FlagDeclaration] = [
        .buildHost, .buildArg, .buildContext, .checkOnly, .explainCache, .dockerfile, .imageIDFile, .imageLabel,
        .metadataFile,
        .buildNetwork,
        .noCache, .noCacheFilter, .platform, .progress, .pullBase, .quietBuild, .secret, .imageTag, .target,
    ]

    /// What Docker 28's `build` has and dsh does not have yet.
    static let absentBuildFlags = """
        allow= annotation= attest= builder= cache-to= call= cgroup-parent= D/debug o/output= policy= push
        sbom= shm-size= ssh= ulimit=
        """

    /// What changes no image: the older builder's flags, which BuildKit reads and ignores; `--load`, since an image
    /// built here is always in the store; `--cache-from`, which is a wish that may give nothing; `--provenance`, whose
    /// documents Docker's own store drops.
    static let ignoredBuildFlags = """
        cache-from= compress cpu-period= cpu-quota= c/cpu-shares= cpuset-cpus= cpuset-mems= disable-content-trust
        force-rm isolation= load m/memory= memory-swap= provenance= rm security-opt= squash
        """
}
