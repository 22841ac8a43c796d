// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// What an image is: each path of its tree and each setting of its configuration, by a reader that is not dsh's.
struct ImageFacts: Sendable {
    static let python = "/usr/bin/python3"
    private let values: [String: String]

    /// - Parameter archive: what `save` wrote.
    init(ofArchive archive: String) async throws {
        let script = CrossCase.directory + "/flatten.py"
        let text = try await Program(Self.python, ["-B", script, archive]).succeed()
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = String(parts.last ?? "")
        }
        self.values = values
    }

    struct Difference: Sendable, CustomTestStringConvertible {
        /// A path, or what of the configuration.
        let name: String
        let ours: String?
        let theirs: String?
        var testDescription: String { "\(name): \(ours ?? "nothing"), and BuildKit: \(theirs ?? "nothing")" }
    }

    func differences(from theirs: ImageFacts) -> [Difference] {
        Set(values.keys).union(theirs.values.keys).sorted().compactMap { name in
            let (our, their) = (values[name], theirs.values[name])
            return our == their ? nil : Difference(name: name, ours: our, theirs: their)
        }
    }
}
