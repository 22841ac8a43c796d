// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

extension LocalContainers {
    func attach(_ name: ContainerName, _ request: AttachRequest) async throws -> any Attachment {
        let record = try find(name)
        guard !record.isSettled else { throw Self.stopped(name) }
        return try attach(to: record, request)
    }

    /// Connects to the monitor of a container that runs.
    func attach(to record: ContainerRecord, _ request: AttachRequest) throws -> any Attachment {
        var hello = AttachFrame.Hello()
        hello.wantsOutput = request.output
        hello.bringsInput = request.input && record.definition.request.keepsInputOpen
        hello.settles = true
        do {
            guard let socket = try MonitorLink.open(files(record.id), hello) else {
                try settleAbandoned(record.id)
                throw Self.stopped(ContainerName(record.name))
            }
            let attachment = try attachment(socket, record)
            if let size = request.terminalSize {
                // A change of size makes an idle shell draw its prompt again, which the new client has not seen.
                try attachment.tellSize(TerminalSize(rows: size.rows &+ 1, columns: size.columns &+ 1))
                try attachment.tellSize(size)
            }
            events.append(.container("attach", record))
            return attachment
        } catch let error as SystemError {
            throw EngineError(error, .container(record.name))
        }
    }

    /// The client's side of a connection whose hello is on its way.
    func attachment(_ socket: consuming Descriptor, _ record: ContainerRecord) throws -> MonitorAttachment {
        let id = record.id
        return try MonitorAttachment(
            socket: socket, hasTerminal: record.definition.request.hasTerminal,
            settle: { exit in try settle(id, ended: exit) },
            abandoned: {
                if let exit = try settleAbandoned(id) { return exit }
                throw EngineError(
                    .unreachable, .container(record.name),
                    "the supervisor of container \(record.name) was killed, and the container with it")
            })
    }

    private static func stopped(_ name: ContainerName) -> EngineError {
        EngineError(
            .conflict, .container(name.text), "You cannot attach to a stopped container, start it first")
    }
}
