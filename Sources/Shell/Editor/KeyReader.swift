// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Terminal

/// One key press, or what else can wake a waiting editor.
enum Key: Equatable {
    /// A character, control characters included.
    case scalar(Unicode.Scalar)
    case named(NamedKey)
    /// Alt with a character, which terminals send as ESC and that character.
    case alt(Unicode.Scalar)
    /// Text that the terminal says was pasted.
    case paste(String)
    /// An escape sequence that `.editrc` binds.
    case sequence(String)
    /// Ctrl-C, or SIGINT from elsewhere.
    case interrupt
    /// The terminal's answer to where its cursor is: the column, from 0.
    case position(Int)
    /// The terminal has another size.
    case resized
    /// The terminal is gone.
    case hangup
}

/// Keys that have a name on the keyboard.
enum NamedKey: String, CaseIterable {
    case escape, up, down, left, right, home, end, delete, pageUp, pageDown, wordLeft, wordRight, backTab, insert
}

/// Turns a terminal's bytes into keys.
///
/// It reads one byte at a time and never ahead of the key it returns: what is typed after Enter stays in the kernel, for
/// the command that runs next.
final class KeyReader {
    let descriptor: Int32
    private let signals: SignalWatch
    /// Signals that have come and have not been returned.
    private var arrived: Set<Int32> = []
    /// Sequences beginning with ESC that the user has bound and that are to be passed on whole.
    private let boundSequences: Set<String>
    /// Keys that came while an answer of the terminal's was awaited.
    private var unread: [Key] = []
    /// How long after ESC the rest of a sequence may take, in milliseconds: longer is a person who pressed Esc.
    private static let escapeDelay: Int32 = 30
    private static let longestSequence = 32
    /// How long a terminal may take to answer, in milliseconds: the way round the world.
    private static let answerDelay: Int32 = 400
    /// A paste whose end has not come for this long, in milliseconds, is taken as it is.
    private static let pasteDelay: Int32 = 3000

    init(descriptor: Int32, signals: SignalWatch, boundSequences: Set<String>) {
        self.boundSequences = boundSequences
        self.descriptor = descriptor
        self.signals = signals
    }

    /// Whether keys are waiting already.
    var hasPending: Bool { !unread.isEmpty || isReadable(within: 0) }

    /// The next key, whenever it comes.
    func next() -> Key {
        if let event = pendingSignal() { return event }
        if !unread.isEmpty { return unread.removeFirst() }
        while true {
            let isReadable = signals.wait(or: descriptor)
            // A signal first: Ctrl-C is about what was typed before it.
            if let event = pendingSignal() { return event }
            if isReadable, let key = readKey() { return key }
        }
    }

    /// The column in the terminal's answer to `CSI 6n`; keys that come before it are kept for ``next()``.
    ///
    /// - Returns: `nil` where no answer comes.
    func awaitPosition() -> Int? {
        while isReadable(within: Self.answerDelay) {
            guard let key = readKey() else { continue }
            if case .position(let column) = key { return column }
            unread.append(key)
            if key == .hangup { break }
        }
        return nil
    }

    /// Reads one key; `nil` for what is none.
    private func readKey() -> Key? {
        guard let byte = readByte() else { return .hangup }
        return byte == 0x1B ? escapeSequence() : scalar(startingWith: byte).map(Key.scalar)
    }

    private func pendingSignal() -> Key? {
        arrived.formUnion(signals.take())
        if arrived.remove(SIGINT) != nil { return .interrupt }
        return arrived.remove(SIGWINCH) != nil ? .resized : nil
    }

