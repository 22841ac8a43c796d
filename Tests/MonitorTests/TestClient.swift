// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// A client of a monitor that fails rather than waiting for ever.
final class TestClient {
    struct Silence: Error {}

    let socket: Descriptor
    private var reader = AttachFrameReader()
    private var credit = 0
    /// Frames that came while something else was waited for.
    private var waiting: [AttachFrame] = []
    private(set) var welcome: AttachFrame.Welcome?

    init(_ socket: consuming Descriptor) { self.socket = socket }

    /// Connects to a running monitor.
    init(_ places: MonitorPlaces, _ change: (inout AttachFrame.Hello) -> Void = { _ in }) throws {
        socket = try UnixSocket.connect(MonitorPlaces.socketName, in: places.runDirectory)
        var hello = AttachFrame.Hello()
        change(&hello)
        try send(.hello(hello))
    }

    func send(_ frame: AttachFrame) throws {
        var rest = frame.encoded
        while !rest.isEmpty { rest.removeFirst(try socket.send(rest)) }
    }

    /// Sends input as the monitor gives credit for it.
    func sendAll(_ input: [UInt8]) throws {
        var rest = input[...]
        while !rest.isEmpty {
            while credit == 0 {
                guard let frame = try receive() else { return }
                waiting.append(frame)
            }
            let piece = rest.prefix(min(credit, 65_536))
            // A program that has ended takes its monitor along; what it said before can still be read.
            do { try send(.input(Array(piece))) } catch { return }
            credit -= piece.count
            rest = rest.dropFirst(piece.count)
        }
    }

    /// The next frame; `nil` at the end of the stream.
    func next() throws -> AttachFrame? { waiting.isEmpty ? try receive() : waiting.removeFirst() }

    private func receive() throws -> AttachFrame? {
        while true {
            if let frame = try reader.next() {
                switch frame {
                case .welcome(let welcome):
                    self.welcome = welcome
                    credit += Int(welcome.inputWindow)
                case .inputCredit(let count): credit += Int(count)
                default: return frame
                }
                // These are this client's own business, but whoever waits for credit must look again.
                return .inputCredit(0)
            }
            var wait = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 30_000) > 0 else { throw Silence() }
            do throws(SystemError) {
                let bytes = try socket.receive(upTo: 65_536).bytes
                if bytes.isEmpty { return nil }
                reader.append(bytes)
            } catch {
                // unix(7): a peer that closes with input unread gives this once all that it sent has been read.
                if error.number == ECONNRESET { return nil }
                throw error
            }
        }
    }

    /// Takes everything up to the end.
    func readToEnd(into outcome: inout TestGround.Outcome) throws {
        while let frame = try next() {
            switch frame {
            case .output(let bytes): outcome.output += bytes
            case .errorOutput(let bytes): outcome.errorOutput += bytes
            case .exit(let record): outcome.exit = record
            default: break
            }
        }
    }

    /// Reads output until `text` has come, and returns all of it.
    @discardableResult
    func wait(for text: String) throws -> String {
        var seen = ""
        while !seen.contains(text) {
            guard let frame = try next() else { throw Silence() }
            if case .output(let bytes) = frame { seen += String(decoding: bytes, as: UTF8.self) }
        }
        return seen
    }

    /// Reads to the exit record.
    func exit() throws -> ExitRecord {
        while let frame = try next() {
            if case .exit(let record) = frame { return record }
        }
        throw Silence()
    }
}
