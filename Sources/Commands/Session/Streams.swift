// SPDX-License-Identifier: Apache-2.0
public import Terminal

/// Where one command reads and writes; each command of a session may have its own.
public struct Streams: Sendable {
    /// A descriptor; it stays the caller's to close.
    public let input: Int32
    /// Results.
    public let output: Output
    /// Everything that dsh says about the work: notices, failures, questions.
    public let error: Output
    /// Whether the terminal's signals are meant for the command; after `&` they are not.
    public let isForeground: Bool

    /// Takes descriptors and outputs that live as long as the command runs.
    public init(
        input: Int32 = 0, output: Output = .standard, error: Output = .standardError, isForeground: Bool = true
    ) {
        self.input = input
        self.output = output
        self.error = error
        self.isForeground = isForeground
    }

    /// The process's own.
    public static let standard = Streams()

    /// Whether a person types the input.
    public var inputIsTerminal: Bool { isTerminal(input) }
}
