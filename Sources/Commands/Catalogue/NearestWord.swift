// SPDX-License-Identifier: Apache-2.0

/// The word that a misspelt one was probably meant to be.
public enum NearestWord {
    /// The candidate with the fewest slips of the finger between, or `nil` where none is near enough to be meant: one slip
    /// in up to three letters, two in up to seven, three in more. Among equals the first letter decides, then the order.
    public static func to(_ word: String, among candidates: some Sequence<String>) -> String? {
        let typed = Array(word.lowercased())
        let limit = typed.count <= 3 ? 1 : typed.count <= 7 ? 2 : 3
        var best: (word: String, distance: Int, sameStart: Bool)?
        for candidate in candidates {
            let letters = Array(candidate)
            guard abs(letters.count - typed.count) <= limit else { continue }
            let distance = slips(typed, letters)
            // A word of which every letter is wrong is another word.
            guard distance <= limit, distance < max(typed.count, 1) else { continue }
            let sameStart = letters.first == typed.first
            if let found = best, (found.distance, found.sameStart ? 0 : 1) <= (distance, sameStart ? 0 : 1) { continue }
            best = (candidate, distance, sameStart)
        }
        return best?.word
    }

    /// Letters added, left out, replaced or swapped with their neighbour (optimal string alignment distance).
    static func slips(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var least = min(previous[j] + (left[i] == right[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    least = min(least, before[j - 1] + 1)
                }
                row.append(least)
            }
            before = previous
            previous = row
        }
        return previous[right.count]
    }
}
