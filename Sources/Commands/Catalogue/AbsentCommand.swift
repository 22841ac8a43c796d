// SPDX-License-Identifier: Apache-2.0

/// A command of Docker's that dsh does not have yet, and what there is instead.
struct AbsentCommand: Sendable {
    let names: [String]
    let instead: Text?

    private init(_ names: String..., instead: Text? = nil) {
        self.names = names
        self.instead = instead
    }

    /// Docker 28's commands that are not there yet.
    static let all = [
        AbsentCommand(
            "bake", "buildx bake", "buildx create", "buildx debug", "buildx dial-stdio", "buildx history",
            "buildx imagetools", "buildx inspect", "buildx ls", "buildx rm", "buildx stop", "buildx use",
            "buildx version", instead: .oneBuilder),
        AbsentCommand("pull", "image pull", "search", instead: .insteadOfPull),
        AbsentCommand("push", "image push", "login", "logout", instead: .insteadOfPush),
        AbsentCommand("network", instead: .insteadOfNetwork),
        AbsentCommand("volume", instead: .insteadOfVolume),
        AbsentCommand("compose", instead: .insteadOfCompose),
        AbsentCommand("top", "container top", instead: .insteadOfTop),
        AbsentCommand("stats", "container stats", instead: .insteadOfStats),
        AbsentCommand("diff", "container diff", instead: .insteadOfDiff),
        AbsentCommand("commit", "container commit", instead: .insteadOfCommit),
        AbsentCommand("export", "container export", instead: .insteadOfExport),
        AbsentCommand("pause", "container pause", "unpause", "container unpause", instead: .insteadOfPause),
        AbsentCommand("port", "container port", instead: .insteadOfPort),
        AbsentCommand("update", "container update", instead: .insteadOfUpdate),
        AbsentCommand("events", "system events", instead: .insteadOfEvents),
        AbsentCommand("system df", "system prune", instead: .insteadOfSystemPrune),
        AbsentCommand(
            "checkpoint", "config", "context", "manifest", "node", "plugin", "secret", "service", "stack", "swarm",
            "trust", "scout", "model", "sbom", "init", "system dial-stdio"),
    ]

    static func named(_ name: String) -> AbsentCommand? { all.first { $0.names.contains(name) } }

    func refusal(_ name: String) -> UsageError {
        UsageError(sentence: .commandIsNotThereYet(name), hint: instead, pointer: .none, status: 1)
    }
}
