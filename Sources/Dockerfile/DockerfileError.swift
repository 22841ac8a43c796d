// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a Dockerfile or an ignore file, and where.
public struct DockerfileError: Error, Hashable, Sendable {
    /// The mistake, in the sentence that people search for.
    public let message: String
    /// The word that was probably meant.
    public let suggestion: String?
    /// What to do about it, where the sentence alone does not say.
    public let hint: String?
    /// The characters it is in.
    public let span: TextSpan

    /// Names a mistake and the characters it is in.
    public init(_ message: String, _ span: TextSpan, suggestion: String? = nil, hint: String? = nil) {
        self.message = message
        self.suggestion = suggestion
        self.hint = hint
        self.span = span
    }
}

extension DockerfileError: CustomStringConvertible {
    /// The mistake and what was probably meant.
    public var description: String { suggestion.map { "\(message) (did you mean \($0)?)" } ?? message }

    /// `Dockerfile:12:5: sentence`, the line it is in, a mark under the characters meant, and the hint below.
    ///
    /// - Parameters:
    ///   - text: the text that was parsed.
    ///   - width: columns that a character takes on the terminal, so that the mark stands under Hangul too.
    public func report(in text: DockerfileText, width: (Character) -> Int = { _ in 1 }) -> String {
        text.report(description, at: span, width: width) + (hint.map { "\n  \($0)" } ?? "")
    }

    /// The one line that BuildKit prints: `dockerfile parse error on line 3: unknown instruction: RNU`.
    public func summary(in text: DockerfileText) -> String {
        "dockerfile parse error on line \(text.position(of: span.start).line): \(self)"
    }
}

/// The word that a misspelt one was probably meant to be: at most two slips of the finger away, as in BuildKit.
public func nearestWord(to word: String, among candidates: some Sequence<String>) -> String? {
    var best: (word: String, distance: Int)?
    let typed = Array(word)
    for candidate in candidates where candidate != word {
        let letters = Array(candidate)
        // A word of which every letter is wrong is another word.
        let limit = min(2, typed.count - 1)
        guard abs(letters.count - typed.count) <= limit else { continue }
        let distance = slips(typed, letters)
        guard distance <= limit, distance < best?.distance ?? .max else { continue }
        best = (candidate, distance)
    }
    return best?.word
}

/// Letters added, left out, replaced or swapped with their neighbour (optimal string alignment distance).
private func slips(_ left: [Character], _ right: [Character]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        for j in right.indices {
            var least = min(previous[j] + (left[i] == right[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { least = min(least, before[j - 1] + 1) }
            row.append(least)
        }
        before = previous
        previous = row
    }
    return previous[right.count]
}
