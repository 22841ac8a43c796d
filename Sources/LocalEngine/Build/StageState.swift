// SPDX-License-Identifier: Apache-2.0

import Content
import Dockerfile
import Engine
import OCI

/// A stage as it is after some of its instructions: what the next one begins with.
struct StageState: Sendable {
    /// Lowest first.
    var layers: [LayerRecord] = []
    /// The `config` of an image made of it.
    var settings = ImageConfiguration.Settings()
    var history: [ImageConfiguration.Step] = []
    var author: String?
    /// When the last step with a layer was done, or the base was made.
    var created: String?
    var variables: StageVariables
    /// Whether this very stage says CMD: an ENTRYPOINT takes away one that was inherited.
    var setsCommand = false
    /// The inherited CMD that an ENTRYPOINT of this stage took away, and where.
    var dropped: (command: [String], span: TextSpan)?

    /// What FROM scratch begins with.
    static func empty(_ variables: StageVariables) -> StageState {
        var state = StageState(variables: variables)
        state.settings.environment = variables.environment
        state.settings.workingDirectory = "/"
        return state
    }

    /// Names the layers together; `nil` where there are none.
    var chain: OCI.Digest? { ChainID.ofLayers(layers.map(\.diffID), hash: DigestHasher.digest).last }

    /// The shell of shell forms.
    var shell: [String] { settings.shell ?? ["/bin/sh", "-c"] }

    var directory: String { settings.workingDirectory.flatMap { $0.isEmpty ? nil : $0 } ?? "/" }

    /// A path of an instruction, from WORKDIR on; a final slash stays.
    func absolute(_ path: String) -> String {
        let isInside = path == "." || path.hasSuffix("/.") || path.hasSuffix("/")
        let clean = (path.hasPrefix("/") ? path : directory + "/" + path).withoutDots
        return isInside && clean != "/" ? clean + "/" : clean
    }

    /// Notes an instruction in the image's history, in BuildKit's words; `nil` leaves none there.
    mutating func note(_ text: String?, madeLayer: Bool) {
        guard let text else { return }
        var step = ImageConfiguration.Step(created: created, createdBy: text, comment: "buildkit.dockerfile.v0")
        if !madeLayer { step.emptyLayer = true }
        history.append(step)
    }

    /// Does what changes only the image's settings; its words are expanded already.
    ///
    /// - Returns: whether it was such an instruction.
    mutating func configure(_ instruction: Instruction) throws -> Bool {
        switch instruction.operation {
        case .arg, .env: settings.environment = variables.environment
        case .label(let pairs):
            var labels = settings.labels ?? [:]
            for pair in pairs { labels[pair.name.text] = pair.value.text }
            settings.labels = labels
        case .cmd(let line):
            settings.command = line.command(shell: shell)
            setsCommand = true
            dropped = nil
        case .entrypoint(let line):
            settings.entrypoint = line.command(shell: shell)
            if !setsCommand {
                if let command = settings.command { dropped = (command, instruction.span) }
                settings.command = nil
            }
        case .expose(let words):
            var ports = settings.exposedPorts ?? [:]
            for word in words { for port in try ExposedPort.parse(word) { ports[port.description] = .init() } }
            settings.exposedPorts = ports
        case .user(let word): settings.user = word.text
        case .volume(let words):
            var volumes = settings.volumes ?? [:]
            for word in words { volumes[word.text] = .init() }
            settings.volumes = volumes
        case .stopsignal(let word):
            // What no kernel knows would only be met at the first stop.
            _ = try Signal(parsing: word.text)
            settings.stopSignal = word.text
        case .shell(let words): settings.shell = words.map(\.text)
        case .healthcheck(let check): settings.healthcheck = .init(check)
        case .onbuild(let trigger): settings.onBuild = (settings.onBuild ?? []) + [trigger.text]
        case .maintainer(let word): author = word.text
        case .add, .copy, .run, .workdir, .from: return false
        }
        return true
    }
}

extension ImageConfiguration.Healthcheck {
    fileprivate init(_ check: HealthCheck) {
        self.init()
        test = check.test
        guard case .command(_, let timing) = check else { return }
        // Zero is what is inherited, and is not written.
        func set(_ value: Int) -> Int64? { value == 0 ? nil : Int64(value) }
        interval = set(timing.interval)
        timeout = set(timing.timeout)
        startPeriod = set(timing.startPeriod)
        startInterval = set(timing.startInterval)
        retries = timing.retries == 0 ? nil : timing.retries
    }
}
