// SPDX-License-Identifier: Apache-2.0

/// The instructions of the language.
public enum Keyword: String, CaseIterable, Sendable {
    case add = "ADD"
    case arg = "ARG"
    case cmd = "CMD"
    case copy = "COPY"
    case entrypoint = "ENTRYPOINT"
    case env = "ENV"
    case expose = "EXPOSE"
    case from = "FROM"
    case healthcheck = "HEALTHCHECK"
    case label = "LABEL"
    case maintainer = "MAINTAINER"
    case onbuild = "ONBUILD"
    case run = "RUN"
    case shell = "SHELL"
    case stopsignal = "STOPSIGNAL"
    case user = "USER"
    case volume = "VOLUME"
    case workdir = "WORKDIR"
}

/// One instruction of a Dockerfile.
public struct Instruction: Hashable, Sendable {
    /// Which one it is.
    public let keyword: Keyword
    /// Its first word as it is written, `from` or `FROM`.
    public let name: Word
    /// All of it: from the keyword to the end of its last line or of its last here-document.
    public let span: TextSpan
    /// What is written, with continuation lines joined and without here-documents: what a build shows as the step.
    public let source: String
    /// The comments directly above it, without their `#`.
    public let comments: [Word]
    /// The end of the instruction where a blank line was among its continuation lines.
    public let emptyContinuation: TextSpan?
    /// What it does.
    public internal(set) var operation: Operation
}

/// What an instruction does.
public indirect enum Operation: Hashable, Sendable {
    case add(FileCopy)
    case arg([ArgumentDeclaration])
    case cmd(CommandLine)
    case copy(FileCopy)
    case entrypoint(CommandLine)
    case env([KeyValuePair])
    /// Port specifications as they are written; `ExposedPort.parse` reads them once they are expanded.
    case expose([Word])
    case from(BaseImage)
    case healthcheck(HealthCheck)
    case label([KeyValuePair])
    case maintainer(Word)
    case onbuild(Trigger)
    case run(RunCommand)
    case shell([Word])
    case stopsignal(Word)
    case user(Word)
    case volume([Word])
    case workdir(Word)
}

/// `FROM`: what a stage is built on, and its name.
public struct BaseImage: Hashable, Sendable {
    /// An image, the name of an earlier stage or `scratch`; variables are not replaced yet.
    public let base: Word
    /// The name of the stage as it is written; names are compared without regard to case.
    public let stageName: Word?
    /// The `AS` before the name, as it is written.
    public let asKeyword: Word?
    /// `--platform`; variables are not replaced yet.
    public let platform: Word?
}

/// A command in one of its two forms.
public enum CommandLine: Hashable, Sendable {
    /// To be given to the shell, as one argument.
    case shell(Word)
    /// To be executed as it is: `["node", "server.js"]`. No words at all mean that there is no command.
    case exec([Word])

    /// The words without their places: one for the shell form.
    public var arguments: [String] {
        switch self {
        case .shell(let word): [word.text]
        case .exec(let words): words.map(\.text)
        }
    }

    /// What the configuration of an image gets: the shell form with its shell before it.
    public func command(shell: [String]) -> [String] {
        switch self {
        case .shell(let word): shell + [word.text]
        case .exec(let words): words.map(\.text)
        }
    }
}

/// `KEY=value` of ENV and LABEL.
public struct KeyValuePair: Hashable, Sendable {
    /// The name, which may have quotes and variables until it is expanded.
    public internal(set) var name: Word
    /// The value, which may have quotes and variables until it is expanded.
    public internal(set) var value: Word
    /// Whether it is in the old form, `ENV KEY value`.
    public let isLegacy: Bool

    /// Where both stand.
    public var span: TextSpan { name.span.joined(with: value.span) }
}

/// `NAME` or `NAME=default` of ARG.
public struct ArgumentDeclaration: Hashable, Sendable {
    /// The name.
    public let name: Word
    /// The value it has unless the build gives one; `nil` where it has none. Expanded, it is the value it has.
    public internal(set) var value: Word?
}

/// `ONBUILD`: an instruction that an image built on this one will run first.
public struct Trigger: Hashable, Sendable {
    /// The text that the image's configuration gets, here-documents included.
    public let text: String
    /// The same, parsed.
    public let instruction: Instruction
}

/// `HEALTHCHECK`.
public enum HealthCheck: Hashable, Sendable {
    /// `HEALTHCHECK NONE`: the base image's check is switched off.
    case none
    case command(CommandLine, HealthCheckTiming)

    /// `Healthcheck.Test` of an image's configuration: `["CMD-SHELL", "curl …"]`.
    public var test: [String] {
        switch self {
        case .none: ["NONE"]
        case .command(.shell(let word), _): ["CMD-SHELL", word.text]
        case .command(.exec(let words), _): ["CMD"] + words.map(\.text)
        }
    }
}

/// The flags of HEALTHCHECK. Times are nanoseconds; zero means the engine's own value.
public struct HealthCheckTiming: Hashable, Sendable {
    /// Between two checks.
    public var interval = 0
    /// For one check.
    public var timeout = 0
    /// In which failures do not count.
    public var startPeriod = 0
    /// Between two checks in that time.
    public var startInterval = 0
    /// Failures in a row that make a container unhealthy; zero means the engine's own number.
    public var retries = 0
}

/// `COPY` and `ADD`.
public struct FileCopy: Hashable, Sendable {
    /// One thing to be copied.
    public enum Source: Hashable, Sendable {
        /// A path or a pattern in the context, in a stage or in an image; for ADD also a URL.
        case path(Word)
        /// A file made of text in the Dockerfile; the file has the document's name.
        case document(HereDocument)
    }

    /// What is copied.
    public internal(set) var sources: [Source]
    /// Where to.
    public internal(set) var destination: Word
    /// `--from`: a stage's name or number, a named context or an image; `nil` for the build's context. COPY only.
    public let from: Word?
    /// `--chown`.
    public internal(set) var owner: Word?
    /// `--chmod`.
    public internal(set) var mode: Word?
    /// `--link`: the layer does not depend on those below it.
    public let isLinked: Bool
    /// `--parents`: the directories above a source are kept. COPY only.
    public let keepsParents: Bool
    /// `--exclude`, as patterns of an ignore file.
    public internal(set) var excludes: [Word]
    /// `--checksum` of what is downloaded. ADD only.
    public internal(set) var checksum: Word?
    /// `--unpack`: whether archives are unpacked; `nil` means local ones are and downloaded ones are not. ADD only.
    public let unpacks: Bool?
    /// `--keep-git-dir`. ADD only.
    public let keepsGitDirectory: Bool

    /// The sources that are no here-documents.
    public var paths: [Word] {
        sources.compactMap { if case .path(let word) = $0 { word } else { nil } }
    }

    /// The sources that are here-documents.
    public var documents: [HereDocument] {
        sources.compactMap { if case .document(let document) = $0 { document } else { nil } }
    }
}
