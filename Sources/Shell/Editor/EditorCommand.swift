// SPDX-License-Identifier: Apache-2.0
internal import CEditLine

/// What a command wants of libedit when it has run.
enum Reaction: UInt8 {
    /// CC_NEWLINE: the line is done.
    case endLine = 1
    /// CC_EOF: reading stops.
    case stop = 2
    /// CC_REFRESH: the buffer has changed.
    case changed = 4
}

/// The commands that we add to libedit's, for keys and for `.editrc` (`bind "^G" dsh-undo`).
struct EditorCommand {
    let name: String
    /// Shown by `bind -l`.
    let help: String
    let function: ceditline_command

    static let all: [EditorCommand] = [
        .init(name: "dsh-accept", help: "Run the line, or go on to a further one") { el, _ in run(el) { $0.accept() } },
        .init(name: "dsh-newline", help: "Begin a further line") { el, _ in run(el) { $0.insertText("\n") } },
        .init(name: "dsh-paste", help: "Insert what was pasted") { el, _ in run(el) { $0.insertText($0.pasted) } },
        .init(name: "dsh-jump", help: "Finish a movement (internal)") { el, _ in run(el) { $0.jump() } },
        .init(name: "dsh-nothing", help: "Do nothing") { el, _ in run(el) { _ in .changed } },
        .init(name: "dsh-quote", help: "Insert the next key as it is") { el, _ in run(el) { $0.insertNextKey() } },
        .init(name: "dsh-left", help: "Go one character to the left") { el, _ in
            run(el) { $0.move(to: { $0.cursor - 1 }) }
        },
        .init(name: "dsh-right", help: "Go one character to the right") { el, _ in
            run(el) { $0.move(to: { $0.cursor + 1 }) }
        },
        .init(name: "dsh-word-left", help: "Go to the beginning of a word") { el, _ in
            run(el) { $0.move(to: { $0.wordStart(bySpaces: false) }) }
        },
        .init(name: "dsh-word-right", help: "Go to the end of a word") { el, _ in
            run(el) { $0.move(to: { $0.wordEnd }) }
        },
        .init(name: "dsh-row-start", help: "Go to the beginning of the line") { el, _ in
            run(el) { $0.move(to: { $0.currentRow.lowerBound }) }
        },
        .init(name: "dsh-row-end", help: "Go to the end of the line") { el, _ in
            run(el) { $0.move(to: { $0.currentRow.upperBound }) }
        },
        .init(name: "dsh-erase", help: "Erase the character before the cursor") { el, _ in run(el) { $0.erase() } },
        .init(name: "dsh-delete", help: "Delete the character at the cursor") { el, _ in run(el) { $0.delete() } },
        .init(name: "dsh-delete-or-leave", help: "Delete a character, or leave where there is none") { el, _ in
            run(el) { $0.deleteOrLeave() }
        },
        .init(name: "dsh-cut-word-left", help: "Cut the word before the cursor") { el, _ in
            run(el) { $0.cut(to: { $0.wordStart(bySpaces: false) }) }
        },
        .init(name: "dsh-cut-argument-left", help: "Cut up to the blank before the cursor") { el, _ in
            run(el) { $0.cut(to: { $0.wordStart(bySpaces: true) }) }
        },
        .init(name: "dsh-cut-word-right", help: "Cut the word after the cursor") { el, _ in
            run(el) { $0.cut(to: \.wordEnd) }
        },
        .init(name: "dsh-cut-row-end", help: "Cut up to the end of the line") { el, _ in
            run(el) { $0.cut(to: { $0.currentRow.upperBound }) }
        },
        .init(name: "dsh-cut-row-start", help: "Cut from the beginning of the line") { el, _ in
            run(el) { $0.cut(to: { $0.currentRow.lowerBound }) }
        },
        .init(name: "dsh-up", help: "Go up a line, or to an older line that begins like this one") { el, _ in
            run(el) { $0.up() }
        },
        .init(name: "dsh-down", help: "Go down a line, or to a newer line") { el, _ in run(el) { $0.down() } },
        .init(name: "dsh-search-back", help: "Search the history for older lines") { el, _ in
            run(el) { $0.searchHistory(backwards: true) }
        },
        .init(name: "dsh-search-forth", help: "Search the history for newer lines") { el, _ in
            run(el) { $0.searchHistory(backwards: false) }
        },
        .init(name: "dsh-complete", help: "Complete the word, or offer what it may become") { el, _ in
            run(el) { $0.complete(forwards: true) }
        },
        .init(name: "dsh-complete-back", help: "Offer what the word may become, the last first") { el, _ in
            run(el) { $0.complete(forwards: false) }
        },
        .init(name: "dsh-clear-screen", help: "Clear the screen and keep the line") { el, _ in
            run(el) { $0.clearScreen() }
        },
        .init(name: "dsh-undo", help: "Take back the last change") { el, _ in run(el) { $0.takeBack() } },
    ]

    private static func run(_ handle: OpaquePointer?, _ body: (LineEditor) -> Reaction) -> UInt8 {
        guard let handle else { return Reaction.stop.rawValue }
        return body(LineEditor.of(handle)).rawValue
    }

    static func register(with handle: OpaquePointer) {
        for (command, texts) in zip(all, texts) {
            ceditline_add_command(handle, texts.name, texts.help, command.function)
        }
    }

    // Never changed and never freed: libedit keeps the pointers.
    nonisolated(unsafe) private static let texts = all.map {
        (name: UnsafePointer(WideText.copy($0.name)), help: UnsafePointer(WideText.copy($0.help)))
    }
}
