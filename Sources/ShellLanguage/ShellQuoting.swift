// SPDX-License-Identifier: Apache-2.0

/// Writes text so that the language, and sh, read exactly that text again.
public enum ShellQuoting {
    /// A whole word: `my file` becomes `'my file'`, and what needs no quotes has none.
    public static func quote(_ text: String) -> String {
        if isPlain(text) { return text }
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return ansi(text) }
        if !text.utf8.contains(Byte.single) { return "'\(text)'" }
        return "\"" + doubled(text) + "\""
    }

    /// The rest of a word that is being typed, where quotes may be open; they stay open.
    ///
    /// - Parameters:
    ///   - text: what the word shall say.
    ///   - quoting: in which quotes the cursor is; the opening quote is part of the result.
    public static func continued(_ text: String, in quoting: WordPiece.Quoting) -> String {
        switch quoting {
        case .none, .escaped: escaped(text)
        case .single: "'" + singled(text)
        case .double: "\"" + doubled(text)
        case .ansi: "$'" + ansiEscaped(text)
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        if [Byte.hash, Byte.tilde, Byte.bang, Byte.at, Byte.openBrace, Byte.closeBrace].contains(first) {
            return false
        }
        return text.utf8.allSatisfy(isPlain)
    }

    /// Characters that mean nothing to dsh or to any sh, wherever they stand in a word but at its beginning.
    private static func isPlain(_ byte: UInt8) -> Bool {
        if byte >= 0x80 || Byte.continuesName(byte) { return true }
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: ","), Byte.equals,
            UInt8(ascii: "+"), UInt8(ascii: "%"), Byte.at, Byte.hash, Byte.tilde, Byte.openBrace, Byte.closeBrace,
            UInt8(ascii: "^"):
            return true
        default: return false
        }
    }

    private static func escaped(_ text: String) -> String {
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return ansi(text) }
        var result = ""
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let isPlain = scalar.value >= 0x80 || isPlain(UInt8(scalar.value))
            let isFirst = index == 0 && !(scalar.value >= 0x80) && !Self.isPlain(String(scalar))
            if !isPlain || isFirst { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private static func singled(_ text: String) -> String {
        text.reduce(into: "") { $0 += $1 == "'" ? "'\\''" : String($1) }
    }

    static func doubled(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if ["\"", "\\", "$", "`"].contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    static func ansi(_ text: String) -> String { "$'" + ansiEscaped(text) + "'" }

    private static func ansiEscaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\x" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
