// SPDX-License-Identifier: Apache-2.0

/// A word that cannot be read as what it should be: the part that is wrong, and what would be right.
public struct Malformed: Error, Hashable, Sendable {
    /// The very part that was refused, as it was typed.
    public let text: String
    /// What is wrong with it or what stands there instead, as the end of a sentence: `a port is 1 to 65535`.
    public let reason: String

    /// Names the part that was refused and why.
    public init(_ text: some StringProtocol, _ reason: String) {
        self.text = String(text)
        self.reason = reason
    }
}

extension Malformed: CustomStringConvertible {
    public var description: String { "\"\(text)\": \(reason)" }
}

extension Substring {
    /// What stands before and after the first `separator`; without one, everything and `nil`.
    package func cut(atFirst separator: Character) -> (Substring, Substring?) {
        guard let place = firstIndex(of: separator) else { return (self, nil) }
        return (self[..<place], self[index(after: place)...])
    }

    /// What stands before and after the last `separator` that is not inside brackets; without one, `nil` and everything.
    func cut(beforeLast separator: Character) -> (Substring?, Substring) {
        guard last != "]", let place = lastIndex(of: separator) else { return (nil, self) }
        return (self[..<place], self[index(after: place)...])
    }
}
