// SPDX-License-Identifier: Apache-2.0

/// A language that dsh speaks.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case english
    case korean

    /// Chooses by `LC_ALL`, `LC_MESSAGES` and `LANG`: the first that is set and not empty decides, and only its beginning
    /// is read, since the locale itself need not be installed (setlocale(3) fails for it then).
    public init(environment: (String) -> String?) {
        let setting = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
        self = setting == "ko" || setting.hasPrefix("ko_") || setting.hasPrefix("ko.") ? .korean : .english
    }
}

/// A sentence or phrase of dsh's own, in every language that it speaks.
///
/// Both are written side by side where the sentence is declared, so that neither can be forgotten.
public struct Text: Hashable, Sendable {
    /// In English.
    public let english: String
    /// In Korean.
    public let korean: String

    /// The same in both languages, English first.
    public init(_ english: String, _ korean: String) {
        self.english = english
        self.korean = korean
    }

    /// Words that stay English everywhere because people search for them: Docker's own sentences, names, examples.
    public init(verbatim text: String) { self.init(text, text) }

    /// One sentence, and another after it.
    public static func + (left: Text, right: Text) -> Text {
        let english = [left.english, right.english].joined(separator: " ")
        let korean = [left.korean, right.korean].joined(separator: " ")
        return Text(english, korean)
    }

    /// The text for a reader of this language.
    public func text(in language: Language) -> String {
        switch language {
        case .english: english
        case .korean: korean
        }
    }
}
