// SPDX-License-Identifier: Apache-2.0

/// One message on the socket between a monitor and a client that is attached to its container.
///
/// On the wire: the kind (one byte), the payload's length (four bytes, little-endian), the payload. A client speaks
/// first, with `hello`; the monitor answers with `welcome`. A client leaves by closing the socket.
///
/// Standard input has a window of its own: a client may have at most `inputWindow` bytes under way and waits for
/// `inputCredit` before it sends more. So a program that does not read its input holds up nothing else: a signal or a
/// resize behind megabytes of input still arrives at once.
public enum AttachFrame: Hashable, Sendable {
    /// Client: what it wants. Always its first frame.
    case hello(Hello)
    /// Client: bytes for standard input.
    case input([UInt8])
    /// Client: no more input will come from it.
    case inputClosed
    /// Client: its terminal's size.
    case resize(LaunchDescription.TerminalSize)
    /// Client: a signal for the program, by the kernel's number.
    case signal(Int32)

    /// Monitor: what the client is attached to. Always the monitor's first frame.
    case welcome(Welcome)
    /// Monitor: bytes from standard output, or from the terminal.
    case output([UInt8])
    /// Monitor: bytes from standard error.
    case errorOutput([UInt8])
    /// Monitor: so many more bytes of input may be sent.
    case inputCredit(UInt32)
    /// Monitor: the end has come and both streams are drained. Always the last frame.
    case exit(ExitRecord)
    /// Monitor: this client read too slowly beside others and is let go; the log has what it misses.
    case cut

    /// What a client wants.
    public struct Hello: Hashable, Sendable {
        /// Output is to be sent.
        public var wantsOutput = true
        /// Input may come.
        public var bringsInput = false
        /// The client settles the container once `exit` has reached it, so the monitor need not.
        public var settles = false
        /// The client is the `run` or `start -a` that made the container: not a byte of output may be withheld from
        /// it, so the program waits when this client does. Any other client is cut instead.
        public var isPatient = false

        /// A client that only looks on.
        public init() {}
    }

    /// What a client is attached to.
    public struct Welcome: Hashable, Sendable {
        /// The program has a terminal: there is one stream of output, and input is a terminal's.
        public var hasTerminal = false
        /// The program's standard input can be written to.
        public var takesInput = false
        /// How many bytes of input may be under way.
        public var inputWindow: UInt32 = 0

        /// A blank welcome.
        public init() {}
    }
}

extension AttachFrame {
    /// The byte that begins a frame.
    public enum Kind: UInt8, Sendable {
        case hello = 1, input, inputClosed, resize, signal
        case welcome = 65, output, errorOutput, inputCredit, exit, cut
    }

    /// Bytes before the payload.
    public static let headerSize = 5
    /// The longest payload; a longer one is refused as malformed.
    public static let longestPayload = 1 << 20

    /// The header of a frame whose payload is sent from where it lies, without a copy.
    public static func header(_ kind: Kind, payload: Int) -> (UInt8, UInt8, UInt8, UInt8, UInt8) {
        let size = UInt32(payload)
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) }
        return (kind.rawValue, bytes[0], bytes[1], bytes[2], bytes[3])
    }

    /// This frame as bytes.
    public var encoded: [UInt8] {
        switch self {
        case .hello(let hello): Self.frame(.hello, hello.encoded)
        case .input(let bytes): Self.frame(.input, bytes)
        case .inputClosed: Self.frame(.inputClosed, [])
        case .resize(let size): Self.frame(.resize, size.encoded)
        case .signal(let number): Self.frame(.signal, number)
        case .welcome(let welcome): Self.frame(.welcome, welcome.encoded)
        case .output(let bytes): Self.frame(.output, bytes)
        case .errorOutput(let bytes): Self.frame(.errorOutput, bytes)
        case .inputCredit(let count): Self.frame(.inputCredit, count)
        case .exit(let record): Self.frame(.exit, record.encoded)
        case .cut: Self.frame(.cut, [])
        }
    }

    private static func frame(_ kind: Kind, _ payload: [UInt8]) -> [UInt8] {
        let header = header(kind, payload: payload.count)
        return [header.0, header.1, header.2, header.3, header.4] + payload
    }

    private static func frame(_ kind: Kind, _ number: some FixedWidthInteger) -> [UInt8] {
        var wire = Wire()
        var number = number
        wire.carry(&number)
        return frame(kind, wire.bytes)
    }

    /// Reads one frame from its kind and payload.
    init(kind: UInt8, payload: [UInt8]) throws(MalformedBytes) {
        guard let kind = Kind(rawValue: kind) else { throw MalformedBytes(format: "AttachFrame") }
        switch kind {
        case .hello: self = .hello(try Hello(decoding: payload))
        case .input: self = .input(payload)
        case .inputClosed: self = .inputClosed
        case .resize: self = .resize(try LaunchDescription.TerminalSize(decoding: payload))
        case .signal: self = .signal(try Self.number(payload))
        case .welcome: self = .welcome(try Welcome(decoding: payload))
        case .output: self = .output(payload)
        case .errorOutput: self = .errorOutput(payload)
        case .inputCredit: self = .inputCredit(try Self.number(payload))
        case .exit: self = .exit(try ExitRecord(decoding: payload))
        case .cut: self = .cut
        }
    }

    private static func number<Value: FixedWidthInteger>(_ payload: [UInt8]) throws(MalformedBytes) -> Value {
        var wire = Wire(reading: payload)
        var value: Value = 0
        wire.carry(&value)
        guard wire.isSpent else { throw MalformedBytes(format: "AttachFrame") }
        return value
    }
}

extension AttachFrame.Hello: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&wantsOutput)
        wire.carry(&bringsInput)
        wire.carry(&settles)
        wire.carry(&isPatient)
    }
}

extension AttachFrame.Welcome: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&hasTerminal)
        wire.carry(&takesInput)
        wire.carry(&inputWindow)
    }
}

/// Turns what a socket yields, in pieces of any size, into frames.
public struct AttachFrameReader: Sendable {
    private var held: [UInt8] = []
    private var start = 0

    /// A reader that holds nothing.
    public init() {}

    /// Bytes that wait for the rest of their frame.
    public var pending: Int { held.count - start }

    /// Takes over what was read.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if start == held.count {
            held.removeAll(keepingCapacity: true)
            start = 0
        } else if start > AttachFrame.longestPayload {
            held.removeSubrange(..<start)
            start = 0
        }
        held.append(contentsOf: bytes)
    }

    /// The next whole frame, or `nil` until more is appended.
    public mutating func next() throws(MalformedBytes) -> AttachFrame? {
        guard pending >= AttachFrame.headerSize else { return nil }
        let size = (0..<4).reduce(0) { $0 | Int(held[start + 1 + $1]) << ($1 * 8) }
        guard size <= AttachFrame.longestPayload else { throw MalformedBytes(format: "AttachFrame") }
        let body = start + AttachFrame.headerSize
        guard held.count >= body + size else { return nil }
        defer { start = body + size }
        return try AttachFrame(kind: held[start], payload: Array(held[body..<body + size]))
    }
}
