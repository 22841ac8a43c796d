// SPDX-License-Identifier: Apache-2.0

/// A failure that a person can act on.
///
/// `message` is Docker's own sentence, since that is what people search for. Front ends add the hint, what to type next,
/// from `code` and `subject`, in the reader's language.
public struct EngineError: Error, Sendable {
    /// What kind of failure it is; front ends choose the exit status and the hint by it.
    public enum Code: String, Hashable, Sendable {
        /// The thing that was named does not exist.
        case notFound
        /// The state of things forbids it: a name in use, an image in use, a container that runs.
        case conflict
        /// What was asked for cannot be read or contradicts itself.
        case invalid
        /// The engine or the kernel's rules do not allow it.
        case refused
        /// dsh does not have this, or this machine cannot give it.
        case unsupported
        /// Another machine or program did not answer.
        case unreachable
        /// The program of a container was not found: exit status 127.
        case programNotFound
        /// The program of a container cannot be invoked: exit status 126.
        case programNotInvocable
        /// A system call failed for a reason of the machine's.
        case system
    }

    /// What the failure is about.
    public enum Subject: Hashable, Sendable {
        case container(String)
        case image(String)
        /// A mapping whose host port cannot be had, and one that could be had instead just now, where there is one.
        case port(PortMapping, free: PortNumber?)
        case network(String)
        case path(String)
        /// A program that is there and that the kernel would not execute.
        case program(ProgramFault)
        case engine
    }

    /// The kind of failure.
    public let code: Code
    /// What the failure is about.
    public let subject: Subject
    /// The sentence that Docker's users know, in English, without a final full stop unless Docker's has one.
    public let message: String
    /// The error underneath, shown with `DSH_LOG=debug`.
    public let cause: (any Error)?

    /// Puts a failure together from its parts.
    public init(_ code: Code, _ subject: Subject, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.message = message
        self.cause = cause
    }
}

/// What is wrong with a program that is there and cannot be executed.
public enum ProgramFault: Hashable, Sendable {
    /// The interpreter that a script's first line names is not in the container. A carriage return at its end belongs to
    /// the name, as it does for the kernel.
    case missingInterpreter(String)
    /// The loader that an ELF file names is not in the container.
    case missingLoader(String)
    /// Neither a program nor a script that begins with `#!`.
    case unknownFormat
    /// For another processor than this machine's, both in Go's words: `arm64`, `amd64`.
    case otherProcessor(String, own: String)
}

extension EngineError: CustomStringConvertible {
    public var description: String { message }
}

extension EngineError {
    /// The name or id fits no container.
    public static func noSuchContainer(_ name: ContainerName) -> Self {
        Self(.notFound, .container(name.text), "No such container: \(name)")
    }

    /// The name or id fits no image of the store.
    public static func noSuchImage(_ name: ImageName) -> Self {
        Self(.notFound, .image(name.text), "No such image: \(name)")
    }

    /// The beginning of an id that several containers share.
    public static func ambiguousContainer(_ name: ContainerName) -> Self {
        Self(.invalid, .container(name.text), "multiple IDs found with provided prefix: \(name)")
    }

    /// The container must be running for this, and it is not.
    public static func notRunning(_ name: ContainerName, id: ContainerID) -> Self {
        Self(.conflict, .container(name.text), "container \(id) is not running")
    }
}
