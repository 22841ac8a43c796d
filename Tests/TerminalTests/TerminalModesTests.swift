// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Terminal

/// Serialised: signal handlers and the last-resort modes belong to the process.
@Suite(.serialized)
struct TerminalModesTests {
    private func localFlags(_ descriptor: Int32) throws -> tcflag_t {
        try TerminalModes(of: descriptor).termios.c_lflag
    }

    @Test(arguments: [RawMode.Purpose.editing, .passing])
    func `raw modes end with their value`(purpose: RawMode.Purpose) throws {
        let terminal = try PseudoTerminal()
        let before = try localFlags(terminal.program)
        do {
            let raw = try RawMode(terminal.program, for: purpose)
            let during = try localFlags(terminal.program)
            #expect(during & tcflag_t(ICANON | ECHO) == 0)
            #expect((during & tcflag_t(ISIG) != 0) == (purpose == .editing))
            raw.restore()
        }
        #expect(try localFlags(terminal.program) == before)
    }

    @Test
    func `what is typed ahead while raw is a line for the next program`() throws {
        let terminal = try PseudoTerminal()
        let raw = try RawMode(terminal.program, for: .editing)
        terminal.type("hello\r")
        raw.restore()
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(terminal.program, &buffer, buffer.count)
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "hello\n")
    }

    @Test
    func `what is no terminal cannot be raw`() {
        #expect { _ = try RawMode(-1, for: .editing) } throws: { ($0 as? TerminalError)?.step == "tcgetattr" }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT])
    func `a signal that would end the process is handled while the terminal is raw`(number: Int32) throws {
        let terminal = try PseudoTerminal()
        let before = try localFlags(terminal.program)
        // The signal itself would end the tests: what is seen here is that a handler stands ready and that it goes.
        let raw = try RawMode(terminal.program, for: .editing)
        var action = sigaction()
        sigaction(number, nil, &action)
        #expect(action.__sigaction_handler.sa_handler != nil)
        #expect(try localFlags(terminal.program) != before)
        raw.restore()
        signal(number, SIG_DFL)
        #expect(try localFlags(terminal.program) == before)
    }

    @Test
    func `watched signals arrive on the descriptor and the former handler returns`() throws {
        do {
            let outer = try SignalWatch([SIGUSR2])
            do {
                let inner = try SignalWatch([SIGUSR2, SIGWINCH])
                kill(getpid(), SIGUSR2)
                #expect(!inner.wait(or: -1, milliseconds: 5000))
                #expect(inner.take() == [SIGUSR2])
                #expect(outer.take().isEmpty)
            }
            kill(getpid(), SIGUSR2)
            #expect(!outer.wait(or: -1, milliseconds: 5000))
            #expect(outer.take() == [SIGUSR2])
        }
        var action = sigaction()
        sigaction(SIGUSR2, nil, &action)
        #expect(action.__sigaction_handler.sa_handler == nil)
    }

    @Test
    func `watches end in any order and the newest that lives gets the signal`() throws {
        var first: SignalWatch? = try SignalWatch([SIGUSR1])
        let second = try SignalWatch([SIGUSR1])
        first = nil
        kill(getpid(), SIGUSR1)
        #expect(!second.wait(or: -1, milliseconds: 5000))
        #expect(second.take() == [SIGUSR1])
        _ = first
    }

    @Test(arguments: [("y\n", true), ("Y\n", true), ("n\n", false), ("yes\n", false), ("\n", false), ("\u{4}", false)])
    func `only y means yes`(answer: String, agreed: Bool) throws {
        let terminal = try PseudoTerminal()
        terminal.type(answer)
        let question = Confirmation(
            warning: "WARNING! This will remove all stopped containers.",
            question: "Are you sure you want to continue?")
        let output = Output(descriptor: terminal.program, colour: false)
        #expect(question.ask(input: terminal.program, output: output) == agreed)
        let shown = terminal.screenBytes()
        #expect(shown.contains("containers.\r\nAre you sure you want to continue? [y/N] "))
    }
}
