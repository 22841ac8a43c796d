// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Supervisor {
    func watchListener() throws(SystemError) {
        guard let listener else { return }
        try loop.watch(listener.descriptor.number, .readable) { [unowned self] _ in
            // Out of descriptors, say: that client is refused, and the loop comes back for the next.
            while let client = try? listener.accept() { try? welcome(client) }
        }
    }

    /// Takes a client in; it is served once it has said what it wants.
    func welcome(_ socket: consuming Descriptor) throws(SystemError) {
        lastClient += 1
        let client = try AttachClient(socket, number: lastClient)
        clients[lastClient] = client
        try loop.watch(client.socket.number, .readable) { [unowned self] readiness in
            if readiness.contains(.writable) { client.flush() }
            if !readiness.isDisjoint(with: Epoll.Events.readable.union(.hangUp)) { listen(to: client) }
        }
        // The first client has spoken before the program began: not a byte of output precedes it.
        listen(to: client)
    }

    private func listen(to client: AttachClient) {
        client.receive(into: buffer) { obey($0, of: client) }
    }

    private func obey(_ frame: AttachFrame, of client: AttachClient) {
        switch frame {
        case .hello(let hello):
            var welcome = AttachFrame.Welcome()
            welcome.hasTerminal = description.process.hasTerminal
            welcome.takesInput = input != nil
            welcome.inputWindow = UInt32(ProgramInput.window)
            client.send(.welcome(welcome))
            if hello.bringsInput { hadInputClient = true }
        case .input(let bytes):
            if let input {
                input.take(bytes, from: client.number)
            } else {
                client.send(.inputCredit(UInt32(bytes.count)))
            }
        case .inputClosed:
            endInput(of: client)
        case .resize(let size):
            if let terminal {
                // A terminal that is gone has no size either.
                try? Terminal.resize(terminal.descriptor.number, rows: size.rows, columns: size.columns)
            }
        case .signal(let number):
            // ESRCH: it has just ended, and the client will hear so.
            try? process.signal(number)
        case .welcome, .output, .errorOutput, .inputCredit, .exit, .cut:
            client.close()
        }
    }

    /// A pipe ends with its first client where the container was made so; a terminal ends only with the program.
    private func endInput(of client: AttachClient) {
        guard client.hello?.bringsInput == true, !description.process.hasTerminal,
            description.process.inputEndsWithFirstClient
        else { return }
        input?.end()
    }

    /// Sends what waits, lets go of clients that are gone, and holds or releases the program accordingly.
    func tidyClients() {
        for client in clients.values where !client.isOpen {
            loop.forget(client.socket.number)
            clients[client.number] = nil
            if isOver, client.hasEverything, client.hello?.settles == true { isSettlementPromised = true }
            endInput(of: client)
        }
        let wasHeld = isHeld
        holdOrRelease()
        if wasHeld, !isHeld { for output in outputs { pump(output) } }
        // Last: what was pumped just now may be more than its client takes, and then nothing else would wake this loop.
        for client in clients.values where client.isOpen {
            // A watched descriptor can always be changed.
            try? loop.change(client.socket.number, client.backlog > 0 ? [.readable, .writable] : .readable)
        }
    }
}
