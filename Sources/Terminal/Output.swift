// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Writing failed: the reader went away (`EPIPE`), the disk is full (`ENOSPC`) or the like.
public struct OutputError: Error, Hashable, Sendable {
    /// The kernel's errno.
    public let number: Int32

    /// Whether the other end of a pipe or terminal is gone: nobody is left to tell.
    public var isBrokenPipe: Bool { number == EPIPE || number == EIO }
}

extension OutputError: CustomStringConvertible {
    public var description: String { "write: " + String(cString: strerror(number)) }
}

/// Where a command prints: a descriptor with a buffer before it, or memory.
///
/// What is written is gathered and sent with one write(2) where that is possible: on a terminal at the end of every
/// ``write(_:)`` and ``line(_:)``, elsewhere when 64 KiB have gathered or ``flush()`` is called. The first failure is
/// thrown once, by the call that may throw; whatever is written after it is dropped without a word, so that a full disk
/// gives one message and not hundreds. Safe to use from several tasks; each call's text stays together.
public final class Output: Sendable {
    /// `nil` for memory.
    public let descriptor: Int32?
    public let isTerminal: Bool
    /// Whether colours are welcome: a terminal that is not `dumb`, and no `NO_COLOR` (https://no-color.org).
    public let hasColour: Bool

    private struct State {
        var buffer: [UInt8] = []
        var failure: OutputError?
        var isReported = false
    }
    private let state = Mutex(State())
    private static let capacity = 64 << 10

    /// Writes to `descriptor`, which stays the caller's to close.
    ///
    /// - Parameter colour: `nil` decides by the terminal and the environment.
    public init(descriptor: Int32, colour: Bool? = nil) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        hasColour = colour ?? (isTerminal && Self.environmentWantsColour)
    }

    private init() {
        descriptor = nil
        isTerminal = false
        hasColour = false
    }

    /// Gathers everything in memory; ``takeCollected()`` hands it out.
    public static func inMemory() -> Output { Output() }

    public static let standard = Output(descriptor: STDOUT_FILENO)
    public static let standardError = Output(descriptor: STDERR_FILENO)

    /// Keeps a reader that goes away from killing the process: writing then fails with `EPIPE`.
    ///
    /// A program started later inherits the ignored signal: reset it there (`POSIX_SPAWN_SETSIGDEF`).
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Columns of the terminal now; `nil` where the output is no terminal, and must therefore never be cut.
    public var columns: Int? {
        guard isTerminal, let descriptor else { return nil }
        return TerminalSize.current(of: descriptor)?.columns
    }

    /// Whether a write has failed: a loop that only produces output may stop.
    public var isBroken: Bool { state.withLock { $0.failure != nil } }

    public func write(_ text: some StringProtocol) { append(text.utf8, thenLineFeed: false) }

    public func line(_ text: some StringProtocol) { append(text.utf8, thenLineFeed: true) }

    /// Lines with words in them that come from images and containers: on a terminal each is neutralised.
    public func lines(fromOutside text: String) {
        guard isTerminal else { return line(text) }
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) { line(part.neutralised) }
    }

    /// An empty line.
    public func line() { line("") }

    /// Bytes as they are: a container's output, an archive.
    public func write(bytes: some Collection<UInt8>) { append(bytes, thenLineFeed: false) }

    /// Text in a look where colours are welcome, plain elsewhere.
    public func styled(_ text: some StringProtocol, _ style: Style) -> String {
        hasColour ? style.applied(to: text) : String(text)
    }

    /// A sentence for a person. On a terminal it is neutralised and broken between words, each row indented by so many
    /// columns; elsewhere each of its lines stays one line.
    public func paragraph(_ text: String, indentation: Int = 0, _ style: Style) {
        let indent = String(repeating: " ", count: indentation)
        let width = columns.map { max(20, $0 - indentation) }
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let rows = width.map { part.neutralised.wrapped(to: $0) } ?? [String(part)]
            for row in rows { line(styled(indent + row, style)) }
        }
    }

    /// Sends what has gathered.
    ///
    /// - Throws: the first failure of this output, once.
    public func flush() throws(OutputError) {
        let failure = state.withLock { state -> OutputError? in
            send(&state)
            guard let failure = state.failure, !state.isReported else { return nil }
            state.isReported = true
            return failure
        }
        if let failure { throw failure }
    }

    /// Sends what has gathered and keeps a failure for the next ``flush()``.
    func push() { state.withLock { send(&$0) } }

    /// Writes `bytes` and sends them at once: for streams that somebody watches.
    ///
    /// - Throws: the first failure of this output, once.
    public func send(_ bytes: some Collection<UInt8>) throws(OutputError) {
        append(bytes, thenLineFeed: false)
        try flush()
    }

    /// What an ``inMemory()`` output has gathered since the last call.
    public func takeCollected() -> [UInt8] {
        state.withLock { state in
            defer { state.buffer = [] }
            return state.buffer
        }
    }

    private func append(_ bytes: some Collection<UInt8>, thenLineFeed: Bool) {
        state.withLock { state in
            guard state.failure == nil else { return }
            state.buffer.append(contentsOf: bytes)
            if thenLineFeed { state.buffer.append(0x0A) }
            if isTerminal || state.buffer.count >= Self.capacity { send(&state) }
        }
    }

    private func send(_ state: inout State) {
        guard let descriptor, !state.buffer.isEmpty else { return }
        state.failure = writeAll(state.buffer, to: descriptor)
        state.buffer.removeAll(keepingCapacity: true)
    }

    private static var environmentWantsColour: Bool {
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        guard let terminal = getenv("TERM") else { return false }
        return String(cString: terminal) != "dumb"
    }
}

/// Writes every byte, waiting where the descriptor is non-blocking and full; returns the failure instead of throwing so
/// that it can be kept.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> OutputError? {
    bytes.withUnsafeBytes { bytes in
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                // A terminal shared with a program that made it non-blocking: wait until it takes more.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                return OutputError(number: errno)
            }
        }
        return nil
    }
}
