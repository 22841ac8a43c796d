// SPDX-License-Identifier: Apache-2.0

/// Reads the value of RUN's `--mount`: `type=cache,target=/root/.cache`.
struct MountReader {
    private static let keys = [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid",
        "src",
        "dst", "destination", "ro", "rw", "readwrite", "env",
    ]

    private let flag: Word
    private var mount: RunMount
    private var isReadOnlySaid = false
    /// The field that is being read.
    private var field: TextSpan

    /// Reads a flag; `expand` replaces the variables of one value.
    static func read(
        _ flag: Word, expand: (Word) throws(DockerfileError) -> String
    ) throws(DockerfileError) -> RunMount {
        var reader = MountReader(flag)
        for (text, span) in try reader.fields() {
            reader.field = span
            let (key, value) = text.cut(atFirst: "=")
            try reader.set(
                key.lowercased(),
                try value.map { value throws(DockerfileError) in try expand(Word(String(value), span)) },
                field: text)
        }
        try reader.finish()
        return reader.mount
    }

    private init(_ flag: Word) {
        self.flag = flag
        field = flag.span
        mount = RunMount(span: flag.span)
    }

    /// The values between commas, of which one may be in double quotes, as in a CSV file.
    private func fields() throws(DockerfileError) -> [(String, TextSpan)] {
        var fields: [(String, TextSpan)] = []
        var rest = Array(flag.text.utf8)[...]
        while true {
            let start = rest.startIndex
            var value: [UInt8] = []
            if rest.first == Byte.double {
                rest = rest.dropFirst()
                while true {
                    guard let byte = rest.popFirst() else {
                        throw DockerfileError("failed to parse csv mounts: a quote is never closed", flag.span)
                    }
                    if byte == Byte.double {
                        guard rest.first == Byte.double else { break }
                        rest = rest.dropFirst()
                    }
                    value.append(byte)
                }
            } else {
                let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
                value = Array(rest[..<end])
                rest = rest[end...]
                if value.contains(Byte.double) {
                    throw DockerfileError("failed to parse csv mounts: bare \" in non-quoted-field", flag.span)
                }
            }
            fields.append((String(decoding: value, as: UTF8.self), flag.span(of: start..<rest.startIndex)))
            guard let separator = rest.popFirst() else { return fields }
            guard separator == UInt8(ascii: ",") else {
                throw DockerfileError("failed to parse csv mounts: extraneous or missing \" in quoted-field", flag.span)
            }
        }
    }

    private mutating func set(_ key: String, _ value: String?, field text: String) throws(DockerfileError) {
        guard let value else {
            switch key {
            case "readonly", "ro": setReadOnly(true)
            case "readwrite", "rw": setReadOnly(false)
            case "required": try setRequired(true, key)
            default: throw DockerfileError("invalid field '\(text)' must be a key=value pair", field)
            }
            return
        }
        switch key {
        case "type": mount.kind = try choice(value, "unsupported mount type \(value.quoted)")
        case "from": mount.from = Word(value, field)
        case "source", "src": mount.source = value
        case "target", "dst", "destination": mount.target = value
        case "readonly", "ro": setReadOnly(try bool(value, key))
        case "readwrite", "rw": setReadOnly(!(try bool(value, key)))
        case "required": try setRequired(try bool(value, key), key)
        case "size":
            guard mount.kind == .tmpfs else { throw unexpected(key) }
            guard let size = Self.bytes(value) else { throw invalid(value, key) }
            mount.size = size
        case "id": mount.id = value
        case "sharing":
            mount.sharing = try choice(value, "unsupported sharing value \(value.quoted)") as RunMount.Sharing
        case "mode": mount.mode = try number(value, key, radix: 8)
        case "uid": mount.user = try number(value, key, radix: 10)
        case "gid": mount.group = try number(value, key, radix: 10)
        case "env":
            guard mount.kind == .secret else { throw unexpected(key) }
            mount.variable = value
        default:
            throw DockerfileError(
                "unexpected key '\(key)' in '\(text)'", field, suggestion: nearestWord(to: key, among: Self.keys))
        }
    }

