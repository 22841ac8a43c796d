// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// How a build shows what it does, `--progress`.
enum BuildProgressMode: String, Hashable, Sendable, CaseIterable {
    case auto
    case plain
    case tty
    case quiet
    case rawjson

    @Sendable init(parsing text: String) throws(UsageError) {
        guard let mode = text.isEmpty ? .auto : Self(rawValue: text) else {
            let nearest = NearestWord.to(text, among: Self.allCases.map(\.rawValue))
            throw .refusedBuild("invalid progress mode \(text)", hint: nearest.map { .didYouMean("--progress \($0)") })
        }
        self = mode
    }

    /// What `auto` means here; `tty` is `plain` where nothing can be drawn.
    ///
    /// Behind `&` somebody types at the same terminal, and a dumb one has no cursor to move.
    func onThisScreen(in session: Session) -> Self {
        guard self == .auto || self == .tty else { return self }
        let canDraw = session.error.isTerminal && SessionState.environment("TERM") != "dumb"
        return canDraw && (self == .tty || session.streams.isForeground) ? .tty : .plain
    }

    /// `nil` shows nothing.
    ///
    /// - Parameter explains: whether every step's reason is told, `--explain-cache`.
    func view(explaining explains: Bool, in session: Session) -> (any BuildView)? {
        switch self {
        case .quiet: nil
        case .rawjson: RawBuildView()
        case .tty: LiveBuildView(language: session.language, hasColour: session.error.hasColour, explains: explains)
        case .auto, .plain:
            PlainBuildView(
                language: session.language, isForTerminal: session.error.isTerminal, explains: explains)
        }
    }
}
