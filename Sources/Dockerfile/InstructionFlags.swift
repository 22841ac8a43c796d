// SPDX-License-Identifier: Apache-2.0

/// One `--name=value` as it stands before an instruction's arguments, its quotes removed.
struct WrittenFlag {
    let name: Word
    /// `nil` where there is no `=`.
    let value: Word?
    /// All of it.
    let span: TextSpan

    /// Takes the flags off the front of a part of an instruction; what follows them is the rest.
    ///
    /// A backslash escapes here whatever the file's own escape is, and `--` ends the flags, both as in BuildKit.
    static func take(from text: LogicalText, _ range: Range<Int>) -> (flags: [WrittenFlag], rest: Range<Int>) {
        var flags: [WrittenFlag] = []
        var rest = text.trimmed(range)
        while text.bytes[rest].starts(with: [Byte.dash, Byte.dash]) {
            let word = word(in: text, rest)
            rest = text.trimmed(word.range.upperBound..<rest.upperBound)
            let plain = String(decoding: word.bytes, as: UTF8.self)
            if plain == "--" { return (flags, rest) }
            let (name, value) = plain.dropFirst(2).cut(atFirst: "=")
            let equals = text.bytes[word.range].firstIndex(of: Byte.equals) ?? word.range.upperBound
            let nameSpan = text.span(word.range.lowerBound..<equals)
            let valueSpan = text.span(min(equals + 1, word.range.upperBound)..<word.range.upperBound)
            flags.append(
                WrittenFlag(
                    name: Word(String(name), nameSpan), value: value.map { Word(String($0), valueSpan) },
                    span: text.span(word.range)))
        }
        return (flags, rest)
    }

    private static func word(in text: LogicalText, _ range: Range<Int>) -> (range: Range<Int>, bytes: [UInt8]) {
        var plain: [UInt8] = []
        var quote: UInt8?
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = text.bytes[position]
            if quote == nil, Byte.isBlank(byte) { break }
            position += 1
            if byte == Byte.backslash {
                guard position < range.upperBound else { break }
                plain.append(text.bytes[position])
                position += 1
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == Byte.single || byte == Byte.double {
                quote = byte
            } else {
                plain.append(byte)
            }
        }
        return (range.lowerBound..<position, plain)
    }
}

/// The flags of one instruction, checked against those that it takes.
struct InstructionFlags {
    enum Kind { case text, texts, bool }

    private var values: [String: [Word]] = [:]

    init(_ flags: [WrittenFlag], allowed: [String: Kind]) throws(DockerfileError) {
        for flag in flags {
            let name = flag.name.text
            guard let kind = allowed[name] else {
                let near = nearestWord(to: name, among: allowed.keys.sorted())
                throw DockerfileError("unknown flag: --\(name)", flag.name.span, suggestion: near.map { "--" + $0 })
            }
            if values[name] != nil, kind != .texts {
                throw DockerfileError("duplicate flag specified: --\(name)", flag.span)
            }
            if kind == .bool {
                let value = flag.value?.text.lowercased() ?? "true"
                guard !value.isEmpty else { throw DockerfileError("missing a value on flag: --\(name)", flag.span) }
                guard value == "true" || value == "false" else {
                    throw DockerfileError(
                        "expecting boolean value for flag --\(name), not: \(flag.value?.text ?? "")", flag.span)
                }
                values[name] = [Word(value, flag.span)]
            } else {
                guard let value = flag.value else {
                    throw DockerfileError("missing a value on flag: --\(name)", flag.span)
                }
                values[name, default: []].append(value)
            }
        }
    }

    /// The value of a flag that stands at most once; an empty value is none.
    func text(_ name: String) -> Word? { values[name]?.first.flatMap { $0.text.isEmpty ? nil : $0 } }

    func texts(_ name: String) -> [Word] { values[name] ?? [] }

    func isSet(_ name: String) -> Bool { values[name]?.first?.text == "true" }

    /// `nil` where the flag is not given.
    func bool(_ name: String) -> Bool? { values[name]?.first.map { $0.text == "true" } }

    /// The value of a flag that has a few known values.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ noun: String
    ) throws(DockerfileError) -> Value? where Value.RawValue == String {
        guard let word = text(name) else { return nil }
        guard let value = Value(rawValue: word.text) else {
            let near = nearestWord(to: word.text, among: Value.allCases.map(\.rawValue))
            throw DockerfileError("\(noun) \(word.text.quoted) is not supported", word.span, suggestion: near)
        }
        return value
    }
}
