// SPDX-License-Identifier: Apache-2.0

/// What `run` and `create` share.
extension FlagDeclaration {
    static let attach = FlagDeclaration(
        "attach", "a", .many("list"),
        Text("Attach to STDIN, STDOUT or STDERR", "STDIN, STDOUT, STDERR 가운데 붙을 것을 고릅니다"),
        candidates: .words(["STDIN", "STDOUT", "STDERR"]))
    static let capAdd = FlagDeclaration(
        "cap-add", nil, .many("list"), Text("Add Linux capabilities", "리눅스 권한(capability)을 더합니다"),
        candidates: .capabilities)
    static let capDrop = FlagDeclaration(
        "cap-drop", nil, .many("list"), Text("Drop Linux capabilities", "리눅스 권한(capability)을 뺍니다"),
        candidates: .capabilities)
    static let cidfile = FlagDeclaration(
        "cidfile", nil, .one("string"), Text("Write the container ID to the file", "컨테이너 ID를 파일에 씁니다"),
        candidates: .hostPaths)
    static let cpus = FlagDeclaration("cpus", nil, .one("decimal"), Text("Number of CPUs", "쓸 수 있는 CPU 수"))
    static let entrypoint = FlagDeclaration(
        "entrypoint", nil, .one("string"),
        Text("Overwrite the default ENTRYPOINT of the image", "이미지의 ENTRYPOINT를 바꿉니다"))
    static let env = FlagDeclaration(
        "env", "e", .many("list"), Text("Set environment variables", "환경 변수를 정합니다"), candidates: .environment)
    static let envFile = FlagDeclaration(
        "env-file", nil, .many("list"), Text("Read in a file of environment variables", "파일에서 환경 변수를 읽습니다"),
        candidates: .hostPaths)
    static let hostname = FlagDeclaration(
        "hostname", "h", .one("string"), Text("Container host name", "컨테이너의 호스트 이름"))
    static let usesInit = FlagDeclaration(
        "init", nil, .none,
        Text(
            "Run an init inside the container that forwards signals and reaps processes",
            "신호를 넘겨주고 끝난 프로세스를 거두는 init을 앞에 둡니다"))
    static let interactive = FlagDeclaration(
        "interactive", "i", .none, Text("Keep STDIN open even if not attached", "붙어 있지 않아도 표준 입력을 열어 둡니다"))
    static let label = FlagDeclaration(
        "label", "l", .many("list"), Text("Set meta data on a container", "컨테이너에 라벨을 붙입니다"))
    static let labelFile = FlagDeclaration(
        "label-file", nil, .many("list"), Text("Read in a line delimited file of labels", "파일에서 라벨을 읽습니다"),
        candidates: .hostPaths)
    static let memory = FlagDeclaration("memory", "m", .one("bytes"), Text("Memory limit", "메모리 한도 (예: 512m)"))
    static let mount = FlagDeclaration(
        "mount", nil, .many("mount"),
        Text("Attach a filesystem mount to the container", "파일 시스템을 컨테이너 안에 보여 줍니다"))
    static let containerName = FlagDeclaration(
        "name", nil, .one("string"), Text("Assign a name to the container", "컨테이너의 이름을 정합니다"))
    static let network = FlagDeclaration(
        "network", nil, .one("network"), Text("Connect a container to a network", "컨테이너를 이을 네트워크"),
        candidates: .networks, olderNames: ["net"])
    static let pidsLimit = FlagDeclaration(
        "pids-limit", nil, .one("int"),
        Text("Tune container pids limit (set -1 for unlimited)", "프로세스 수의 한도 (-1은 한도 없음)"))
    static let privileged = FlagDeclaration(
        "privileged", nil, .none, Text("Give extended privileges to this container", "컨테이너에 모든 권한을 줍니다"))
    static let publish = FlagDeclaration(
        "publish", "p", .many("list"),
        Text("Publish a container's port(s) to the host", "컨테이너의 포트를 내 컴퓨터의 포트로 엽니다 (내 포트:컨테이너 포트)"))
    static let pull = FlagDeclaration(
        "pull", nil, .one("string"),
        Text(
            #"Pull image before running ("always", "missing", "never")"#, #"이미지를 받아 올 때 ("always", "missing", "never")"#
        ),
        candidates: .words(["always", "missing", "never"]))
    static let quiet = FlagDeclaration("quiet", "q", .none, Text("Suppress the pull output", "받아 오는 과정을 보여 주지 않습니다"))
    static let readOnly = FlagDeclaration(
        "read-only", nil, .none,
        Text("Mount the container's root filesystem as read only", "컨테이너의 루트 파일 시스템을 읽기 전용으로 합니다"))
    static let remove = FlagDeclaration(
        "rm", nil, .none,
        Text("Automatically remove the container when it exits", "끝나면 컨테이너를 저절로 지웁니다"))
    static let stopSignal = FlagDeclaration(
        "stop-signal", nil, .one("string"), Text("Signal to stop the container", "멈출 때 보낼 신호"), candidates: .signals)
    static let stopTimeout = FlagDeclaration(
        "stop-timeout", nil, .one("int"), Text("Timeout (in seconds) to stop a container", "멈출 때 기다릴 시간(초)"))
    static let tmpfs = FlagDeclaration(
        "tmpfs", nil, .many("list"), Text("Mount a tmpfs directory", "메모리에 있는 빈 디렉터리를 보여 줍니다"))
    static let tty = FlagDeclaration("tty", "t", .none, Text("Allocate a pseudo-TTY", "터미널을 줍니다"))
    static let user = FlagDeclaration(
        "user", "u", .one("string"),
        Text("Username or UID (format: <name|uid>[:<group|gid>])", "사용자 이름이나 UID (<이름|uid>[:<그룹|gid>])"))
    static let volume = FlagDeclaration(
        "volume", "v", .many("list"),
        Text("Bind mount a directory or file of the host", "내 컴퓨터의 디렉터리나 파일을 컨테이너 안에 보여 줍니다 (내 경로:안의 경로)"),
        candidates: .hostPaths)
    static let workdir = FlagDeclaration(
        "workdir", "w", .one("string"), Text("Working directory inside the container", "컨테이너 안의 작업 디렉터리"))

