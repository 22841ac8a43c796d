// SPDX-License-Identifier: Apache-2.0
internal import CEditLine
internal import Glibc

/// The line editor could not be set up.
package struct EditorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried.
    package let step: String
    /// The kernel's errno.
    package let number: Int32

    package var description: String { step + ": " + String(cString: strerror(number)) }
}

/// libedit's editing engine without its display.
///
/// libedit draws well neither wide characters nor lines taller than the screen, so it is given a pseudo-terminal that
/// nobody looks at, of a fixed size, and everything it draws goes to /dev/null. It keeps the buffer, the key maps, the
/// emacs and vi commands and the kill buffer; ``LineEditor`` paints what is in them.
final class EditLine {
    let handle: OpaquePointer
    let history: OpaquePointer
    private let hiddenTerminal: (controller: Int32, terminal: Int32)
    private let nowhere: UnsafeMutablePointer<FILE>

    /// Entries that ↑ reaches.
    static let historySize = 20_000
    /// Far more than any line has, so that libedit never scrolls or clips.
    private static let hiddenSize = winsize(ws_row: 500, ws_col: 1000, ws_xpixel: 0, ws_ypixel: 0)

    init() throws(EditorError) {
        Self.chooseLocale()
        var ends: (controller: Int32, terminal: Int32) = (-1, -1)
        var size = Self.hiddenSize
        guard openpty(&ends.controller, &ends.terminal, nil, nil, &size) == 0 else {
            throw EditorError(step: "openpty", number: errno)
        }
        for descriptor in [ends.controller, ends.terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        guard let nowhere = fopen("/dev/null", "r+e") else {
            throw EditorError(step: "open /dev/null", number: errno)
        }
        // The name before the colon in .editrc lines that are for this program only.
        guard let handle = el_init_fd("dsh", nowhere, nowhere, nowhere, ends.terminal, ends.terminal, ends.terminal),
            let history = history_winit()
        else { throw EditorError(step: "el_init", number: ENOMEM) }
        self.handle = handle
        self.history = history
        self.nowhere = nowhere
        hiddenTerminal = ends
        // A terminal without arrow keys: libedit then binds no escape sequences, which are decoded by `KeyReader`.
        ceditline_set_terminal(handle, "dumb")
        ceditline_handle_signals(handle, 0)
        ceditline_hide_prompt(handle)
        ceditline_set_editor(handle, WideText.emacs)
        ceditline_history_set_size(history, Int32(Self.historySize))
        ceditline_history_set_unique(history, 1)
        ceditline_set_history(handle, history)
    }

    deinit {
        el_end(handle)
        history_wend(history)
        fclose(nowhere)
        close(hiddenTerminal.controller)
        close(hiddenTerminal.terminal)
    }

    /// libedit asks the C library what a letter is, so the characters must be UTF-8 even where LANG names a locale that
    /// this machine does not have.
    private static func chooseLocale() {
        if setlocale(LC_ALL, "") != nil, MB_CUR_MAX_now() >= 4 { return }
        setlocale(LC_CTYPE, "C.UTF-8")
    }

    /// The longest character of the locale in bytes; UTF-8's have at least four.
    private static func MB_CUR_MAX_now() -> Int { Int(__ctype_get_mb_cur_max()) }

    /// Whether `bind -v` has been given.
    var isVi: Bool { ceditline_editor(handle).map(WideText.read) == "vi" }

    /// The buffer and the cursor as libedit has them, in scalars.
    var line: (scalars: [Unicode.Scalar], cursor: Int) {
        guard let line = el_wline(handle)?.pointee, let first = line.buffer else { return ([], 0) }
        let characters = UnsafeBufferPointer(start: first, count: line.lastchar - first)
        return (characters.map(WideText.scalar), line.cursor - first)
    }

    /// Moves the cursor to a place counted in scalars.
    func moveCursor(to place: Int) { el_cursor(handle, Int32(place - line.cursor)) }

    /// Removes `count` scalars before the cursor.
    func eraseBackwards(_ count: Int) { if count > 0 { el_deletestr(handle, Int32(count)) } }

    /// Inserts text at the cursor; false where libedit has no more memory.
    @discardableResult
    func insert(_ text: some StringProtocol) -> Bool {
        // An empty string is refused by libedit.
        if text.isEmpty { return true }
        return text.withWideText { el_winsertstr(handle, $0) } == 0
    }

    /// Binds a key to a command by name, in the usual map or, for vi's command mode, in the other one.
    func bind(_ key: String, to command: String, inCommandMode: Bool = false) {
        run(["bind"] + (inCommandMode ? ["-a"] : []) + [key, command])
    }

    /// Runs one of libedit's own commands (`bind`, `settc` …).
    ///
    /// - Returns: false where libedit does not know it or refuses it.
    @discardableResult
    func run(_ words: [String]) -> Bool {
        let wide = words.map { WideText.copy($0) }
        defer { wide.forEach { $0.deallocate() } }
        var arguments = wide.map { Optional(UnsafePointer($0)) }
        return arguments.withUnsafeMutableBufferPointer { el_wparse(handle, Int32(words.count), $0.baseAddress) } == 0
    }

    /// Adds to the history that libedit's own commands walk through.
    func remember(_ line: String) { _ = line.withWideText { ceditline_history_enter(history, $0) } }
}

/// Text as libedit wants it: wide characters, which Swift takes for plain numbers.
enum WideText {
    // Never changed and never freed: libedit keeps the pointer.
    nonisolated(unsafe) static let emacs = UnsafePointer(copy("emacs"))

    /// A terminated copy that the caller frees, or gives away to libedit for good.
    static func copy(_ text: some StringProtocol) -> UnsafeMutablePointer<wchar_t> {
        let scalars = text.unicodeScalars
        let count = scalars.count
        let place = UnsafeMutablePointer<wchar_t>.allocate(capacity: count + 1)
        for (index, scalar) in scalars.enumerated() {
            (place + index).initialize(to: wchar_t(bitPattern: scalar.value))
        }
        (place + count).initialize(to: 0)
        return place
    }

    /// Terminated text of libedit's.
    static func read(_ place: UnsafePointer<wchar_t>) -> String {
        var view = String.UnicodeScalarView()
        var place = place
        while place.pointee != 0 {
            view.append(scalar(place.pointee))
            place += 1
        }
        return String(view)
    }

    static func scalar(_ character: wchar_t) -> Unicode.Scalar {
        // Only what was a scalar goes in; libedit itself makes no others.
        Unicode.Scalar(UInt32(bitPattern: character)) ?? "\u{FFFD}"
    }
}

extension StringProtocol {
    /// Calls `body` with the text as a terminated wide string.
    func withWideText<Result>(_ body: (UnsafePointer<wchar_t>) -> Result) -> Result {
        let place = WideText.copy(self)
        defer { place.deallocate() }
        return body(place)
    }
}
