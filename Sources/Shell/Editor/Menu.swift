// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// Candidates in columns below the line, a page at a time, with one of them chosen or none yet.
struct Menu {
    let candidates: [Completion.Candidate]
    private(set) var chosen: Int?

    /// Columns between a candidate and its description.
    private static let gap = 2
    /// Columns between two candidates with descriptions.
    private static let wideGap = 4
    /// A description narrower than this says nothing: it is left out.
    private static let narrowestDescription = 10

    init(_ candidates: [Completion.Candidate]) {
        // Names and descriptions come from images and files that anybody may have made.
        self.candidates = candidates.map { candidate in
            var candidate = candidate
            candidate.label = candidate.label.neutralised
            candidate.description = candidate.description.neutralised
            return candidate
        }
    }

    var chosenCandidate: Completion.Candidate? { chosen.map { candidates[$0] } }

    /// How the candidates are laid out in a width: column by column, as `ls` does.
    struct Grid {
        var columns: Int
        var rows: Int
        var labelWidth: Int
        /// 0 where there is no room for descriptions.
        var descriptionWidth: Int
    }

    func grid(width: Int) -> Grid {
        let longest = candidates.reduce(1) { max($0, $1.label.columns) }
        let described = candidates.reduce(0) { max($0, $1.description.columns) }
        let label = min(longest, width)
        if described > 0, width - label - Self.gap >= min(described, Self.narrowestDescription) {
            // Side by side while whole descriptions fit; otherwise one column, in which they are cut.
            let cell = label + Self.gap + described
            let columns = max(1, (width + Self.wideGap) / (cell + Self.wideGap))
            let room = columns == 1 ? min(described, width - label - Self.gap) : described
            return Grid(columns: columns, rows: ceilingOf(columns), labelWidth: label, descriptionWidth: room)
        }
        let columns = max(1, (width + Self.gap) / (label + Self.gap))
        return Grid(columns: columns, rows: ceilingOf(columns), labelWidth: label, descriptionWidth: 0)
    }

    private func ceilingOf(_ columns: Int) -> Int { (candidates.count + columns - 1) / columns }

    enum Step { case next, previous, up, down, left, right, pageUp, pageDown }

    /// Chooses another candidate; the ends meet.
    mutating func move(_ step: Step, width: Int, pageRows: Int) {
        let count = candidates.count
        guard let present = chosen else {
            chosen = step == .previous || step == .up ? count - 1 : 0
            return
        }
        let rows = grid(width: width).rows
        let target: Int
        switch step {
        case .next, .down: target = present + 1
        case .previous, .up: target = present - 1
        case .right: target = present + rows < count ? present + rows : present % rows
        case .left:
            let lastColumn = (count - 1 - present % rows) / rows
            target = present >= rows ? present - rows : present + lastColumn * rows
        case .pageDown: target = min(present + pageRows, count - 1)
        case .pageUp: target = max(present - pageRows, 0)
        }
        chosen = (target + count) % count
    }

    /// The rows to show in at most `height` rows, and which of all rows they are, from 0; `nil` when all are shown.
    func rows(width: Int, height: Int) -> (rows: [[StyledText]], page: Range<Int>?) {
        let grid = grid(width: width)
        var shown = 0..<grid.rows
        if grid.rows > height {
            // One row tells which rows these are.
            let page = max(1, height - 1)
            let first = (chosen ?? 0) % grid.rows / page * page
            shown = first..<min(first + page, grid.rows)
        }
        let rows = shown.map { row in
            (0..<grid.columns).flatMap { column -> [StyledText] in
                let index = column * grid.rows + row
                return index < candidates.count ? cell(index, grid, isFirst: column == 0) : []
            }
        }
        return (rows, shown.count < grid.rows ? shown : nil)
    }

    private func cell(_ index: Int, _ grid: Grid, isFirst: Bool) -> [StyledText] {
        let candidate = candidates[index]
        let isChosen = index == chosen
        let label = candidate.label.truncated(to: grid.labelWidth).padded(to: grid.labelWidth)
        var spans =
            isFirst
            ? [] : [StyledText(String(repeating: " ", count: grid.descriptionWidth > 0 ? Self.wideGap : Self.gap))]
        spans.append(StyledText(label, isChosen ? .reversed : .plain))
        if grid.descriptionWidth > 0 {
            let text = candidate.description.truncated(to: grid.descriptionWidth)
            spans.append(StyledText("  " + text.padded(to: grid.descriptionWidth), isChosen ? .reversed : .dim))
        }
        return spans
    }
}
