// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Terminal

struct ProgressBarsTests {
    @Test
    func `parts are redrawn in place and fit a narrow terminal`() throws {
        let terminal = try PseudoTerminal(columns: 40)
        let bars = ProgressBars(output: Output(descriptor: terminal.program, colour: false), delay: .zero)
        bars.update("5f70bf18a086", "Downloading", done: 512, of: 1024)
        #expect(terminal.screenBytes() == "\r\u{1B}[K5f70bf18a086: Downloading 512B/1.024kB\r\n")
        bars.update("a3ed95caeb02", "Waiting")
        #expect(terminal.screenBytes().hasPrefix("\u{1B}[1A\r\u{1B}[K5f70bf18a086: "))
        bars.update("5f70bf18a086", "Pull complete")
        let last = terminal.screenBytes()
        #expect(last == "\u{1B}[2A\r\u{1B}[K5f70bf18a086: Pull complete\r\n\r\u{1B}[Ka3ed95caeb02: Waiting\r\n")
        bars.clear()
        #expect(terminal.screenBytes() == "\u{1B}[2A\r\u{1B}[J")
    }

    @Test
    func `a bar shows how far it is where there is room`() throws {
        let terminal = try PseudoTerminal(columns: 100)
        let bars = ProgressBars(output: Output(descriptor: terminal.program, colour: false), delay: .zero)
        bars.update("layer", "Extracting", done: 12_340_000, of: 45_600_000)
        let text = terminal.screenBytes()
        #expect(text.contains("layer: Extracting [============>"))
        #expect(text.contains("] 12.34MB/45.6MB"))
    }

    @Test
    func `quick work and piped output show nothing`() throws {
        let terminal = try PseudoTerminal()
        let quick = ProgressBars(output: Output(descriptor: terminal.program, colour: false))
        quick.update("layer", "Extracting", done: 1, of: 2)
        quick.finish()
        #expect(terminal.screenBytes().isEmpty)
        let memory = Output.inMemory()
        let piped = ProgressBars(output: memory, delay: .zero)
        piped.update("layer", "Extracting", done: 1, of: 2)
        piped.finish()
        #expect(memory.takeCollected().isEmpty)
    }

    @Test
    func `more parts than rows lets the finished ones go first`() throws {
        let terminal = try PseudoTerminal(columns: 60, rows: 4)
        let bars = ProgressBars(output: Output(descriptor: terminal.program, colour: false), delay: .zero)
        for number in 0..<6 {
            let isDone = number.isMultiple(of: 2)
            bars.update("layer\(number)", isDone ? "Done" : "Extracting", done: 1, of: isDone ? nil : 2)
        }
        let last = try #require(terminal.screenBytes().split(separator: "A\r", omittingEmptySubsequences: true).last)
        #expect(["layer1", "layer3", "layer5"].allSatisfy(last.contains))
        #expect(!last.contains("layer0"))
    }
}
