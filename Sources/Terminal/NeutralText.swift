// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// The text with everything that could command a terminal, or reorder what a person reads, made visible.
    ///
    /// Names, labels, commands and paths come from images that anybody may have made. `ESC` becomes `^[`, a line feed
    /// `^J`, a C1 control or a bidirectional override `<U+009B>`. Text without any of these is returned unchanged.
    public var neutralised: String {
        guard unicodeScalars.contains(where: \.commandsTerminal) else { return String(self) }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.commandsTerminal {
                result += scalar.visibleForm
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, the separators that some programs take for new lines, and what changes the direction of text.
    var commandsTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    fileprivate var visibleForm: String {
        if value < 0x80 {
            var form = "^"
            // Caret notation flips bit 6: 0x1B is `^[`, DEL is `^?`.
            form.unicodeScalars.append(Unicode.Scalar(UInt8(value) ^ 0x40))
            return form
        }
        let digits = String(value, radix: 16, uppercase: true)
        return "<U+" + String(repeating: "0", count: Swift.max(0, 4 - digits.count)) + digits + ">"
    }
}

/// Makes a container's output safe for a terminal while it streams: text, new lines, tabs and colours pass; whatever
/// else could command the terminal is made visible.
///
/// Works on bytes, so that a sequence or a character cut in two by a read is still seen whole. Bytes that are no UTF-8
/// pass as they are: the terminal shows them as it likes, and none of them begins a command in a UTF-8 terminal.
public struct StreamNeutraliser: Sendable {
    private var pending: [UInt8] = []
    /// Longest colour sequence that is believed; a longer one is shown instead.
    private static let longestSequence = 64

    public init() {}

    /// Takes what was read and returns what may be written now.
    public mutating func neutralise(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes { take(byte, into: &output) }
        return output
    }

    /// Returns what was held back when the stream ended in the middle of a sequence.
    public mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        showPending(into: &output)
        return output
    }

    private mutating func take(_ byte: UInt8, into output: inout [UInt8]) {
        if pending == [0xC2] {
            pending = []
            // C1 controls in UTF-8: U+009B would begin a command without any ESC.
            if (0x80..<0xA0).contains(byte) {
                output += Array("<U+00\(String(byte, radix: 16, uppercase: true))>".utf8)
            } else {
                output.append(0xC2)
                take(byte, into: &output)
            }
        } else if !pending.isEmpty {
            takeInSequence(byte, into: &output)
        } else if byte == 0x1B || byte == 0xC2 {
            pending = [byte]
        } else if byte == 0x7F || (byte < 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09) {
            output += [0x5E, byte ^ 0x40]
        } else {
            output.append(byte)
        }
    }

    /// After ESC: only `[`, digits, `;` and `:`, then `m`, is a colour (ECMA-48, SGR).
    private mutating func takeInSequence(_ byte: UInt8, into output: inout [UInt8]) {
        let belongs =
            pending.count == 1 ? byte == 0x5B : (0x30...0x3B).contains(byte) && pending.count < Self.longestSequence
        if belongs {
            pending.append(byte)
        } else if byte == 0x6D, pending.count > 1 {
            output += pending + [byte]
            pending = []
        } else {
            showPending(into: &output)
            take(byte, into: &output)
        }
    }

    private mutating func showPending(into output: inout [UInt8]) {
        if pending.first == 0x1B {
            output += [0x5E, 0x5B] + pending.dropFirst()
        } else {
            output += pending
        }
        pending = []
    }
}
