// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The document as Docker's `inspect` prints it: four blanks a level, no newline at the end.
    public var indentedText: String {
        var writer = JSONWriter(indent: "    ")
        writer.write(self, escapingHTML: false)
        return writer.text
    }

    /// The document on one line without blanks, as `{{json .}}` prints it.
    public var compactText: String {
        var writer = JSONWriter(indent: nil)
        writer.write(self, escapingHTML: false)
        return writer.text
    }
}

/// Writes JSON as Go's encoding/json does.
struct JSONWriter {
    private(set) var text = ""
    private let indent: String?
    private var level = 0

    init(indent: String?) { self.indent = indent }

    mutating func write(_ value: JSONValue, escapingHTML: Bool) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let number): text += "\(number)"
        case .number(let number): text += Self.digits(of: number)
        case .string(let string): write(string, escapingHTML: escapingHTML)
        case .array(let elements):
            list("[", "]", elements) { writer, element in writer.write(element, escapingHTML: escapingHTML) }
        case .object(let object):
            // A row writes itself through json.Marshal, which escapes <, > and & whatever its caller asks for.
            let escapes = if case .row = object.kind { true } else { escapingHTML }
            list("{", "}", object.visited) { writer, entry in
                writer.write(entry.key, escapingHTML: escapes)
                writer.text += writer.indent == nil ? ":" : ": "
                writer.write(entry.value, escapingHTML: escapes)
            }
        }
    }

    private mutating func list<Element>(
        _ opening: String, _ closing: String, _ elements: [Element], _ body: (inout JSONWriter, Element) -> Void
    ) {
        text += opening
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            breakLine()
            body(&self, element)
        }
        level -= 1
        if !elements.isEmpty { breakLine() }
        text += closing
    }

    private mutating func breakLine() {
        guard let indent else { return }
        text += "\n" + String(repeating: indent, count: level)
    }

    private mutating func write(_ string: String, escapingHTML: Bool) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{C}": text += "\\f"
            // JavaScript ends a line at these two; Go escapes them always.
            case "\u{2028}", "\u{2029}": text += "\\u" + String(scalar.value, radix: 16)
            case "<" where escapingHTML, ">" where escapingHTML, "&" where escapingHTML:
                text += "\\u00" + String(scalar.value, radix: 16)
            case _ where scalar.value < 0x20:
                text += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// A number without a fraction has no point, as in Go; JSON knows no infinity.
    static func digits(of number: Double) -> String {
        guard number.isFinite else { return "null" }
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return "\(number)"
    }
}
