// SPDX-License-Identifier: Apache-2.0

/// `RUN`.
public struct RunCommand: Hashable, Sendable {
    /// `--network`.
    public enum Network: String, CaseIterable, Sendable { case `default`, none, host }
    /// `--security`.
    public enum Security: String, CaseIterable, Sendable { case sandbox, insecure }

    /// The command, with the `<<NAME` of its here-documents.
    public let command: CommandLine
    /// Its here-documents, in the order of their marks.
    public let documents: [HereDocument]
    /// Each `--mount` as it is written.
    public let mountFlags: [Word]
    /// Each `--mount`, read. A mount with variables has its values once the instruction is expanded.
    public internal(set) var mounts: [RunMount]
    /// `--network`; `nil` means the build's.
    public let network: Network?
    /// `--security`; `nil` means `sandbox`.
    public let security: Security?

    /// How the command is to be started.
    public enum Start: Hashable, Sendable {
        /// By the shell, with this as its last argument.
        case shell(String)
        /// As it is.
        case exec([String])
        /// A here-document with `#!`: a file of this name and content that is executed.
        case script(name: String, content: String)
    }

    /// How the command is to be started: a here-document alone is the text of the command, one with a `#!` a program;
    /// in any other command the shell reads it, so it follows the command's line.
    public var start: Start {
        switch command {
        case .exec(let words): return .exec(words.map(\.text))
        case .shell(let line):
            guard let first = documents.first else { return .shell(line.text) }
            // Anything but a mark alone goes to the shell; a quote that is not closed would have been refused before.
            if (try? HereDocument.Marker(line.text, line.span)) != nil {
                let content = first.content
                return content.hasPrefix("#!") ? .script(name: first.name, content: content) : .shell(content)
            }
            return .shell(line.text + documents.map { "\n\($0.written)\($0.name)" }.joined())
        }
    }
}

/// One `--mount` of RUN.
public struct RunMount: Hashable, Sendable {
    /// What is mounted.
    public enum Kind: String, CaseIterable, Sendable { case bind, cache, tmpfs, secret, ssh }
    /// Who may use a cache at the same time.
    public enum Sharing: String, CaseIterable, Sendable { case shared, `private`, locked }

    /// What is mounted.
    public var kind = Kind.bind
    /// A stage, a named context or an image; `nil` for the build's context, and for a cache an empty directory.
    public var from: Word?
    /// The path there; for a secret its id.
    public var source: String?
    /// The path in the container; may be relative to WORKDIR.
    public var target: String?
    /// Whether writing is refused; for a bind mount that is not, what is written is thrown away.
    public var isReadOnly = true
    /// The id of a cache or a secret.
    public var id: String?
    /// Who may use a cache at the same time; `nil` means all.
    public var sharing: Sharing?
    /// Whether a secret that is missing is an error.
    public var isRequired = false
    /// Mode of a secret or of a cache's new directory.
    public var mode: UInt32?
    /// Owner of the same.
    public var user: UInt32?
    /// Group of the same.
    public var group: UInt32?
    /// Bytes that a tmpfs may hold; `nil` means no limit.
    public var size: Int?
    /// `env=`: the variable that a secret is given in; `nil` means a file.
    public var variable: String?
    /// Where the flag stands.
    public var span: TextSpan
}