    private func isReadable(within milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, milliseconds) > 0
    }

    private func readByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return byte }
            if count == 0 { return nil }
            if errno == EAGAIN {
                // A program before us may have left the terminal non-blocking.
                _ = isReadable(within: -1)
            } else if errno != EINTR {
                return nil
            }
        }
    }

    /// The rest of a UTF-8 scalar; `nil` for bytes that are none, which are dropped.
    private func scalar(startingWith first: UInt8) -> Unicode.Scalar? {
        if first < 0x80 { return Unicode.Scalar(first) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first) else { return nil }
        var bytes = [first]
        while bytes.count < length {
            guard isReadable(within: 1000), let next = readByte(), next & 0xC0 == 0x80 else { return nil }
            bytes.append(next)
        }
        let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first
        // C1 controls stand for the named keys inside libedit, so nobody may type them.
        return scalar.flatMap { $0 == "\u{FFFD}" || (0x80..<0xA0).contains($0.value) ? nil : $0 }
    }

    private func escapeSequence() -> Key? {
        guard isReadable(within: Self.escapeDelay), let next = readByte() else { return .named(.escape) }
        switch next {
        case UInt8(ascii: "["): return controlSequence(introducer: "[")
        case UInt8(ascii: "O"):
            guard isReadable(within: Self.escapeDelay) else { return .alt("O") }
            return controlSequence(introducer: "O")
        case 0x1B: return .named(.escape)
        default: return scalar(startingWith: next).map(Key.alt)
        }
    }

    /// ECMA-48 §5.4: parameters and intermediates up to 0x3F, then one final byte.
    private func controlSequence(introducer: Character) -> Key? {
        var body = ""
        while body.utf8.count < Self.longestSequence {
            guard isReadable(within: Self.escapeDelay), let byte = readByte() else { break }
            body.unicodeScalars.append(Unicode.Scalar(byte))
            guard byte >= 0x40 else { continue }
            let sequence = "\u{1B}" + String(introducer) + body
            if boundSequences.contains(sequence) { return .sequence(sequence) }
            if sequence == "\u{1B}[200~" { return .paste(readPaste()) }
            if introducer == "[", body.hasSuffix("R") {
                // CSI row ; column R. F3 of some terminals is CSI R, which has no column.
                return body.dropLast().split(separator: ";").last.flatMap { Int($0) }.map { .position($0 - 1) }
            }
            return NamedKey(sequence: sequence).map(Key.named)
        }
        return introducer == "[" && body.isEmpty ? .alt("[") : nil
    }

    /// Everything up to the end of a bracketed paste, with line feeds as line ends and without other controls.
    private func readPaste() -> String {
        let end = Array("\u{1B}[201~".utf8)
        var bytes: [UInt8] = []
        while isReadable(within: Self.pasteDelay), let byte = readByte() {
            bytes.append(byte)
            if byte == end.last, bytes.suffix(end.count).elementsEqual(end) {
                bytes.removeLast(end.count)
                break
            }
        }
        return Self.cleaned(String(decoding: bytes, as: UTF8.self))
    }

    /// Pasted text must not smuggle keys in: no escape sequence survives, and no line feed at the end runs anything.
    static func cleaned(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var last: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            defer { last = scalar }
            switch scalar.value {
            case 0x0D: scalars.append("\n")
            case 0x0A: if last != "\r" { scalars.append("\n") }
            case 0x09: scalars.append(scalar)
            case 0..<0x20, 0x7F..<0xA0: break
            default: scalars.append(scalar)
            }
        }
        while scalars.last == "\n" { scalars.removeLast() }
        return String(scalars)
    }
}

extension NamedKey {
    /// The key that a sequence means in xterm, VT220, rxvt, the Linux console and their descendants.
    init?(sequence: String) {
        let body = sequence.dropFirst(2)
        guard let final = body.last else { return nil }
        let parameters = body.dropLast().split(separator: ";", omittingEmptySubsequences: false)
        // xterm's modifier: 1 + bits of shift, alt and ctrl. Alt or Ctrl with an arrow goes by words.
        let modifier = parameters.count > 1 ? (Int(parameters[1]) ?? 1) - 1 : 0
        let byWords = modifier & 0b110 != 0
        switch final {
        case "A": self = .up
        case "B": self = .down
        case "C": self = byWords ? .wordRight : .right
        case "D": self = byWords ? .wordLeft : .left
        case "H": self = .home
        case "F": self = .end
        case "Z": self = .backTab
        case "c": self = .wordRight  // rxvt, with Ctrl
        case "d": self = .wordLeft
        case "~":
            switch parameters.first {
            case "1", "7": self = .home
            case "2": self = .insert
            case "3": self = .delete
            case "4", "8": self = .end
            case "5": self = .pageUp
            case "6": self = .pageDown
            default: return nil
            }
        default: return nil
        }
    }
}
