// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol
import Synchronization

/// Starts a monitor with a launch description and hears what became of it.
struct MonitorStart {
    /// Supervisors that this process started and has not reaped yet.
    private static let children = Mutex<[pid_t]>([])

    let programs: Programs

    /// Starts one and returns once its program runs.
    ///
    /// - Parameters:
    ///   - client: our end's counterpart of the first attachment, where there is one.
    ///   - ports: bound sockets in the order of `description.ports`.
    /// - Throws: `StartFailure` when the program did not begin; `.system` when the supervisor itself failed.
    func callAsFunction(
        _ description: LaunchDescription, client: CInt? = nil, ports: [CInt] = []
    ) throws -> LaunchReport.Started {
        Self.reap()
        do {
            try MonitorStartStep.spawn.begin()
            // Sockets, since a pipe whose reader died would send SIGPIPE.
            let words = try SocketPair()
            let report = try SocketPair()
            // Something must stand in the client's place before the ports.
            let nobody = try Descriptor(opening: "/dev/null", O_RDONLY)
            let first = client ?? (ports.isEmpty ? nil : nobody.number)
            let child = try SpawnedProgram(
                try ProtectedProgram(programs.monitor), arguments: ["dsh-monitor", description.id],
                environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
                descriptors: [words.other.number, report.other.number] + (first.map { [$0] } ?? []) + ports)
            Self.children.withLock { $0.append(child.pid) }
            return try Self.converse(words.keepOne(), report.keepOne(), description.encoded)
        } catch let error as SystemError {
            throw EngineError(.system, .container(description.name), "start the supervisor: \(error)", cause: error)
        }
    }

    private static func converse(
        _ words: consuming Descriptor, _ report: consuming Descriptor, _ description: [UInt8]
    ) throws -> LaunchReport.Started {
        try MonitorStartStep.describe.begin()
        try send(description, to: words)
        try MonitorStartStep.hear.begin()
        let answer = try report.readToEnd()
        guard !answer.isEmpty else {
            throw EngineError(.system, .engine, "the container's supervisor died while it started the container")
        }
        switch try LaunchReport(decoding: answer) {
        case .started(let started): return started
        case .failed(let failure): throw failure
        }
    }

    /// Sends everything and closes: the end tells the supervisor that it has all.
    private static func send(_ bytes: [UInt8], to socket: consuming Descriptor) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            do throws(SystemError) {
                rest.removeFirst(try socket.send(rest))
            } catch {
                // It died: the empty report says so.
                if error.number == EPIPE || error.number == ECONNRESET { return }
                throw error
            }
        }
    }

    /// Supervisors outlive this process; those that ended before it are reaped when the next one starts.
    private static func reap() {
        children.withLock { children in children.removeAll { waitpid($0, nil, WNOHANG) != 0 } }
    }
}
