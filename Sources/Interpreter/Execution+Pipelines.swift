// SPDX-License-Identifier: Apache-2.0
import Commands
import Engine
import Glibc
import ShellLanguage
import Terminal

extension Execution {
    /// Runs a command and what its output is sent through.
    func perform(_ pipeline: Pipeline, _ channels: Channels) async throws(Problem) -> Step {
        guard let filter = pipeline.filter else {
            return try await perform(pipeline.command, channels, at: pipeline.span)
        }
        let pipe = try problem(at: filter.span) { () throws(HostFailure) in try OpenFile.pipe() }
        let process = try start(
            filter, input: pipe.reading.descriptor, output: channels.output, error: channels.error)
        // The filter has its own; the command must see when that is gone.
        pipe.reading.close()
        var inner = channels
        inner.setOutput(to: pipe.writing)
        let result: Result<Step, Problem>
        do throws(Problem) {
            result = .success(try await perform(pipeline.command, inner, at: pipeline.span))
        } catch {
            result = .failure(error)
        }
        pipe.writing.close()
        let status = await process.wait(isBackground ? nil : interpreter.interrupter)
        var step = try result.get()
        // The command's own failure counts too, unless it is only that the filter had read enough.
        if status != 0 || step.status == 128 + SIGPIPE { step.status = status }
        return step
    }

    private func perform(
        _ command: Command, _ channels: Channels, at span: SourceSpan
    ) async throws(Problem) -> Step {
        let expansion = Expansion(execution: self)
        switch command {
        case .onHost(let command):
            let process = try start(
                command, input: channels.input, output: channels.output, error: channels.error)
            return Step(status: await process.wait(isBackground ? nil : interpreter.interrupter), span: span)
        case .own(let command):
            let words = try await expansion.words(command.words)
            let inner = try await redirected(channels, command.redirections)
            return try await perform(command.docker == nil ? words : ["docker"] + words, inner, at: span)
        case .inContainer(let command):
            guard let container = session.currentContainer else {
                throw Problem(sentence: .noContainer, span: command.span)
            }
            let words = try await expansion.words(command.words)
            let inner = try await redirected(channels, command.redirections)
            // As a shell would: a person's terminal where there is one on both sides, and what is piped in.
            let isTyped = isatty(inner.input) == 1
            let flags = isTyped ? (inner.output.isTerminal ? ["-it"] : []) : ["-i"]
            return try await perform(["exec"] + flags + [container.text] + words, inner, at: span)
        }
    }

    private func perform(_ words: [String], _ channels: Channels, at span: SourceSpan) async throws(Problem) -> Step {
        // Values that came to nothing, as in sh.
        if words.isEmpty { return Step(status: 0, span: span) }
        if words.first == "exit" { return try exit(words, at: span) }
        let session = session.redirected(to: channels.streams)
        let status: Int32
        if isBackground {
            status = await CommandRunner.run(words, in: session)
        } else {
            status = await interpreter.interrupter.running { await CommandRunner.run(words, in: session) }
        }
        withExtendedLifetime(channels) {}
        return Step(status: status, span: span)
    }

    /// `exit [STATUS]`: without a number, the status of the command before.
    private func exit(_ words: [String], at span: SourceSpan) throws(Problem) -> Step {
        guard words.count <= 2, words.count < 2 || UInt8(words[1]) != nil else {
            throw Problem(sentence: .exitTakesStatus, span: span)
        }
        let status = words.count == 2 ? Int32(words[1]) ?? 0 : session.status
        return Step(status: status, span: span, isReported: true, exits: true)
    }

    // MARK: Host commands

    /// A program of the host, with what it printed for an output that has no descriptor.
    struct HostRun {
        let process: HostProcess
        let gathered: [(MemoryFile, Output)]

        /// Waits for its end; with an interrupter it is in the foreground.
        func wait(_ interrupter: Interrupter?) async -> Int32 {
            let status = if let interrupter { await interrupter.waiting(for: process) } else { await process.wait() }
            for (memory, output) in gathered { output.write(bytes: memory.bytes) }
            return status
        }
    }

    func start(
        _ command: HostCommand, input: Int32, output: Output, error: Output
    ) throws(Problem) -> HostRun {
        var gathered: [(MemoryFile, Output)] = []
        func descriptor(_ output: Output) throws(HostFailure) -> Int32 {
            // What dsh printed before comes before what the program prints. A failure is told by the next flush.
            try? output.flush()
            if let descriptor = output.descriptor { return descriptor }
            let memory = try MemoryFile()
            gathered.append((memory, output))
            return memory.file.descriptor
        }
        let process = try problem(at: command.span) { () throws(HostFailure) in
            let setting = HostProcess.Setting(
                text: command.text, arguments: [interpreter.name] + interpreter.arguments, environment: environment,
                directory: session.directory, input: input, output: try descriptor(output),
                error: try descriptor(error), isBackground: isBackground)
            return try HostProcess(setting)
        }
        return HostRun(process: process, gathered: gathered)
    }

    /// The process's environment, with what `set` has set and what dsh knows: `$image`, `$container`, `$last`, `$status`.
    private var environment: [String] {
        var values: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if let mark = line.firstIndex(of: "=") {
                values[String(line[..<mark])] = String(line[line.index(after: mark)...])
            }
            entry += 1
        }
        values.merge(session.variables) { $1 }
        values["PWD"] = session.directory
        values["status"] = "\(session.status)"
        values["image"] = session.currentImage?.text
        values["container"] = session.currentContainer?.text
        if let last = session.variable("last"), !last.isEmpty { values["last"] = last }
        return values.map { "\($0.key)=\($0.value)" }
    }

    /// Runs what stands in `$(…)`.
    func run(
        _ substitution: Substitution, printingTo output: Output, at span: SourceSpan
    ) async throws(Problem) -> Int32 {
        switch substitution {
        case .host(let command):
            let process = try start(command, input: session.streams.input, output: output, error: session.error)
            return await process.wait(isBackground ? nil : interpreter.interrupter)
        case .own(let program):
            let streams = Streams(
                input: session.streams.input, output: output, error: session.error,
                isForeground: session.streams.isForeground)
            var part = Execution(interpreter, source, session.redirected(to: streams))
            part.isBackground = isBackground
            part.isSubstitution = true
            return await part.run(program).status
        }
    }

    private func problem<Value>(
        at span: SourceSpan, _ body: () throws(HostFailure) -> Value
    ) throws(Problem) -> Value {
        do {
            return try body()
        } catch {
            throw Problem(sentence: .hostFailed(error.step, error.reason), span: span)
        }
    }
}