    private mutating func setReadOnly(_ value: Bool) {
        mount.isReadOnly = value
        isReadOnlySaid = true
    }

    private mutating func setRequired(_ value: Bool, _ key: String) throws(DockerfileError) {
        guard mount.kind == .secret || mount.kind == .ssh else { throw unexpected(key) }
        mount.isRequired = value
    }

    private func unexpected(_ key: String) -> DockerfileError {
        DockerfileError(
            "unexpected key '\(key)' for mount type '\(mount.kind.rawValue)'", field,
            hint: key == "type" ? nil : "type=… must stand before it")
    }

    private func invalid(_ value: String, _ key: String) -> DockerfileError {
        DockerfileError("invalid value for \(key): \(value)", field)
    }

    private func choice<Value: RawRepresentable & CaseIterable>(
        _ value: String, _ message: String
    ) throws(DockerfileError) -> Value where Value.RawValue == String {
        if let found = Value(rawValue: value.lowercased()) { return found }
        let near = nearestWord(to: value.lowercased(), among: Value.allCases.map(\.rawValue))
        throw DockerfileError(message, field, suggestion: near)
    }

    /// As Go's `strconv.ParseBool` reads it.
    private func bool(_ value: String, _ key: String) throws(DockerfileError) -> Bool {
        switch value {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw invalid(value, key)
        }
    }

    private func number(_ value: String, _ key: String, radix: Int) throws(DockerfileError) -> UInt32 {
        guard value.utf8.first != UInt8(ascii: "+"), let number = UInt32(value, radix: radix) else {
            throw DockerfileError("invalid value \(value) for \(key)", field)
        }
        return number
    }

    /// `64m`, `1.5 GiB`: units of 1024, as go-units' `RAMInBytes`.
    private static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
        guard let value = Double(digits) else { return nil }
        var unit = text.dropFirst(digits.count).lowercased()[...]
        if unit.first == " " { unit = unit.dropFirst() }
        guard let power = ["", "k", "m", "g", "t", "p"].firstIndex(of: String(unit.prefix { "kmgtp".contains($0) })),
            ["", "b", "ib"].contains(unit.drop { "kmgtp".contains($0) })
        else { return nil }
        let bytes = (0..<power).reduce(value) { size, _ in size * 1024 }
        return bytes < 1e18 ? Int(bytes) : nil
    }

    /// What the flag may not say as a whole, and what it leaves open.
    private mutating func finish() throws(DockerfileError) {
        let kind = mount.kind
        let named = "\(kind.rawValue.quoted) type mounts"
        if kind == .bind || kind == .tmpfs {
            if mount.mode != nil { throw DockerfileError("mode not allowed for \(named)", flag.span) }
            if mount.user != nil { throw DockerfileError("uid not allowed for \(named)", flag.span) }
            if mount.group != nil { throw DockerfileError("gid not allowed for \(named)", flag.span) }
        }
        if !isReadOnlySaid { mount.isReadOnly = kind != .cache && kind != .tmpfs }
        if kind == .secret {
            if mount.from != nil { throw DockerfileError("secret mount should not have a from", flag.span) }
            if mount.sharing != nil { throw DockerfileError("secret mount should not define sharing", flag.span) }
            if mount.source == nil, mount.target == nil, mount.id == nil {
                throw DockerfileError("invalid secret mount. one of source, target required", flag.span)
            }
            if mount.source != nil, mount.id != nil {
                throw DockerfileError("both source and id can't be set", flag.span)
            }
        }
        if mount.sharing != nil, kind != .cache {
            throw DockerfileError("invalid cache sharing set for \(kind.rawValue) mount", flag.span)
        }
    }
}
