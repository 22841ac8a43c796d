// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// Kinds of clusters about which terminals disagree: some draw them as one emoji, others each scalar by itself.
enum UnsureCluster: CaseIterable {
    /// Joined by zero-width joiners: a family.
    case joined
    /// With a skin tone.
    case toned
    /// With a variation selector that asks for an emoji: `❤️`.
    case presented
    /// Two regional indicators.
    case flag

    init?(_ character: Character) {
        let scalars = character.unicodeScalars
        guard scalars.count > 1, let first = scalars.first, first.properties.isEmoji else { return nil }
        if scalars.contains("\u{200D}") {
            self = .joined
        } else if scalars.dropFirst().contains(where: \.properties.isEmojiModifier) {
            self = .toned
        } else if (0x1F1E6...0x1F1FF).contains(first.value) {
            self = .flag
        } else if scalars.contains("\u{FE0F}") {
            self = .presented
        } else {
            return nil
        }
    }
}

/// How wide clusters are on the terminal at hand: by the standard, unless it was asked and draws otherwise.
struct ClusterWidths: Sendable {
    private var known: [UnsureCluster: Bool] = [:]

    /// The first cluster of a line about which the terminal has not been asked yet.
    func unknown(in line: LineText) -> (Character, UnsureCluster)? {
        // Two scalars of which one is an emoji's are more than three bytes, which Hangul and Han are not.
        for character in line.clusters where character.utf8.count > 3 {
            if let kind = UnsureCluster(character), known[kind] == nil { return (character, kind) }
        }
        return nil
    }

    /// - Parameter columns: what the terminal took for `character`; `nil` where it did not answer.
    mutating func learn(_ kind: UnsureCluster, of character: Character, columns: Int?) {
        known[kind] = columns.map { $0 == character.columns } ?? true
        // A terminal that does not answer once never does.
        if columns == nil { for kind in UnsureCluster.allCases where known[kind] == nil { known[kind] = true } }
    }

    func columns(of character: Character) -> Int {
        if !known.isEmpty, let kind = UnsureCluster(character), known[kind] == false {
            return character.columnsOneByOne
        }
        return character.shownColumns
    }
}
