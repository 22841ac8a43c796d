// SPDX-License-Identifier: Apache-2.0
internal import Terminal

/// What the editor shows before a line.
package struct Prompt: Sendable {
    package var spans: [StyledText]
    /// What stands before the second and every further line.
    package var continuation: [StyledText]

    package init(_ spans: [StyledText], continuation: [StyledText] = [StyledText("> ", .dim)]) {
        self.spans = spans
        self.continuation = continuation
    }
}

/// What the editor needs to know, without knowing what the lines mean. All of it is called on the editor's thread.
package struct EditorHost {
    /// The prompt for a terminal so many columns wide.
    package var prompt: (_ columns: Int) -> Prompt
    /// What may stand at the cursor, which is counted in UTF-8 bytes. Called at Tab; should answer within 50 ms.
    package var complete: (_ line: String, _ cursor: Int) -> Completion
    /// Whether Enter should go on to a further line, because a quote is open or the line ends in a backslash.
    package var isIncomplete: (_ line: String) -> Bool
    /// Whether the line may be kept in the history: not if it carries a password.
    package var shouldRemember: (_ line: String) -> Bool
    package var words: EditorWords

    package init(
        prompt: @escaping (Int) -> Prompt, complete: @escaping (String, Int) -> Completion = { _, _ in .none },
        isIncomplete: @escaping (String) -> Bool = { _ in false },
        shouldRemember: @escaping (String) -> Bool = { _ in true }, words: EditorWords = EditorWords()
    ) {
        self.prompt = prompt
        self.complete = complete
        self.isIncomplete = isIncomplete
        self.shouldRemember = shouldRemember
        self.words = words
    }
}

/// The few words that the editor itself shows.
package struct EditorWords: Sendable {
    /// Which rows of the menu are shown.
    package var page: @Sendable (_ first: Int, _ last: Int, _ total: Int) -> String
    /// What stands before the text that is searched for in the history.
    package var search: String
    /// The same where nothing is found.
    package var searchFails: String

    package init(
        page: @escaping @Sendable (Int, Int, Int) -> String = { "rows \($0)–\($1) of \($2)" },
        search: String = "search history: ", searchFails: String = "nothing found: "
    ) {
        self.page = page
        self.search = search
        self.searchFails = searchFails
    }
}
