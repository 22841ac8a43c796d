// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Terminal

struct OutputTests {
    @Test
    func `a reader that went away is reported once and never kills`() throws {
        Output.ignoreBrokenPipes()
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = Output(descriptor: ends[1])
        output.line("a")
        #expect(throws: OutputError.self) { try output.flush() }
        output.line("b")
        try output.flush()
        #expect(output.isBroken)
    }

    @Test
    func `a full disk is named`() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let output = Output(descriptor: descriptor)
        output.write("text")
        #expect { try output.flush() } throws: { ($0 as? OutputError)?.number == ENOSPC }
    }

    @Test
    func `lines are sent together`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        let output = Output(descriptor: ends[1])
        for number in 0..<100 { output.line("line \(number)") }
        try output.flush()
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(ends[0], &buffer, buffer.count)
        #expect(buffer[..<count].filter { $0 == 0x0A }.count == 100)
    }

    @Test
    func `memory gathers and hands out`() throws {
        let output = Output.inMemory()
        output.line("one")
        try output.flush()
        #expect(output.takeCollected() == Array("one\n".utf8))
        #expect(output.takeCollected().isEmpty)
        #expect(!output.isTerminal && output.columns == nil)
    }

    @Test
    func `a style is applied only where colours are welcome`() {
        let plain = Output.inMemory()
        #expect(plain.styled("x", .bold + .red) == "x")
        let coloured = Output(descriptor: -1, colour: true)
        #expect(coloured.styled("x", .bold + .red) == "\u{1B}[1;31mx\u{1B}[0m")
        #expect(coloured.styled("x", .plain) == "x")
    }
}
