// SPDX-License-Identifier: Apache-2.0
internal import CEditLine
internal import Glibc
package import Terminal

/// Reads lines from a terminal with editing, history and completion.
///
/// libedit holds what is edited and knows the commands; this type decodes the keys, adds commands of its own, and paints
/// prompt, line and menu. It blocks the thread that calls it and belongs to one thread.
package final class LineEditor {
    /// How the reading of a line ended.
    package enum Outcome: Equatable, Sendable {
        case line(String)
        /// Ctrl-C: the line is dropped.
        case interrupted
        /// Ctrl-D on an empty line, or the terminal is gone.
        case endOfInput
    }

    let host: EditorHost
    let editLine: EditLine
    let history: History
    let painter: Painter
    let output: Output
    private let input: Int32
    private let modes: TerminalModes
    let settings: EditorSettings

    // What belongs to the line that is being read.
    var keys: KeyReader?
    var prompt = Prompt([])
    var size = TerminalSize(columns: 80, rows: 24)
    var outcome: Outcome?
    /// Keys that libedit is to get before any that are typed.
    var queue: [Unicode.Scalar] = []
    var pasted = ""
    /// Where the cursor goes at the private key "jump".
    var jumpTarget = 0
    var recall: Recall?
    var undo = UndoStack()
    /// How this terminal draws emoji, as far as it has been asked.
    var widths = ClusterWidths()

    /// - Parameters:
    ///   - host: prompt, completion and words.
    ///   - historyPath: `nil` for the usual place; empty keeps lines in memory only.
    ///   - input: the terminal that is read.
    ///   - output: the terminal that is painted on.
    /// - Throws: ``EditorError`` where there is no terminal or no memory for libedit.
    package init(host: EditorHost, historyPath: String? = nil, input: Int32 = 0, output: Int32 = 1) throws(EditorError)
    {
        do { modes = try TerminalModes(of: input) } catch {
            throw EditorError(step: error.step, number: error.number)
        }
        self.host = host
        self.input = input
        self.output = Output(descriptor: output)
        editLine = try EditLine()
        let path = historyPath ?? HistoryFile.usualPath ?? ""
        history = History(path: path.isEmpty ? nil : path, editLine: editLine)
        painter = Painter(output: self.output, reflows: Self.terminalReflows)
        settings = EditorSettings(editLine: editLine)
        // Unretained: libedit calls back only inside `readLine`, which holds this object.
        ceditline_set_client(editLine.handle, Unmanaged.passUnretained(self).toOpaque())
        EditorCommand.register(with: editLine.handle)
        settings.load()
        ceditline_set_reader(editLine.handle) { handle, place in
            guard let handle, let place, let scalar = LineEditor.of(handle).nextScalar() else { return -1 }
            place.pointee = wchar_t(bitPattern: scalar.value)
            return 1
        }
    }

    static func of(_ handle: OpaquePointer) -> LineEditor {
        // libedit calls back only for handles that `init` gave a client: without one there is nobody to report to.
        guard let client = ceditline_client(handle) else { fatalError("libedit lost the pointer it was given in init") }
        return Unmanaged<LineEditor>.fromOpaque(client).takeUnretainedValue()
    }

    /// Lines of `.editrc` that were not understood, as `file:line: text`; to be shown once.
    package var settingsComplaints: [String] { settings.complaints }

    /// Whether nothing has ever been typed here.
    package var isFirstStart: Bool { history.isNew }

    /// Why the history is not kept on disk, if it is not.
    package var historyFailure: EditorError? { history.failure }

    /// xterm and the Linux console cut lines when they become narrower; all others that people use move the rest down.
    private static var terminalReflows: Bool {
        if getenv("TMUX") != nil { return true }
        return getenv("XTERM_VERSION") == nil && getenv("TERM").map { String(cString: $0) } != "linux"
    }

    /// Terminals that mark pasted text; the others would show the request.
    private var marksPastes: Bool {
        guard let name = getenv("TERM") else { return false }
        let terminal = String(cString: name)
        return !(terminal == "linux" || terminal.hasPrefix("vt") || terminal == "dumb")
    }

    /// Whether a Tab among bytes that come all at once is text: only where pastes are not marked.
    var tabMayBePasted: Bool { !marksPastes }

    /// Neither moves nor looks are possible: an editor inside another program, a teletype.
    private var isDumb: Bool { getenv("TERM").map { String(cString: $0) } ?? "dumb" == "dumb" }

    /// Reads one line as the terminal edits it.
    private func readPlainLine(_ signals: SignalWatch) -> Outcome {
        output.write(host.prompt(80).spans.map(\.text).joined())
        var bytes: [UInt8] = []
        while true {
            guard signals.wait(or: input) else {
                if signals.take().contains(SIGINT) { return .interrupted }
                continue
            }
            var byte: UInt8 = 0
            let count = read(input, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { return bytes.isEmpty ? .endOfInput : .line(String(decoding: bytes, as: UTF8.self)) }
            if byte == 0x0A { return .line(String(decoding: bytes, as: UTF8.self)) }
            bytes.append(byte)
        }
    }

    /// Reads one line; blocks until Enter, Ctrl-C or the end of input.
    ///
    /// - Throws: ``TerminalError`` where the terminal cannot be set.
    package func readLine() throws(TerminalError) -> Outcome {
        let signals = try SignalWatch([SIGINT, SIGWINCH])
        if isDumb { return readPlainLine(signals) }
        let raw = try RawMode(input, for: .editing, comingBackTo: modes)
        keys = KeyReader(descriptor: input, signals: signals, boundSequences: settings.boundSequences)
        history.refresh()
        size = TerminalSize.current(of: input) ?? TerminalSize(columns: 80, rows: 24)
        prompt = host.prompt(size.columns)
        (outcome, recall, queue, undo) = (nil, nil, [], UndoStack())
        painter.begin(width: size.columns, pasteMarks: marksPastes)
        let outcome = edit()
        painter.end(pasteMarks: marksPastes)
        keys = nil
        raw.restore()
        if case .line(let line) = outcome, line.contains(where: { !$0.isWhitespace }), host.shouldRemember(line) {
            history.add(line)
        }
        return outcome
    }

    /// Lets libedit read, and paints the line a last time as it was accepted.
    private func edit() -> Outcome {
        var count: Int32 = 0
        let line = el_wgets(editLine.handle, &count)
        // A user's own binding may end the line by one of libedit's commands instead of ours.
        if outcome == nil, let line, count > 0 {
            let scalars = UnsafeBufferPointer(start: line, count: Int(count)).map(WideText.scalar)
            outcome = .line(LineText(scalars: scalars.last == "\n" ? scalars.dropLast() : scalars[...], cursor: 0).text)
        }
        let outcome = outcome ?? .endOfInput
        switch outcome {
        case .line(let text): painter.paint(frame(LineText(text)))
        case .interrupted: painter.paint(frame(LineText(interruptedText), ending: [StyledText("^C", .dim)]))
        case .endOfInput: painter.paint(frame(LineText("")))
        }
        return outcome
    }

    /// What the line was when Ctrl-C came.
    private var interruptedText: String { undo.last.text }
}
