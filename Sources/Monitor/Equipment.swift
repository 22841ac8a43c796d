// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Supervisor {
    /// What a monitor makes before its program starts, so that a failure here leaves nothing to be undone.
    struct Equipment: ~Copyable {
        let lock: FileLock
        let loop: EventLoop
        let signals: SignalDescriptor
        let listener: AttachListener
        let ports: PortForwarder?
        let log: OutputLog?
        /// The socket of the client that was there from the start; this value's to hand out once.
        let firstClient: CInt?

        /// - Throws: EBUSY when another monitor lives in the same run directory.
        init(for description: LaunchDescription) throws(SystemError) {
            let places = MonitorPlaces(directory: description.directory, runDirectory: description.runDirectory)
            guard let lock = try FileLock.take(places.lock) else {
                throw SystemError(step: "take \(places.lock)", number: EBUSY)
            }
            try lock.write("\(getpid())\n")
            // What the last run left behind means nothing any more.
            unlink(places.exitRecord)
            let client = MonitorPlaces.clientDescriptor
            let signals = try SignalDescriptor([SIGCHLD, SIGTERM])
            let log = description.log.isOn ? try OutputLog(description.log.path) : nil
            let loop = try EventLoop()
            let ports = description.ports.isEmpty ? nil : try PortForwarder(description.ports)
            listener = try AttachListener(places)
            self.lock = lock
            self.signals = signals
            self.log = log
            self.loop = loop
            self.ports = ports
            firstClient = Descriptor.isSocket(client) ? client : nil
        }
    }
}

/// The socket at which clients arrive; its file goes when this does.
final class AttachListener {
    let descriptor: Descriptor
    private let path: String

    init(_ places: MonitorPlaces) throws(SystemError) {
        descriptor = try UnixSocket.listen(MonitorPlaces.socketName, in: places.runDirectory)
        path = places.socket
    }

    /// The next client that waits, or `nil`.
    func accept() throws(SystemError) -> Descriptor? { try UnixSocket.accept(descriptor) }

    deinit { unlink(path) }
}
