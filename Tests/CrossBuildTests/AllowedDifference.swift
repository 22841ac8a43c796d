// SPDX-License-Identifier: Apache-2.0

/// Where an image may differ from what Docker 20.10 makes, and why.
struct AllowedDifference: Sendable {
    let subject: String
    /// What the differences' names may be.
    let names: Set<String>

    /// Every one of them.
    static let all = [
        // BuildKit lost these bits of --chmod, and kept a copied directory's sticky bit (moby/buildkit#3920).
        AllowedDifference(subject: "copy-chmod", names: ["/bin/setuid", "/both/sticky", "/tree/sticky"]),
        // It left the places where something was mounted while a RUN was carried out; it removes them since 0.9.
        AllowedDifference(
            subject: "run-mounts",
            names: ["/own", "/run/secrets", "/scratch", "/var/cache", "/var/cache/made", "/work/relative"]),
    ]

    /// Faults of ours that are known: whoever mends one takes its row away, or the test fails.
    static let faults: [String: String] = [
        "add-archives": "ADD does not unpack bzip2 and xz"
    ]

    /// Whether this difference is one of them.
    static func allow(_ difference: ImageFacts.Difference, in subject: CrossCase) -> Bool {
        // An equivalent of other instructions has other layers.
        if subject.reference != nil, difference.name.hasPrefix("history") || difference.name == "config layers" {
            return true
        }
        return all.contains { $0.subject == subject.name && $0.names.contains(difference.name) }
    }
}
