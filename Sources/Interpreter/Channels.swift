// SPDX-License-Identifier: Apache-2.0
import Commands
import Glibc
import ShellLanguage
import Terminal

/// Where a command's streams lead, with the files that were opened for them.
struct Channels: Sendable {
    private(set) var input: Int32
    private(set) var output: Output
    private(set) var error: Output
    private let isForeground: Bool
    /// Kept open while the command runs.
    private var files: [OpenFile] = []

    init(_ streams: Streams) {
        input = streams.input
        output = streams.output
        error = streams.error
        isForeground = streams.isForeground
    }

    /// Both outputs to one place.
    init(_ streams: Streams, gathering memory: MemoryFile) {
        input = streams.input
        isForeground = streams.isForeground
        output = memory.output
        error = memory.output
    }

    var streams: Streams { Streams(input: input, output: output, error: error, isForeground: isForeground) }

    mutating func setOutput(to file: OpenFile) {
        files.append(file)
        output = Output(descriptor: file.descriptor)
    }

    mutating func lead(_ streams: [Redirection.Stream], to file: OpenFile) {
        files.append(file)
        // One buffer for both, so that lines stay in the order in which they were written.
        let shared = Output(descriptor: file.descriptor)
        for stream in streams {
            switch stream {
            case .input: input = file.descriptor
            case .output: output = shared
            case .error: error = shared
            }
        }
    }

    mutating func lead(_ streams: [Redirection.Stream], where other: Redirection.Stream) {
        for stream in streams {
            switch (stream, other) {
            case (.output, .error): output = error
            case (.error, .output): error = output
            case (.output, .input): output = Output(descriptor: input)
            case (.error, .input): error = Output(descriptor: input)
            case (.input, .output): input = output.descriptor ?? input
            case (.input, .error): input = error.descriptor ?? input
            case (.input, .input), (.output, .output), (.error, .error): break
            }
        }
    }
}

extension Execution {
    /// The channels after the redirections of a command, done from left to right.
    func redirected(_ channels: Channels, _ redirections: [Redirection]) async throws(Problem) -> Channels {
        var channels = channels
        let expansion = Expansion(execution: self)
        for redirection in redirections {
            let (word, flags): (Word, Int32)
            switch redirection.target {
            case .read(let file): (word, flags) = (file, O_RDONLY)
            case .write(let file): (word, flags) = (file, O_WRONLY | O_CREAT | O_TRUNC)
            case .append(let file): (word, flags) = (file, O_WRONLY | O_CREAT | O_APPEND)
            case .copy(let other):
                channels.lead(redirection.streams, where: other)
                continue
            }
            let name = try await expansion.single(word)
            do {
                channels.lead(redirection.streams, to: try OpenFile(session.hostPath(name), flags))
            } catch {
                throw Problem(sentence: Text(verbatim: "\(name.neutralised): \(error.reason)"), span: word.span)
            }
        }
        return channels
    }
}
