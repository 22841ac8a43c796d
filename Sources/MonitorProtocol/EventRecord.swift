// SPDX-License-Identifier: Apache-2.0

/// One event in the engine's append-only file: a line, written by one write(2) to a descriptor opened `O_APPEND`, so
/// that the records of several processes never mix.
///
/// On disk: the time, what happened to what, its id, then `name=value` pairs, separated by tabs. Tab, newline and
/// backslash inside a field are written `\t`, `\n`, `\\`.
public struct EventRecord: Hashable, Sendable {
    /// A name and a value that say more.
    public struct Attribute: Hashable, Sendable {
        /// The name; it has no `=`.
        public var name: String
        /// The value.
        public var value: String

        /// An attribute.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Nanoseconds since 1970, UTC.
    public var time: Int64
    /// `container`, `image`, `network`, `volume`.
    public var type: String
    /// `start`, `die`, `destroy` …
    public var action: String
    /// The id of what it happened to.
    public var id: String
    /// In the order in which they are shown.
    public var attributes: [Attribute]

    /// An event.
    public init(time: Int64, type: String, action: String, id: String, attributes: [Attribute] = []) {
        self.time = time
        self.type = type
        self.action = action
        self.id = id
        self.attributes = attributes
    }

    /// The record with its newline.
    public var line: [UInt8] {
        var bytes = Array("\(time)".utf8)
        let fields = [type, action, id] + attributes.map { "\($0.name)=\($0.value)" }
        for field in fields {
            bytes.append(UInt8(ascii: "\t"))
            for byte in field.utf8 {
                switch byte {
                case UInt8(ascii: "\t"): bytes += Array("\\t".utf8)
                case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
                case UInt8(ascii: "\\"): bytes += Array("\\\\".utf8)
                default: bytes.append(byte)
                }
            }
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Reads a line, with or without its newline.
    public init(line: some Collection<UInt8>) throws(MalformedBytes) {
        var fields: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in line {
            switch (isEscaped, byte) {
            case (true, UInt8(ascii: "t")): fields[fields.count - 1].append(UInt8(ascii: "\t"))
            case (true, UInt8(ascii: "n")): fields[fields.count - 1].append(UInt8(ascii: "\n"))
            case (false, UInt8(ascii: "\t")): fields.append([])
            case (false, UInt8(ascii: "\n")), (false, UInt8(ascii: "\\")): break
            default: fields[fields.count - 1].append(byte)
            }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        let texts = fields.map { String(decoding: $0, as: UTF8.self) }
        guard texts.count >= 4, let time = Int64(texts[0]) else { throw MalformedBytes(format: "EventRecord") }
        self.init(time: time, type: texts[1], action: texts[2], id: texts[3])
        for text in texts.dropFirst(4) {
            guard let equals = text.firstIndex(of: "=") else { throw MalformedBytes(format: "EventRecord") }
            attributes.append(
                Attribute(name: String(text[..<equals]), value: String(text[text.index(after: equals)...])))
        }
    }
}
