// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// The flags that `run` and `create` share, and the words after them.
struct ContainerOptions: ParsableArguments {
    @Option(.attach, transform: StandardStream.init(parsing:)) var attach: [StandardStream] = []
    @Option(.capAdd, transform: Capability.name) var capAdd: [String] = []
    @Option(.capDrop, transform: Capability.name) var capDrop: [String] = []
    @Option(.cidfile) var cidfile: String?
    @Option(.cpus, transform: Number.milliCPUs) var cpus: Int64?
    @Option(.entrypoint) var entrypoint: String?
    @Option(.env, transform: EnvironmentWord.init(parsing:)) var env: [EnvironmentWord] = []
    @Option(.envFile) var envFiles: [String] = []
    @Option(.hostname) var hostname: String?
    @Flag(.usesInit) var usesInit = false
    @Flag(.interactive) var interactive = false
    @Option(.label, transform: ContainerOptions.label) var labels: [String] = []
    @Option(.labelFile) var labelFiles: [String] = []
    @Option(.memory, transform: ByteCount.init(parsing:)) var memory: ByteCount?
    @Option(.mount, transform: MountWord.mount) var mounts: [MountWord] = []
    @Option(.containerName, transform: ContainerOptions.newName) var name: ContainerName?
    @Option(.network, transform: NetworkChoice.init(parsing:)) var network: NetworkChoice?
    @Option(.pidsLimit, transform: Number.integer) var pidsLimit: Int?
    @Flag(.privileged) var privileged = false
    @Option(.publish, transform: { try PortMapping.parse($0[...]) }) var publish: [[PortMapping]] = []
    @Option(.pull, transform: ContainerOptions.pullPolicy) var pull = PullPolicy.missing
    @Flag(.quiet) var quiet = false
    @Flag(.readOnly) var readOnly = false
    @Flag(.remove) var remove = false
    @Option(.stopSignal, transform: FlagDeclaration.signalNamed) var stopSignal: Signal?
    @Option(.stopTimeout, transform: Number.seconds) var stopTimeout: Duration?
    @Option(.tmpfs, transform: MountWord.temporary) var tmpfs: [MountWord] = []
    @Flag(.tty) var tty = false
    @Option(.user) var user: String?
    @Option(.volume, transform: MountWord.volume) var volumes: [MountWord] = []
    @Option(.workdir, transform: ContainerOptions.workingDirectory) var workdir: String?

    @Argument var words: [String] = []

    /// What is to be made, with relative paths and `-e NAME` read in this session.
    ///
    /// - Throws: `UsageError` when files cannot be read or options contradict each other.
    func request(in session: Session) throws -> ContainerRequest {
        var request = ContainerRequest(image: try session.orCurrent(words.first.map { ImageName($0) }))
        request.name = name
        request.command = Array(words.dropFirst())
        request.entrypoint = entrypoint.map { $0.isEmpty ? [] : [$0] }
        request.environment = try environment(in: session)
        request.workingDirectory = workdir
        request.user = user
        request.hostname = hostname.flatMap { $0.isEmpty ? nil : $0 }
        request.labels = try labelValues(in: session)
        request.network = network ?? .standard
        request.ports = publish.flatMap(\.self)
        for mount in volumes + mounts + tmpfs { try mount.add(to: &request, in: session) }
        request.limits.memory = memory.flatMap { $0.bytes == 0 ? nil : $0 }
        request.limits.milliCPUs = cpus.flatMap { $0 == 0 ? nil : $0 }
        request.limits.processes = pidsLimit.flatMap { $0 <= 0 ? nil : Int64($0) }
        request.addedCapabilities = capAdd
        request.droppedCapabilities = capDrop
        request.isPrivileged = privileged
        request.isReadOnly = readOnly
        request.usesInit = usesInit
        request.stopSignal = stopSignal
        request.stopTimeout = stopTimeout
        request.hasTerminal = tty
        request.keepsInputOpen = interactive || attach.contains(.input)
        request.removesItself = remove
        request.pull = pull
        return request
    }

    /// Files first, then `-e` in its order, so that what was typed wins over what a file says.
    private func environment(in session: Session) throws -> [String] {
        try envFiles.flatMap { try NamedValues.environment(file: $0, in: session) }
            + env.compactMap { $0.text(in: session) }
    }

    private func labelValues(in session: Session) throws -> [String: String] {
        var values: [String: String] = [:]
        let lines = try labelFiles.flatMap { try NamedValues.labels(file: $0, in: session) } + labels
        for line in lines {
            let name = line.prefix { $0 != "=" }
            values[String(name)] = String(line.dropFirst(name.count + 1))
        }
        return values
    }

    @Sendable private static func label(_ text: String) throws(Malformed) -> String {
        if text.prefix(while: { $0 != "=" }).allSatisfy(\.isWhitespace) {
            throw Malformed(text, "invalid label '\(text)': empty name")
        }
        return text
    }

    @Sendable private static func newName(_ text: String) throws(UsageError) -> ContainerName {
        let name = ContainerName(text)
        guard name.isValidForNew else {
            throw .refusedAsByEngine(
                "Invalid container name (\(text)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", hint: .nameNeedsTwo)
        }
        return name
    }

    @Sendable private static func pullPolicy(_ text: String) throws(UsageError) -> PullPolicy {
        guard let policy = text.isEmpty ? .missing : PullPolicy(rawValue: text) else {
            throw .refused("invalid pull option: '\(text)': must be one of \"always\", \"missing\" or \"never\"")
        }
        // Docker asks the registry again each time; nothing that could be asked is there yet.
        if policy == .always {
            throw UsageError(sentence: .flagIsNotThereYet("--pull always", command: "run"), pointer: .help)
        }
        return policy
    }

    @Sendable private static func workingDirectory(_ text: String) throws(UsageError) -> String {
        guard text.hasPrefix("/") else {
            throw .refusedAsByEngine("the working directory '\(text)' is invalid, it needs to be an absolute path")
        }
        return text
    }
}

/// One of a program's three standard streams, `-a STDIN`.
enum StandardStream: String, Sendable {
    case input = "stdin"
    case output = "stdout"
    case error = "stderr"

    init(parsing text: String) throws(Malformed) {
        guard let stream = Self(rawValue: text.lowercased()) else {
            throw Malformed(text, "valid streams are STDIN, STDOUT and STDERR")
        }
        self = stream
    }
}

/// Linux's capabilities as `--cap-add` and `--cap-drop` name them.
enum Capability {
    /// capabilities(7), without `CAP_`.
    static let names = [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
        "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
        "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT",
        "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG",
        "WAKE_ALARM",
    ]

    /// `net_admin`, `CAP_NET_ADMIN` and `NET_ADMIN` are one.
    @Sendable static func name(_ text: String) throws(UsageError) -> String {
        let upper = text.uppercased()
        let bare = upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
        guard bare == "ALL" || names.contains(bare) else {
            let nearest = NearestWord.to(bare.lowercased(), among: names.map { $0.lowercased() })
            throw .refusedAsByEngine(
                "invalid capability: \"\(text)\"", hint: nearest.map { .didYouMean($0.uppercased()) })
        }
        return bare
    }
}
