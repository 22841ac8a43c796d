// SPDX-License-Identifier: Apache-2.0

/// What Tab may put in place of a word.
package struct Completion: Sendable {
    /// One possibility.
    package struct Candidate: Hashable, Sendable {
        /// What replaces the word, quoted as the language wants it.
        package var replacement: String
        /// What the menu shows for it; usually the same without quotes.
        package var label: String
        /// A word about it; empty where there is none to say.
        package var description: String
        /// What follows once it is chosen: a blank, or nothing after `/`, `=` and `:`.
        package var suffix: String

        package init(_ replacement: String, label: String? = nil, description: String = "", suffix: String = " ") {
            self.replacement = replacement
            self.label = label ?? replacement
            self.description = description
            self.suffix = suffix
        }
    }

    /// Where the word to be replaced begins, in UTF-8 bytes of the line; it ends at the cursor.
    package var start: Int
    package var candidates: [Candidate]

    package init(start: Int, candidates: [Candidate]) {
        self.start = start
        self.candidates = candidates
    }

    package static let none = Completion(start: 0, candidates: [])

    /// What all replacements begin with, in whole clusters.
    var commonPrefix: String {
        guard let first = candidates.first else { return "" }
        var prefix = Array(first.replacement)
        for candidate in candidates.dropFirst() {
            let shared = zip(prefix, candidate.replacement).prefix { Array($0.utf8) == Array($1.utf8) }.count
            prefix.removeSubrange(shared...)
        }
        return String(prefix)
    }
}
