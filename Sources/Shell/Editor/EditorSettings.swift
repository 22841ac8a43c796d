// SPDX-License-Identifier: Apache-2.0
internal import CEditLine
internal import Glibc

/// Which key does what: ours first, then the user's `.editrc` (editrc(5)).
final class EditorSettings {
    private let editLine: EditLine
    /// Lines that were not understood.
    private(set) var complaints: [String] = []
    /// Escape sequences that the user has bound and that name no key of ours.
    private(set) var boundSequences: Set<String> = []

    init(editLine: EditLine) { self.editLine = editLine }

    /// Binds our keys, then reads `$EDITRC` or `~/.editrc` line by line, since libedit stops at the first bad one.
    func load() {
        bindOurs()
        guard let path = Self.path, let text = Self.read(path) else { return }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = Self.words(of: line)
            guard let first = words.first else { continue }
            if !run(words, named: first) { complaints.append("\(path):\(number + 1): \(line.trimmed)") }
        }
    }

    private func run(_ words: [String], named name: String) -> Bool {
        // `edit off` would switch the editor off, and the size of libedit's terminal is not the user's.
        let command = name.split(separator: ":").last.map(String.init) ?? name
        if ["edit", "setty", "settc"].contains(command) { return false }
        let wasVi = editLine.isVi
        guard editLine.run(command == "bind" ? translated(words) : words) else { return false }
        // Changing the editor resets every key: ours come back now, so that the user's later lines still win.
        if editLine.isVi != wasVi || words.dropFirst().contains(where: { $0 == "-v" || $0 == "-e" }) { bindOurs() }
        return true
    }

    /// A `bind` line whose key is an escape sequence, with the key that the sequence means: it arrives decoded.
    private func translated(_ words: [String]) -> [String] {
        var words = words
        guard let index = words.indices.dropFirst().first(where: { !words[$0].hasPrefix("-") }) else { return words }
        let sequence = words[index].replacing(prefixes: ["\\e", "\\E", "^[", "\\033"], with: "\u{1B}")
        guard sequence.hasPrefix("\u{1B}["), sequence.count > 2 || sequence.hasPrefix("\u{1B}O") else { return words }
        if let key = NamedKey(sequence: sequence) {
            words[index] = PrivateKey.spelling(PrivateKey.code(key))
        } else {
            boundSequences.insert(sequence)
        }
        return words
    }

    private static var path: String? {
        if let path = getenv("EDITRC"), path.pointee != 0 { return String(cString: path) }
        return getenv("HOME").map { String(cString: $0) + "/.editrc" }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        // A settings file is small; what is past a megabyte is none.
        while bytes.count < 1 << 20 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Splits as libedit does, with sh(1)'s quotes; a comment has no words.
    private static func words(of line: Substring) -> [String] {
        let text = line.trimmed
        guard !text.isEmpty, !text.hasPrefix("#"), let tokenizer = tok_winit(nil) else { return [] }
        defer { tok_wend(tokenizer) }
        var count: Int32 = 0
        var words: UnsafeMutablePointer<UnsafePointer<wchar_t>?>?
        let status = String(text).withWideText { tok_wstr(tokenizer, $0, &count, &words) }
        guard status == 0, let words else { return [String(text)] }
        return (0..<Int(count)).map { words[$0].map(WideText.read) ?? "" }
    }
}

extension EditorSettings {
    /// The keys that both of libedit's editors get, in the map in which text is typed and in vi's command mode.
    private static let everywhere: [(key: String, command: String)] =
        [
            ("^M", "dsh-accept"), ("^J", "dsh-accept"), ("^R", "dsh-search-back"), ("^S", "dsh-search-forth"),
            ("^L", "dsh-clear-screen"), ("^D", "dsh-delete-or-leave"), ("^N", "dsh-down"), ("^P", "dsh-up"),
            (PrivateKey.spelling(PrivateKey.paste), "dsh-paste"), (PrivateKey.spelling(PrivateKey.mark), "em-set-mark"),
            (PrivateKey.spelling(PrivateKey.jump), "dsh-jump"), (PrivateKey.spelling(PrivateKey.cut), "em-kill-region"),
        ] + named.map { (PrivateKey.spelling(PrivateKey.code($0.key)), $0.command) }

    private static let named: [(key: NamedKey, command: String)] = [
        (.escape, "dsh-nothing"), (.up, "dsh-up"), (.down, "dsh-down"), (.left, "dsh-left"), (.right, "dsh-right"),
        (.home, "dsh-row-start"), (.end, "dsh-row-end"), (.delete, "dsh-delete"), (.pageUp, "dsh-nothing"),
        (.pageDown, "dsh-nothing"), (.wordLeft, "dsh-word-left"), (.wordRight, "dsh-word-right"),
        (.backTab, "dsh-complete-back"), (.insert, "dsh-nothing"),
    ]

    private static let typing: [(key: String, command: String)] = [
        ("^I", "dsh-complete"), ("^H", "dsh-erase"), ("^?", "dsh-erase"), ("^W", "dsh-cut-argument-left"),
        ("^U", "dsh-cut-row-start"), ("^V", "dsh-quote"), ("^_", "dsh-undo"),
    ]

    private static let emacs: [(key: String, command: String)] = [
        ("^A", "dsh-row-start"), ("^E", "dsh-row-end"), ("^B", "dsh-left"), ("^F", "dsh-right"),
        ("^K", "dsh-cut-row-end"),
        ("^[b", "dsh-word-left"), ("^[f", "dsh-word-right"), ("^[d", "dsh-cut-word-right"),
        ("^[^?", "dsh-cut-word-left"),
        ("^[^H", "dsh-cut-word-left"), ("^[^M", "dsh-newline"), ("^[^J", "dsh-newline"), ("^[p", "dsh-up"),
        ("^[n", "dsh-down"), ("^G", "dsh-nothing"),
        // These draw a question of their own, which nobody would see.
        ("^[x", "dsh-nothing"), ("^[X", "dsh-nothing"),
    ]

    private static let viCommands: [(key: String, command: String)] = [
        ("k", "dsh-up"), ("j", "dsh-down"), ("/", "dsh-search-back"), ("?", "dsh-search-forth"), ("x", "dsh-delete"),
        // `:` draws a question of its own, and `v` starts an editor on our terminal.
        (":", "dsh-nothing"), ("v", "dsh-nothing"), ("^?", "dsh-left"), ("^H", "dsh-left"),
    ]

    private func bindOurs() {
        for (key, command) in Self.everywhere + Self.typing { editLine.bind(key, to: command) }
        if editLine.isVi {
            for (key, command) in Self.everywhere + Self.viCommands {
                editLine.bind(key, to: command, inCommandMode: true)
            }
            editLine.bind(PrivateKey.spelling(PrivateKey.code(.escape)), to: "vi-command-mode")
        } else {
            for (key, command) in Self.emacs { editLine.bind(key, to: command) }
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    fileprivate func replacing(prefixes: [String], with replacement: String) -> String {
        for prefix in prefixes where hasPrefix(prefix) { return replacement + dropFirst(prefix.count) }
        return String(self)
    }
}
