// SPDX-License-Identifier: Apache-2.0

/// Values as Go's fmt and strconv write them.
public enum GoText {
    /// strconv.Quote: what cannot be printed becomes an escape.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\u{B}": result += "\\v"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\\x" + hex(scalar.value, 2)
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default: result += scalar.value > 0xFFFF ? "\\U" + hex(scalar.value, 8) : "\\u" + hex(scalar.value, 4)
            }
        }
        return result + "\""
    }

    /// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == " " { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default: return true
        }
    }

    private static func hex(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The text that a Go literal in `"`, `'` or backquotes means; `nil` for a wrong escape.
    static func unquoted(_ literal: String) -> String? {
        let inner = Array(literal.unicodeScalars.dropFirst().dropLast())
        if literal.first == "`" { return String(String.UnicodeScalarView(inner.filter { $0 != "\r" })) }
        var bytes: [UInt8] = []
        var index = 0
        func number(_ count: Int, _ radix: Int) -> UInt32? {
            guard index + count <= inner.count else { return nil }
            defer { index += count }
            return UInt32(String(String.UnicodeScalarView(inner[index..<index + count])), radix: radix)
        }
        while index < inner.count {
            let scalar = inner[index]
            index += 1
            guard scalar == "\\" else {
                bytes += Array(String(scalar).utf8)
                continue
            }
            guard index < inner.count else { return nil }
            let escape = inner[index]
            index += 1
            let simple: [Unicode.Scalar: UInt8] = [
                "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "\"": 34, "'": 39,
            ]
            if let byte = simple[escape] {
                bytes.append(byte)
            } else if escape == "x" || ("0"..."7").contains(escape) {
                if escape != "x" { index -= 1 }
                guard let value = escape == "x" ? number(2, 16) : number(3, 8), value < 256 else { return nil }
                bytes.append(UInt8(value))
            } else if escape == "u" || escape == "U" {
                guard let value = number(escape == "u" ? 4 : 8, 16), let scalar = Unicode.Scalar(value) else {
                    return nil
                }
                bytes += Array(String(scalar).utf8)
            } else {
                return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `%v`: what `{{.X}}` prints.
    static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null(let absence): absence.rawValue
        case .bool(let value): value ? "true" : "false"
        case .integer(let number): "\(number)"
        case .number(let number): float(number)
        case .string(let text): text
        case .array(let elements): "[" + elements.map(plain).joined(separator: " ") + "]"
        case .object(let object):
            switch object.kind {
            case .fields, .row: "{" + object.entries.map { plain($0.value) }.joined(separator: " ") + "}"
            case .texts, .map:
                "map[" + object.visited.map { "\($0.key):\(plain($0.value))" }.joined(separator: " ") + "]"
            }
        }
    }

    /// strconv.FormatFloat(number, 'g', -1, 64): the shortest digits, with an exponent from 1e+21.
    static func float(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: number) { return "\(whole)" }
        let text = "\(number)"
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
            return text
        }
        let digits = String(abs(exponent))
        let mantissa = text[..<mark].hasSuffix(".0") ? text[..<mark].dropLast(2) : text[..<mark]
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(digits.utf8.count < 2 ? "0" : "")\(digits)"
    }

    /// The Go type that an error message names.
    static func typeName(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool: "bool"
        case .integer: "int"
        case .number: "float64"
        case .string: "string"
        case .array(let elements):
            elements.allSatisfy { if case .string = $0 { true } else { false } } ? "[]string" : "[]interface {}"
        case .object(let object):
            switch object.kind {
            case .row(let name): name
            case .texts: "map[string]string"
            case .fields, .map: "map[string]interface {}"
            }
        }
    }
}
