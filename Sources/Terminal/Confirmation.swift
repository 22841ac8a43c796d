// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A question that is answered with one key and Enter, as Docker asks before it prunes.
public struct Confirmation: Sendable {
    /// `WARNING! This will remove all stopped containers.`; may have several lines.
    public let warning: String
    /// `Are you sure you want to continue?`, without the `[y/N]` that follows.
    public let question: String

    public init(warning: String, question: String) {
        self.warning = warning
        self.question = question
    }

    /// Prints warning and question and waits for a line; blocks the calling thread.
    ///
    /// Only `y` and `Y` mean yes. The end of input means no, and so does Ctrl-C, which is kept from ending the process.
    /// - Parameters:
    ///   - input: where the answer comes from: the terminal.
    ///   - output: where the question goes.
    public func ask(input: Int32 = 0, output: Output = .standard) -> Bool {
        output.write((warning.isEmpty ? "" : warning + "\n") + question + " [y/N] ")
        output.push()
        // Who cannot be asked has not agreed; the failure itself is thrown by the caller's own flush.
        guard !output.isBroken, let signals = try? SignalWatch([SIGINT]) else { return false }
        var answer: [UInt8] = []
        while true {
            guard signals.wait(or: input) else {
                output.line("")
                return false
            }
            var byte: UInt8 = 0
            // Byte by byte: what follows the line belongs to the next reader.
            let count = read(input, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 || byte == 0x0A { break }
            answer.append(byte)
        }
        while let last = answer.last, last == 0x0D || last == 0x20 { answer.removeLast() }
        return answer == [0x79] || answer == [0x59]
    }
}
