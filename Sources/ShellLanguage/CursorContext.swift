// SPDX-License-Identifier: Apache-2.0

/// What is being typed at the cursor of a line: what completion asks first.
public struct CursorContext: Hashable, Sendable {
    /// What a word at the cursor would be.
    public enum Place: Hashable, Sendable {
        /// The first word of a command of dsh.
        case command
        /// A later word of a command of dsh.
        case argument
        /// A word of `@ …`; the first one names a program in the container.
        case containerCommand
        /// A word of `! …`, of what follows `|`, or of `$(…)`; the first one names a program of the host.
        case hostCommand
        /// The file of a redirection.
        case file
        /// The name of a variable, behind `$` or `${`.
        case variable
        /// A comment, or a text that is wrong before the cursor.
        case nothing
    }

    /// What the word would be.
    public let place: Place
    /// The words of the same command that stand before it, without `docker`, `expect`, `@` and `!`; quotes are taken away,
    /// and values stay as they are written (`$PWD:/app`).
    public let words: [String]
    /// What is typed of the word up to the cursor, without quotes; empty after a blank.
    public let word: String
    /// In which quotes the cursor is.
    public let quoting: WordPiece.Quoting
    /// What a candidate replaces: from the word's first character, quote included, to the cursor.
    public let span: SourceSpan
    /// Whether the command starts with `docker`.
    public let saysDocker: Bool

    /// Looks at a text from its beginning to a cursor.
    ///
    /// The statement that the cursor is in counts alone: in `ps; run -d star⎀` the words before are `run`, `-d`.
    /// - Parameters:
    ///   - text: everything typed so far, of several lines as well.
    ///   - cursor: offset in UTF-8; `nil` is the end.
    public init(in text: String, at cursor: Int? = nil) {
        var bytes = Array(text.utf8)
        if let cursor, cursor < bytes.count { bytes.removeSubrange(max(cursor, 0)...) }
        let source = SourceText(String(decoding: bytes, as: UTF8.self))
        let end = source.bytes.count
        var parser = Parser(source)
        var failure: SyntaxError?
        do { _ = try parser.program() } catch { failure = error }
        let trail = parser.trail
        // A mistake at the cursor is an unfinished text; one before it makes all that follows unclear.
        let isClear = failure.map { $0.isIncomplete || $0.span.end >= end || parser.offset >= end } ?? true
        place = isClear ? trail.place : .nothing
        saysDocker = trail.saysDocker
        let open = trail.word ?? CursorTrail.OpenWord(start: end, text: "")
        word = open.text
        quoting = open.quoting
        span = SourceSpan(min(open.start, end), end)
        words = trail.words.filter { $0.end <= open.start }.map(\.text)
    }
}

/// What the parser notes on its way for `CursorContext`.
struct CursorTrail {
    /// A word that reaches to the end of the text.
    struct OpenWord {
        var start: Int
        var text: String
        var quoting = WordPiece.Quoting.none
    }

    var place = CursorContext.Place.command
    var words: [(text: String, end: Int)] = []
    var word: OpenWord?
    var saysDocker = false

    mutating func beginCommand() { self = CursorTrail() }

    mutating func beginContainerCommand() {
        self = CursorTrail()
        place = .containerCommand
    }

    mutating func beginHostCommand() {
        self = CursorTrail()
        place = .hostCommand
    }

    mutating func beginHostCommand(_ scanner: HostScanner, of source: SourceText) {
        beginHostCommand()
        for span in scanner.wordsOfLastCommand {
            var parser = Parser(source, span)
            // sh may know more than dsh: then the word stays as it is written.
            let word = try? parser.word()
            words.append((word?.literal ?? source[span], span.end))
            let isOpen = span.end == source.bytes.count
            self.word = isOpen ? parser.trail.word ?? OpenWord(start: span.start, text: source[span]) : nil
        }
    }

    mutating func add(_ word: Word, of source: SourceText) {
        if self.word != nil { return }
        words.append((word.literal ?? source[word.span], word.span.end))
        if place == .command { place = .argument }
    }

    /// Notes the name of a variable that the cursor may stand behind.
    mutating func fillIn(_ name: String, from start: Int, isOpen: Bool, closing: String = "") {
        guard isOpen else { return }
        place = .variable
        word = OpenWord(start: start, text: name, quoting: word?.quoting ?? .none)
    }
}
