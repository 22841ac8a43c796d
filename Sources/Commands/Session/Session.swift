// SPDX-License-Identifier: Apache-2.0
public import Engine
import Glibc
public import Terminal

/// What a command works with: the session it belongs to and its own streams.
///
/// A value: `redirected(to:)` gives one with other streams and the same state.
public struct Session: Sendable {
    /// What the session knows.
    public let state: SessionState
    /// Where this command reads and writes.
    public let streams: Streams

    /// A session with these streams.
    public init(_ state: SessionState, streams: Streams = .standard) {
        self.state = state
        self.streams = streams
    }

    /// The same session with other streams.
    public func redirected(to streams: Streams) -> Session { Session(state, streams: streams) }

    /// The engine, opened when it is first asked for.
    ///
    /// - Throws: `EngineError` when it cannot be opened.
    public var engine: any ContainerEngine { get throws { try state.openedEngine() } }

    /// Where results go.
    public var output: Output { streams.output }
    /// Where dsh speaks about the work.
    public var error: Output { streams.error }
    /// The versions of dsh and what it stands on; opens nothing where they are known without.
    var version: EngineVersion { get throws { try state.version?() ?? engine.system.version() } }

    /// The language of dsh's sentences.
    public var language: Language { state.language }
    /// Whether commands are typed at a prompt.
    public var isShell: Bool { state.kind == .shell }

    /// Says something about the work in a dim line on standard error; on a terminal in as many as it needs.
    public func notice(_ text: Text) { error.paragraph(text.text(in: language), .dim) }

    /// How a person types a command here: `stop web` in the shell and in scripts, `dsh stop web` elsewhere.
    public func typed(_ command: String) -> String { state.kind == .oneCommand ? "dsh \(command)" : command }
}

extension Session {
    /// The exit status of the command before, `$status`.
    public var status: Int32 {
        get { state.with { $0.status } }
        nonmutating set { state.with { $0.status = newValue } }
    }

    /// The directory in which relative paths of the host begin.
    public var directory: String { state.with { $0.directory } }

    /// A path of the host as the session means it: absolute, relative ones below `directory`.
    public func hostPath(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let directory = directory
        return directory.hasSuffix("/") ? directory + path : directory + "/" + path
    }

    /// Goes to another directory, `cd`.
    ///
    /// - Parameter path: relative paths begin at the present directory.
    /// - Throws: `EngineError` with `.path` when it is no directory that can be entered.
    public func changeDirectory(to path: String) throws {
        let wanted = hostPath(path)
        let failure = HostPath.whyNotDirectory(wanted)
        guard failure == 0 else {
            let reason = String(cString: strerror(failure))
            throw EngineError(.invalid, .path(path), "cd: \(path): \(reason)")
        }
        let plain = HostPath.withoutDots(wanted)
        state.with { $0.directory = plain }
    }

    /// The value of `$name`: what dsh knows (`image`, `container`, `last`, `status`), what `set` gave it, or the environment.
    public func variable(_ name: String) -> String? {
        state.with { values in
            switch name {
            case "image": values.image?.text ?? ""
            case "container": values.container?.text ?? ""
            case "last": values.last ?? ""
            case "status": String(values.status)
            default: values.variables[name] ?? SessionState.environment(name)
            }
        }
    }

    /// Sets a variable, `set NAME=VALUE`.
    public func set(_ name: String, to value: String) { state.with { $0.variables[name] = value } }

    /// Everything that `set` has set.
    public var variables: [String: String] { state.with { $0.variables } }

    /// Notes the id of what a command made: `$last`.
    func note(last id: String) { state.with { $0.last = id } }

    /// Prints what this machine could not give as asked, each thing once in the life of the process.
    func report(_ adjustments: [Adjustment]) {
        for adjustment in adjustments where state.with({ $0.reportedAdjustments.insert(adjustment).inserted }) {
            error.line("dsh: " + Text.adjusted(adjustment).text(in: language))
        }
    }
}

extension Session {
    /// Whether this machine has a program of this name on `$PATH`.
    func hasHostProgram(_ name: String) -> Bool {
        guard !name.isEmpty, !name.contains("/"), let path = variable("PATH") else { return false }
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }
}

/// Paths as text, the host's mostly.
enum HostPath {
    /// 0 for a directory that can be entered, otherwise the errno that says why it cannot.
    static func whyNotDirectory(_ path: String) -> Int32 {
        access(path + "/.", X_OK) == 0 ? 0 : errno
    }

    /// An absolute path without `.`, `..` and doubled slashes, links not looked at, as `cd` in a shell has it.
    static func withoutDots(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
