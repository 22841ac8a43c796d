// SPDX-License-Identifier: Apache-2.0

/// A `--format` that cannot be read, or that asks for what is not there, in the words that Docker prints.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole sentence: `template parsing error: template: :1:2: executing "" at <.Foo>: …`.
    public let message: String

    /// Docker's sentence.
    public var description: String { message }

    init(_ reason: String) { message = "template parsing error: " + reason }
}
