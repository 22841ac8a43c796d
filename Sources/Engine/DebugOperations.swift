// SPDX-License-Identifier: Apache-2.0

/// What every engine can do to let a person look around in an image or a container, also where no shell is inside.
public protocol DebugOperations: Sendable {
    /// The step that the last build to fail ended with; `nil` where none is kept.
    ///
    /// One is kept at most, until the same is built with success or the cache is pruned; what it stands on stays with it.
    func failedStep() async throws -> FailedStep?

    /// Opens a shell with tools of the engine's own beside what is there. Nothing of it stays in the image or the container;
    /// only what is written in a container that runs is written there.
    ///
    /// - Throws: `.notFound` where there is no such thing.
    func debug(_ target: DebugTarget, _ request: DebugRequest) async throws -> DebugSession
}

/// Where a shell is opened.
public enum DebugTarget: Hashable, Sendable {
    /// In a container that runs, among its processes; in a copy of the files of one that does not.
    case container(ContainerName)
    /// In a container of its own.
    case image(ImageName)
    /// In the state right before the step that the last build failed with.
    case failedStep
}

/// How a shell is opened.
public struct DebugRequest: Hashable, Sendable {
    /// What the shell does in place of asking.
    public var command: String?
    /// `nil` means root, and for a failed step its own.
    public var user: String?
    /// Whether it gets a terminal.
    public var hasTerminal = false
    /// The terminal's size at first.
    public var terminalSize: TerminalSize?

    /// A shell without a terminal.
    public init() {}
}

/// A shell that was opened.
public struct DebugSession: Sendable {
    /// The container that it is in.
    public var container: ContainerName
    /// The connection to it.
    public var attachment: any Attachment

    /// Puts it together.
    public init(container: ContainerName, attachment: any Attachment) {
        self.container = container
        self.attachment = attachment
    }
}

/// The step that a build failed with.
public struct FailedStep: Hashable, Sendable {
    /// `[3/5]`, with the stage's name where there are several.
    public var step: BuildStep
    /// `Dockerfile:4`.
    public var place: String
    /// Why it failed, in one sentence.
    public var reason: String
    /// The command of a RUN as it is typed in a shell; `nil` for other instructions.
    public var command: String?
    /// When it failed.
    public var failed: Timestamp

    /// Puts it together.
    public init(step: BuildStep, place: String, reason: String, command: String?, failed: Timestamp) {
        self.step = step
        self.place = place
        self.reason = reason
        self.command = command
        self.failed = failed
    }
}
