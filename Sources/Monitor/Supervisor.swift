// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// Looks after one started program until its end: streams, log, clients, signals, exit record.
///
/// A class with one instance, since the loop's actions all work on it. One thread; nothing in it waits but the loop.
final class Supervisor {
    /// One of the program's streams of output.
    final class Output {
        let descriptor: Descriptor
        let stream: LogRecord.Stream
        init(_ descriptor: consuming Descriptor, _ stream: LogRecord.Stream) {
            self.descriptor = descriptor
            self.stream = stream
        }
    }

    let description: LaunchDescription
    let group: Cgroup
    let process: ProcessHandle
    let startedAt: Int64
    let loop: EventLoop
    let places: MonitorPlaces
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 4096)

    var log: OutputLog?
    var input: ProgramInput?
    /// The terminal's leading end, for its size; it is open as long as the output is.
    var terminal: Output?
    var outputs: [Output] = []
    /// True while a patient client has to catch up.
    var isHeld = false
    var clients: [Int: AttachClient] = [:]
    var lastClient = 0
    var hadInputClient = false
    var listener: AttachListener?
    /// Held for life: whoever can take it knows that this monitor is dead.
    private let lock: FileLock
    var ports: PortForwarder?
    /// Set when the program has ended.
    var ending: ChildProcess.Ending?
    /// Set when all output is out and the end is on record; then only clients remain to be served.
    var isOver = false
    /// A client that will settle has heard of the end.
    var isSettlementPromised = false
    private let signals: SignalDescriptor

    init(
        _ description: LaunchDescription, group: Cgroup, born: consuming Newborn, at moment: Int64,
        with equipment: consuming Equipment
    ) throws(SystemError) {
        self.description = description
        self.group = group
        startedAt = moment
        places = MonitorPlaces(directory: description.directory, runDirectory: description.runDirectory)
        let streams = born.streams
        process = born.process
        loop = equipment.loop
        signals = equipment.signals
        listener = equipment.listener
        ports = equipment.ports
        log = equipment.log
        lock = equipment.lock
        let firstClient = equipment.firstClient
        try watch(streams)
        if let firstClient { try welcome(Descriptor(number: firstClient)) }
    }

    private func watch(_ streams: Newborn.Streams) throws(SystemError) {
        if let number = streams.terminal {
            let output = Output(Descriptor(number: number), .output)
            terminal = output
            outputs = [output]
            if description.process.keepsInputOpen { try takeInput(try output.descriptor.duplicate()) }
        } else {
            if let number = streams.input { try takeInput(Descriptor(number: number)) }
            if let number = streams.output { outputs.append(Output(Descriptor(number: number), .output)) }
            if let number = streams.errorOutput { outputs.append(Output(Descriptor(number: number), .errorOutput)) }
        }
        for output in outputs {
            try output.descriptor.setNonBlocking()
            try loop.watch(output.descriptor.number, .readable) { [unowned self] _ in pump(output) }
        }
        if let ports { try loop.watch(ports.descriptor, .readable) { _ in ports.advance() } }
        try loop.watch(signals.descriptor.number, .readable) { [unowned self] _ in takeSignals() }
        try watchListener()
    }

    private func takeInput(_ descriptor: consuming Descriptor) throws(SystemError) {
        let input = try ProgramInput(descriptor, loop: loop)
        input.credit = { [unowned self] client, count in
            clients[client]?.send(.inputCredit(UInt32(count)))
        }
        input.onClose = { [unowned self] in self.input = nil }
        self.input = input
    }

    /// Serves until the end is on record and every client that can still be told has been told.
    func run() throws(SystemError) {
        // What came before the loop began: an end whose signal is still on its way is found by it.
        takeSignals()
        while !isOver || !clients.isEmpty {
            try loop.turn()
            tidyClients()
            guard ending != nil, !isOver else { continue }
            proceedToEnd()
            tidyClients()
        }
    }

    private func takeSignals() {
        // A descriptor for signals that cannot be read would be this program's own fault; the loop comes back.
        while let number = try? signals.next() {
            if number == SIGCHLD { continue }
            // For people who signal the monitor: its program is meant.
            try? process.signal(number)
        }
        // ECHILD: there is nothing left to reap.
        while let child = try? ChildProcess.reapNext() {
            if child.pid == process.pid { ending = child.ending }
        }
    }
}
