// SPDX-License-Identifier: Apache-2.0
public import Engine
import Glibc
import Synchronization

/// What a session knows beyond one command: the engine, what is current, variables. Shared by everything that runs in it.
public final class SessionState: Sendable {
    /// How the session came about.
    public enum Kind: Hashable, Sendable {
        /// A prompt.
        case shell
        /// A file, or a script on standard input.
        case script
        /// One command, as in `dsh ps`.
        case oneCommand
    }

    /// What of a session changes.
    struct Values: Sendable {
        var image: ImageName?
        var container: ContainerName?
        /// What `use -` goes back to.
        var formerImage: ImageName?
        var formerContainer: ContainerName?
        var last: String?
        var status: Int32 = 0
        var directory: String
        var variables: [String: String] = [:]
        var reportedAdjustments: Set<Adjustment> = []
    }

    /// How it came about.
    public let kind: Kind
    /// The language of dsh's sentences.
    public let language: Language
    private let values: Mutex<Values>
    private let engine = Mutex<(any ContainerEngine)?>(nil)
    private let open: @Sendable () throws -> any ContainerEngine
    /// The versions, where they are known without an engine.
    let version: (@Sendable () -> EngineVersion)?

    /// Begins a session.
    ///
    /// - Parameters:
    ///   - directory: where relative paths begin; `nil` means the process's working directory.
    ///   - language: `nil` decides by the environment.
    ///   - version: tells the versions without opening anything; `nil` asks the engine.
    ///   - engine: opens the engine when it is first needed; `--help` and `version` never do.
    public init(
        kind: Kind, directory: String? = nil, language: Language? = nil,
        version: (@Sendable () -> EngineVersion)? = nil,
        engine: @escaping @Sendable () throws -> any ContainerEngine
    ) {
        self.kind = kind
        self.language = language ?? Language(environment: Self.environment)
        values = Mutex(Values(directory: directory ?? Self.workingDirectory))
        self.version = version
        open = engine
    }

    /// The engine, opened by the first who asks.
    func openedEngine() throws -> any ContainerEngine {
        try engine.withLock { engine in
            if let engine { return engine }
            let opened = try open()
            engine = opened
            return opened
        }
    }

    /// Reads or changes what the session knows, at once.
    func with<Result: Sendable>(_ body: (inout sending Values) -> sending Result) -> Result {
        values.withLock { body(&$0) }
    }

    /// A variable of the process's environment.
    public static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