    // `run` alone.
    static let detach = FlagDeclaration(
        "detach", "d", .none,
        Text("Run container in background and print container ID", "컨테이너를 뒤에서 실행하고 ID를 찍습니다"))
    static let detachKeys = FlagDeclaration(
        "detach-keys", nil, .one("string"),
        Text("Override the key sequence for detaching a container", "컨테이너에서 빠져나오는 키를 바꿉니다 (보통 ctrl-p,ctrl-q)"))
    static let sigProxy = FlagDeclaration(
        "sig-proxy", nil, .onByDefault, Text("Proxy received signals to the process", "받은 신호를 프로그램에 넘겨줍니다"))
}

extension CommandDeclaration {
    static let containerFlags: [FlagDeclaration] = [
        .attach, .capAdd, .capDrop, .cidfile, .cpus, .entrypoint, .env, .envFile, .hostname, .usesInit, .interactive,
        .label, .labelFile, .memory, .mount, .containerName, .network, .pidsLimit, .privileged, .publish, .pull, .quiet,
        .readOnly, .remove, .stopSignal, .stopTimeout, .tmpfs, .tty, .user, .volume, .workdir,
    ]

    /// What Docker 28's `run` and `create` have and dsh does not have yet.
    static let absentContainerFlags = """
        add-host= annotation= blkio-weight= blkio-weight-device= cgroup-parent= cgroupns= cpu-count= cpu-percent= cpu-period=
        cpu-quota= cpu-rt-period= cpu-rt-runtime= c/cpu-shares= cpuset-cpus= cpuset-mems= device= device-cgroup-rule=
        device-read-bps= device-read-iops= device-write-bps= device-write-iops= disable-content-trust dns= dns-opt=
        dns-option= dns-search= domainname= expose= gpus= group-add= health-cmd= health-interval= health-retries=
        health-start-interval= health-start-period= health-timeout= io-maxbandwidth= io-maxiops= ip= ip6= ipc= isolation=
        kernel-memory= link= link-local-ip= log-driver= log-opt= mac-address= memory-reservation= memory-swap=
        memory-swappiness= net-alias= network-alias= no-healthcheck oom-kill-disable oom-score-adj= pid= platform=
        P/publish-all restart= runtime= security-opt= shm-size= storage-opt= sysctl= ulimit= use-api-socket userns= uts=
        volume-driver= volumes-from=
        """
}
