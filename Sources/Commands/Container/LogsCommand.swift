// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Synchronization
import Terminal

/// `logs [OPTIONS] CONTAINER`: shows what a container's program has written.
struct LogsCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "logs", "container logs", usage: "[OPTIONS] CONTAINER",
        summary: Text("Fetch the logs of a container", "컨테이너가 쓴 출력을 보여 줍니다"),
        arguments: .init(1, 1, .containers(.any), current: .container),
        flags: [.follow, .since, .tail, .timestamps, .until], absentFlags: "details")

    @Flag(.follow) var follow = false
    @Option(.since, transform: LogsCommand.since) var since: Timestamp?
    @Option(.tail, transform: LogsCommand.lines) var tail: Tail?
    @Flag(.timestamps) var timestamps = false
    @Option(.until, transform: LogsCommand.until) var until: Timestamp?
    @Argument(transform: { ContainerName($0) }) var container: ContainerName?

    /// How much of the log's end is shown.
    enum Tail: Sendable {
        case all
        case lines(Int)
    }

    func run(in session: Session) async throws {
        var request = LogsRequest()
        request.follow = follow
        request.timestamps = timestamps
        if case .lines(let count) = tail { request.tail = count }
        request.since = since
        request.until = until
        let sink = LogOutput(output: session.output, error: session.error, isWatched: follow)
        // What was held back, the beginning of a sequence, is shown however the log ends.
        defer { sink.finish() }
        try await session.engine.containers.logs(try session.orCurrent(container), request, to: sink)
    }

    @Sendable private static func since(_ text: String) throws(UsageError) -> Timestamp { try moment(text, "since") }

    @Sendable private static func until(_ text: String) throws(UsageError) -> Timestamp { try moment(text, "until") }

    private static func moment(_ text: String, _ flag: String) throws(UsageError) -> Timestamp {
        do {
            return try Moment.parse(text)
        } catch {
            throw .refused(
                "invalid value for \"\(flag)\": failed to parse value as time or duration: \"\(text)\"",
                hint: .timesAreWritten, status: 1)
        }
    }

    @Sendable private static func lines(_ text: String) throws(Malformed) -> Tail {
        if text == "all" { return .all }
        guard let count = Int(text) else { throw Malformed(text, "a number of lines, or all") }
        return count < 0 ? .all : .lines(count)
    }
}

/// Sends each stream of a log to ours: as it is into a pipe or a file; to a terminal, which the container never had in
/// its hands, only what writes there.
private final class LogOutput: LogSink {
    private let output: Output
    private let error: Output
    /// Whether somebody waits for each line.
    private let isWatched: Bool
    private let neutralisers = Mutex((output: StreamNeutraliser(), error: StreamNeutraliser()))

    init(output: Output, error: Output, isWatched: Bool) {
        self.output = output
        self.error = error
        self.isWatched = isWatched
    }

    func write(_ stream: OutputStream, _ bytes: UnsafeRawBufferPointer) throws {
        let target = stream == .output ? output : error
        if target.isTerminal {
            target.write(
                bytes: neutralisers.withLock {
                    stream == .output ? $0.output.neutralise(bytes) : $0.error.neutralise(bytes)
                })
        } else {
            target.write(bytes: bytes)
        }
        // What is written to a terminal on one stream must not overtake the other.
        if isWatched || target.isBroken || stream == .error { try target.flush() }
    }

    func finish() {
        neutralisers.withLock {
            output.write(bytes: $0.output.finish())
            error.write(bytes: $0.error.finish())
        }
    }
}

extension FlagDeclaration {
    fileprivate static let follow = FlagDeclaration(
        "follow", "f", .none, Text("Follow log output", "끝날 때까지 이어서 보여 줍니다"))
    fileprivate static let since = FlagDeclaration(
        "since", nil, .one("string"),
        Text(
            #"Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)"#,
            #"이 시각부터 보여 줍니다 (예: "2013-01-02T13:23:37Z", 42분 전부터는 "42m")"#))
    fileprivate static let tail = FlagDeclaration(
        "tail", "n", .one("string"),
        Text("Number of lines to show from the end of the logs", "끝에서부터 보여 줄 줄 수"), candidates: .words(["all"]))
    fileprivate static let timestamps = FlagDeclaration(
        "timestamps", "t", .none, Text("Show timestamps", "줄마다 시각을 붙입니다"))
    fileprivate static let until = FlagDeclaration(
        "until", nil, .one("string"),
        Text(
            #"Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)"#,
            #"이 시각까지 보여 줍니다 (예: "2013-01-02T13:23:37Z", 42분 전까지는 "42m")"#))
}
