// SPDX-License-Identifier: Apache-2.0

/// A live connection to the program of a container: its input, output, size of terminal and signals.
public protocol Attachment: Sendable {
    /// Whether the program has a terminal (one output stream) or pipes (two).
    var hasTerminal: Bool { get }

    /// Carries bytes both ways until the program has ended **and** all its output has been delivered, or until the detach
    /// keys are typed. Nothing that the program wrote is lost, however slow the reader of `output` is.
    ///
    /// When the program has ended the engine has also settled its container: with `--rm` it is gone by then.
    /// - Parameters:
    ///   - streams: descriptors of the caller; they are not closed. Bytes of `input` that were not yet sent when the
    ///     program ends stay unread for the next reader where the kernel allows it.
    ///   - detachKeys: `nil` means that no key detaches.
    /// - Throws: `EngineError`; `.unreachable` when the supervisor died.
    func relay(_ streams: AttachedStreams, detachKeys: DetachKeys?) async throws -> AttachmentEnd

    /// Tells the program's terminal its new size; does nothing where there is none.
    func resize(to size: TerminalSize) async throws

    /// Sends a signal to the program.
    func send(_ signal: Signal) async throws

    /// Ends `relay` with `.detached`; the program goes on.
    func detach() async
}

/// How an attachment ended.
public enum AttachmentEnd: Hashable, Sendable {
    /// The program ended with this status, 0 to 255 (128 + n by signal n).
    case exited(Int32)
    /// The program goes on without us.
    case detached
}

/// Descriptors of the caller that an attachment reads and writes.
public struct AttachedStreams: Hashable, Sendable {
    /// Read until end of file; `nil` sends nothing.
    public var input: Int32?
    /// Where standard output (or the terminal's output) goes; `nil` drops it.
    public var output: Int32?
    /// Where standard error goes; `nil` drops it.
    public var error: Int32?

    /// Takes descriptors that stay open as long as the attachment.
    public init(input: Int32?, output: Int32?, error: Int32?) {
        self.input = input
        self.output = output
        self.error = error
    }
}

/// Which of the program's streams a new attachment wants.
public struct AttachRequest: Hashable, Sendable {
    /// Whether input is sent.
    public var input: Bool
    /// Whether output is received.
    public var output: Bool
    /// The size of the caller's terminal, where it has one.
    public var terminalSize: TerminalSize?

    /// All streams, no size.
    public init(input: Bool = true, output: Bool = true, terminalSize: TerminalSize? = nil) {
        self.input = input
        self.output = output
        self.terminalSize = terminalSize
    }
}

/// The keys that leave an attached container running.
public struct DetachKeys: Hashable, Sendable {
    /// What the keys send, one byte each.
    public let bytes: [UInt8]

    /// Ctrl-P Ctrl-Q.
    public static let standard = DetachKeys(bytes: [0x10, 0x11])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `ctrl-p,ctrl-q`, `a`, `ctrl-@`; `nil` for the empty text, which turns detaching off.
    public static func parse(_ text: some StringProtocol) throws(Malformed) -> DetachKeys? {
        if text.isEmpty { return nil }
        var bytes: [UInt8] = []
        for key in text.split(separator: ",", omittingEmptySubsequences: false) {
            let characters = Array(key.utf8)
            if characters.count == 1 {
                bytes.append(characters[0])
            } else if key.lowercased().hasPrefix("ctrl-"), characters.count == 6 {
                let character = characters[5]
                switch character {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): bytes.append(character - 96)
                case UInt8(ascii: "@"), UInt8(ascii: "[")...UInt8(ascii: "_"): bytes.append(character - 64)
                default: throw Malformed(key, "Unknown character: '\(key)'")
                }
            } else {
                throw Malformed(key, "a key is one character, or ctrl- and one of a-z @ [ \\ ] ^ _")
            }
        }
        return DetachKeys(bytes: bytes)
    }
}
