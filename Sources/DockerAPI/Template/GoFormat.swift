// SPDX-License-Identifier: Apache-2.0

/// Go's fmt.Sprintf and fmt.Sprint for the verbs that templates use: %v %s %d %q %t %x %X %o %b %c %f %e %g %T and %%.
enum GoFormat {
    private struct Directive {
        var minus = false
        var plus = false
        var zero = false
        var space = false
        var sharp = false
        var width: Int?
        var precision: Int?
    }

    /// fmt.Sprint: a blank only between operands of which neither is a text.
    static func print(_ values: [JSONValue]) -> String {
        var result = ""
        for (index, value) in values.enumerated() {
            if index > 0, !isText(value), !isText(values[index - 1]) { result += " " }
            result += GoText.plain(value)
        }
        return result
    }

    private static func isText(_ value: JSONValue) -> Bool { if case .string = value { true } else { false } }

    /// fmt.Sprintf, its complaints about missing and surplus values included.
    static func printf(_ format: String, _ values: [JSONValue]) -> String {
        let scalars = Array(format.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        var used = 0
        while index < scalars.count {
            guard scalars[index] == "%" else {
                result.append(scalars[index])
                index += 1
                continue
            }
            index += 1
            let directive = read(scalars, &index)
            guard index < scalars.count else {
                result += "%!(NOVERB)".unicodeScalars
                break
            }
            let verb = scalars[index]
            index += 1
            if verb == "%" {
                result.append("%")
            } else if used < values.count {
                result += text(verb, values[used], directive).unicodeScalars
                used += 1
            } else {
                result += "%!\(verb)(MISSING)".unicodeScalars
            }
        }
        let surplus = values.dropFirst(used).map { "\(GoText.typeName($0))=\(GoText.plain($0))" }
        return String(result) + (surplus.isEmpty ? "" : "%!(EXTRA \(surplus.joined(separator: ", ")))")
    }

    private static func read(_ scalars: [Unicode.Scalar], _ index: inout Int) -> Directive {
        var directive = Directive()
        flags: while index < scalars.count {
            switch scalars[index] {
            case "-": directive.minus = true
            case "+": directive.plus = true
            case "0": directive.zero = true
            case " ": directive.space = true
            case "#": directive.sharp = true
            default: break flags
            }
            index += 1
        }
        directive.width = number(scalars, &index)
        if index < scalars.count, scalars[index] == "." {
            index += 1
            directive.precision = number(scalars, &index) ?? 0
        }
        return directive
    }

    private static func number(_ scalars: [Unicode.Scalar], _ index: inout Int) -> Int? {
        var value: Int?
        while index < scalars.count,
            let digit = scalars[index].properties.numericType == .decimal
                ? Int(String(scalars[index])) : nil
        {
            // Go refuses widths past a million; cutting there keeps a mistake from filling the memory.
            value = min((value ?? 0) * 10 + digit, 1_000_000)
            index += 1
        }
        return value
    }

    private static func text(_ verb: Unicode.Scalar, _ value: JSONValue, _ directive: Directive) -> String {
        switch (verb, value) {
        case ("T", _): return padded(GoText.typeName(value), directive)
        case ("v", .string(let text)), ("s", .string(let text)): return padded(cut(text, directive), directive)
        case ("v", .integer(let number)), ("d", .integer(let number)): return integer(number, 10, directive)
        case ("v", .number(let number)), ("g", .number(let number)):
            return padded(GoText.float(number), directive)
        case ("v", _), ("t", .bool): return padded(GoText.plain(value), directive)
        case ("q", .string(let text)): return padded(GoText.quoted(cut(text, directive)), directive)
        case ("q", .integer(let number)):
            return padded("'\(Unicode.Scalar(UInt32(clamping: number)).map(String.init) ?? "\u{FFFD}")'", directive)
        case ("c", .integer(let number)):
            return padded(Unicode.Scalar(UInt32(clamping: number)).map(String.init) ?? "\u{FFFD}", directive)
        case ("x", .integer(let number)): return integer(number, 16, directive)
        case ("X", .integer(let number)): return integer(number, 16, directive).uppercased()
        case ("o", .integer(let number)): return integer(number, 8, directive)
        case ("b", .integer(let number)): return integer(number, 2, directive)
        case ("x", .string(let text)): return padded(hex(text), directive)
        case ("X", .string(let text)): return padded(hex(text).uppercased(), directive)
        case ("f", .number(let number)), ("F", .number(let number)): return fixed(number, directive)
        case ("s", .array(let elements)), ("d", .array(let elements)), ("q", .array(let elements)):
            return "[" + elements.map { text(verb, $0, directive) }.joined(separator: " ") + "]"
        default:
            if case .null = value { return "%!\(verb)(<nil>)" }
            return "%!\(verb)(\(GoText.typeName(value))=\(GoText.plain(value)))"
        }
    }

    private static func cut(_ text: String, _ directive: Directive) -> String {
        directive.precision.map { String(String.UnicodeScalarView(text.unicodeScalars.prefix($0))) } ?? text
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func integer(_ number: Int64, _ radix: Int, _ directive: Directive) -> String {
        var digits = String(number.magnitude, radix: radix)
        let sign = number < 0 ? "-" : directive.plus ? "+" : directive.space ? " " : ""
        let prefix = directive.sharp ? [16: "0x", 8: "0", 2: "0b"][radix] ?? "" : ""
        let least =
            directive.precision ?? (directive.zero && !directive.minus ? (directive.width ?? 0) - sign.count : 0)
        digits = String(repeating: "0", count: max(0, least - digits.count)) + digits
        return padded(sign + prefix + digits, directive)
    }

    /// `%.2f`; six decimals unless said otherwise.
    private static func fixed(_ number: Double, _ directive: Directive) -> String {
        let decimals = min(directive.precision ?? 6, 17)
        var factor = 1.0
        for _ in 0..<decimals { factor *= 10 }
        let scaled = (number.magnitude * factor).rounded(.toNearestOrEven)
        guard scaled < 9e18 else { return padded(GoText.float(number), directive) }
        var digits = String(Int64(scaled))
        digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = number < 0 ? "-" : directive.plus ? "+" : ""
        let text = decimals == 0 ? digits : "\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
        guard directive.zero, !directive.minus, let width = directive.width else {
            return padded(sign + text, directive)
        }
        return sign + String(repeating: "0", count: max(0, width - sign.count - text.count)) + text
    }

    private static func padded(_ text: String, _ directive: Directive) -> String {
        guard let width = directive.width else { return text }
        let blanks = String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
        return directive.minus ? text + blanks : blanks + text
    }
}
