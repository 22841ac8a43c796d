// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

extension Session {
    /// The size of the terminal that the output goes to, or the input comes from; `nil` where neither is one.
    var terminalSize: Engine.TerminalSize? {
        let descriptors = [output.descriptor, streams.input].compactMap(\.self)
        guard let size = descriptors.lazy.compactMap(Terminal.TerminalSize.current(of:)).first else { return nil }
        return Engine.TerminalSize(rows: UInt16(clamping: size.rows), columns: UInt16(clamping: size.columns))
    }

    /// A program with a terminal needs a person's terminal for its input.
    ///
    /// - Throws: Docker's sentence, status 1.
    func requireTerminal(forProgramWithTerminal hasTerminal: Bool, sendingInput: Bool) throws(UsageError) {
        guard hasTerminal, sendingInput, !streams.inputIsTerminal else { return }
        throw UsageError(
            sentence: Text(verbatim: "the input device is not a TTY"), hint: .leaveOutTerminal, pointer: .none,
            status: 1)
    }
}
