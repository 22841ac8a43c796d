// SPDX-License-Identifier: Apache-2.0
public import Glibc
import Synchronization

/// What a program's standard streams are connected to.
public enum ProgramConnection: Sendable {
    /// Three pipes.
    case pipes
    /// One pseudo-terminal, which is its controlling terminal.
    case terminal(rows: Int, columns: Int)
}

/// A program that runs beside the test.
///
/// One thread of its own moves bytes and keeps deadlines, since blocking calls would hold up Swift's few shared threads.
public final class RunningProgram: Sendable {
    /// What is known of the program at one moment.
    public struct Snapshot: Sendable {
        /// Standard output so far; on a terminal, everything that was written to it.
        public internal(set) var output: [UInt8] = []
        /// Standard error so far; empty on a terminal.
        public internal(set) var errorOutput: [UInt8] = []
        /// `nil` while it runs; 128 + n after signal n.
        public internal(set) var status: Int32?
        /// How many of its streams somebody still holds open.
        public internal(set) var openStreams: Int
        /// It has ended and nothing more can come.
        public var isOver: Bool { status != nil && openStreams == 0 }
        /// Standard output as text.
        public var text: String { String(decoding: output, as: UTF8.self) }
        /// Standard error as text.
        public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    }

    struct Waiter {
        let deadline: ContinuousClock.Instant
        let condition: @Sendable (Snapshot) -> Bool
        let answer: CheckedContinuation<Bool, Never>
    }

    struct State {
        var snapshot: Snapshot
        var input: [UInt8] = []
        var inputEnds = false
        var waiters: [Waiter] = []
        var isAbandoned = false
        var isPumping = true
        /// It has been waited for: its number may belong to another process now.
        var isReaped = false
    }

    /// The process's number; its process group has the same.
    public let processID: pid_t
    let streams: ProgramStreams
    /// A byte in this pipe makes the pump look again.
    let wake: (read: CInt, write: CInt)
    let state: Mutex<State>
    let commandLine: String

    init(processID: pid_t, streams: ProgramStreams, commandLine: String) throws {
        self.processID = processID
        self.streams = streams
        self.commandLine = commandLine
        wake = try pipeEnds()
        for end in [wake.read, wake.write] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        state = Mutex(State(snapshot: Snapshot(openStreams: streams.outputs.count)))
    }

    deinit {
        close(wake.read)
        close(wake.write)
    }

    /// What is known now.
    public var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// What it wrote and how it ended; the status is -1 while it runs.
    public var result: ProgramResult {
        let now = snapshot
        return ProgramResult(status: now.status ?? -1, output: now.output, errorOutput: now.errorOutput)
    }

    /// Waits until `condition` holds; false when the deadline passes or the program is over without it.
    public func wait(
        within deadline: Duration = .seconds(30), until condition: @escaping @Sendable (Snapshot) -> Bool
    ) async -> Bool {
        let end = ContinuousClock.now + deadline
        return await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if condition(state.snapshot) { return true }
                guard state.isPumping else { return false }
                state.waiters.append(Waiter(deadline: end, condition: condition, answer: continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) } else { wakePump() }
        }
    }

    /// Waits until standard output holds `text`.
    /// - Throws: `ProgramFailure` when the deadline passes or the program ends without it.
    public func waitForOutput(_ text: String, within deadline: Duration = .seconds(30)) async throws {
        guard await wait(within: deadline, until: { $0.text.contains(text) }) else {
            throw ProgramFailure(description: "\(commandLine): never wrote \"\(text)\"\n\(story)")
        }
    }

    /// Waits until the program is over.
    /// - Throws: `ProgramFailure` when the deadline passes first.
    public func waitForEnd(within deadline: Duration = .seconds(30)) async throws -> ProgramResult {
        guard await wait(within: deadline, until: \.isOver) else {
            throw ProgramFailure(description: "\(commandLine): not over after \(deadline)\n\(story)")
        }
        return result
    }

    /// Queues bytes for its standard input.
    public func send(_ bytes: [UInt8]) {
        state.withLock { $0.input += bytes }
        wakePump()
    }

    /// Queues text for its standard input.
    public func send(_ text: String) { send(Array(text.utf8)) }

    /// Ends its standard input once everything queued has been taken; on a terminal this does nothing (send Ctrl-D).
    public func closeInput() {
        state.withLock { $0.inputEnds = true }
        wakePump()
    }

    /// Sends a signal to the program alone, not to its group; nothing happens when it is over.
    public func signal(_ number: Int32) {
        state.withLock { state in
            if !state.isReaped { kill(processID, number) }
        }
    }

    /// Changes the size of its terminal; the kernel tells it by SIGWINCH.
    public func resize(rows: Int, columns: Int) {
        guard streams.isTerminal, let master = streams.outputs.first else { return }
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        state.withLock { state in
            // The pump closes the terminal under this lock: the number cannot have become another file's.
            if state.snapshot.openStreams > 0 { _ = ioctl(master, UInt(TIOCSWINSZ), &size) }
        }
    }

    /// Kills what is left of it and of its process group.
    public func end() {
        state.withLock { state in
            if !state.isReaped { kill(-processID, SIGKILL) }
            state.isAbandoned = true
        }
        wakePump()
    }

    /// Status and output so far, for a failed test's report.
    public var story: String {
        let now = snapshot
        let status = now.status.map(String.init) ?? "(running)"
        return "status \(status)\n--- output\n\(now.text)\n--- error output\n\(now.errorText)"
    }

    func wakePump() {
        // A full pipe is a wake-up too.
        _ = write(wake.write, [1], 1)
    }
}
