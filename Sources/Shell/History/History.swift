// SPDX-License-Identifier: Apache-2.0
internal import CEditLine

/// The lines that were accepted, oldest first: this shell's and, as they come, those of others.
final class History {
    private(set) var entries: [String] = []
    /// Why lines are not kept on disk; told once by whoever shows messages.
    private(set) var failure: EditorError?
    private let file: HistoryFile?
    private let editLine: EditLine

    /// - Parameter path: `nil` keeps lines in memory only.
    init(path: String?, editLine: EditLine) {
        file = path.map(HistoryFile.init)
        self.editLine = editLine
    }

    /// Whether there is a place for lines and none was ever kept there.
    var isNew: Bool { file.map { !$0.exists } ?? false }

    /// Takes in what other shells have accepted since the last look.
    func refresh() {
        guard let file, failure == nil else { return }
        do { for line in try file.readNew() { enter(line) } } catch { failure = error }
    }

    /// Adds a line and writes it to disk, unless it repeats the newest one.
    func add(_ line: String) {
        guard line != entries.last else { return }
        guard let file, failure == nil else { return enter(line) }
        do {
            try file.append(newestOf: editLine.history) { others in
                for other in others { enter(other) }
                enter(line)
            }
        } catch { failure = error }
    }

    private func enter(_ line: String) {
        if line == entries.last { return }
        entries.append(line)
        if entries.count > EditLine.historySize + 1000 { entries.removeFirst(1000) }
        editLine.remember(line)
    }

    /// The newest entry before `position` that begins with `prefix` and is not `other`.
    func older(than position: Int, prefix: String, unlike other: String) -> Int? {
        entries[..<position].lastIndex { $0.hasBytePrefix(prefix) && $0 != other }
    }

    /// The oldest entry after `position` that begins with `prefix` and is not `other`.
    func newer(than position: Int, prefix: String, unlike other: String) -> Int? {
        guard position + 1 < entries.count else { return nil }
        return entries[(position + 1)...].firstIndex { $0.hasBytePrefix(prefix) && $0 != other }
    }

    /// The next entry from `position` on that contains `text`, going back or forth.
    func containing(_ text: String, from position: Int, backwards: Bool) -> Int? {
        if entries.isEmpty || (backwards && position < 0) { return nil }
        if backwards { return entries[...min(position, entries.count - 1)].lastIndex { $0.containsBytes(of: text) } }
        return entries[min(max(0, position), entries.count)...].firstIndex { $0.containsBytes(of: text) }
    }
}

extension String {
    /// Byte by byte: 20,000 entries are compared between two keys, and canonical equivalence would cost milliseconds.
    fileprivate func hasBytePrefix(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    fileprivate func containsBytes(of text: String) -> Bool { firstOffset(of: text) != nil }

    /// Where `text` begins, in UTF-8 bytes.
    func firstOffset(of text: String) -> Int? {
        var copy = self
        var needle = text
        return copy.withUTF8 { bytes in
            needle.withUTF8 { wanted in
                if wanted.isEmpty { return 0 }
                guard bytes.count >= wanted.count else { return nil }
                return (0...(bytes.count - wanted.count)).first { start in
                    bytes[start] == wanted[0]
                        && wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
                }
            }
        }
    }
}
