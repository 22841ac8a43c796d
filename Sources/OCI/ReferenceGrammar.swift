// SPDX-License-Identifier: Apache-2.0

/// The productions of a reference, each a question about one part.
///
/// Written out on bytes: a regular expression engine would cost every command more to start than the whole parse does.
///
/// - SeeAlso: github.com/distribution/reference, regexp.go.
enum Grammar {
    /// `host[:port]`, where the host is a name, an IPv4 address, or an IPv6 address in brackets.
    static func isDomain(_ text: String) -> Bool {
        var host = Array(text.utf8)[...]
        if host.first == UInt8(ascii: "[") {
            guard let bracket = host.lastIndex(of: UInt8(ascii: "]")) else { return false }
            let address = host[1..<bracket]
            let rest = host[(bracket + 1)...]
            return !address.isEmpty && address.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") }
                && (rest.isEmpty || (rest.first == UInt8(ascii: ":") && isNumber(rest.dropFirst())))
        }
        if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            guard isNumber(host[(colon + 1)...]) else { return false }
            host = host[..<colon]
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { component in
            guard let first = component.first, let last = component.last else { return false }
            return first.isLetterOrDigit && last.isLetterOrDigit
                && component.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
        }
    }

    /// Components of lower-case letters and digits, joined by `/`.
    static func isPath(_ text: Substring) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
            isPathComponent(Array($0))
        }
    }

    /// Between letters and digits stand one `.`, one or two `_`, or any number of `-`.
    private static func isPathComponent(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isPlain(first), isPlain(last) else { return false }
        var index = 0
        while index < bytes.count {
            let start = index
            while index < bytes.count, !isPlain(bytes[index]) { index += 1 }
            if index > start, !isSeparator(bytes[start..<index]) { return false }
            index += 1
        }
        return true
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte.isDigit || byte.isLowercase }

    private static func isSeparator(_ run: ArraySlice<UInt8>) -> Bool {
        switch run.first {
        case UInt8(ascii: "."): run.count == 1
        case UInt8(ascii: "_"): run.count <= 2 && run.allSatisfy { $0 == UInt8(ascii: "_") }
        case UInt8(ascii: "-"): run.allSatisfy { $0 == UInt8(ascii: "-") }
        default: false
        }
    }

    /// A letter, digit or `_`, then up to 127 of these, `.` and `-`.
    static func isTag(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 128 else { return false }
        func isWord(_ byte: UInt8) -> Bool { byte.isLetterOrDigit || byte == UInt8(ascii: "_") }
        return isWord(first)
            && bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// An algorithm (words of letters and digits joined by one of `-_+.`), `:` and at least 32 hexadecimal digits; which
    /// algorithms exist is asked later, so that an unknown one gets its own sentence.
    static func isDigest(_ text: Substring) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        let digits = text[text.index(after: colon)...].utf8
        guard digits.count >= 32, digits.allSatisfy(\.isHexDigit) else { return false }
        let joints = Array("-_+.".utf8)
        return text[..<colon].utf8.split(omittingEmptySubsequences: false) { joints.contains($0) }.allSatisfy { word in
            guard let first = word.first else { return false }
            return !first.isDigit && word.allSatisfy(\.isLetterOrDigit)
        }
    }

    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool { !bytes.isEmpty && bytes.allSatisfy(\.isDigit) }
}
