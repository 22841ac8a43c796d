// SPDX-License-Identifier: Apache-2.0

import Linux
import MonitorProtocol

extension Supervisor {
    /// Takes what the program has written to the log and to every client.
    func pump(_ output: Output) {
        // Not for ever: input, signals and other clients come in between.
        for _ in 0..<8 where !isHeld {
            // A stream that fails has ended as far as anybody can tell.
            guard case .bytes(let count)? = reading(output) else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
            keep(bytes, of: output)
            send(bytes, of: output)
        }
    }

    /// Reads once. At the end of the stream, or when nothing is left of an ended program's, it is done with.
    private func reading(_ output: Output) -> Descriptor.Reading? {
        guard outputs.contains(where: { $0 === output }) else { return nil }
        let reading: Descriptor.Reading
        do throws(SystemError) {
            reading = try output.descriptor.readNow(into: buffer)
        } catch {
            reading = .end
        }
        switch reading {
        case .bytes: break
        case .nothing:
            // Others may hold the stream open (what an exec left behind, say), but the program can add nothing to it.
            if ending != nil { drop(output) }
        case .end: drop(output)
        }
        return reading
    }

    private func drop(_ output: Output) {
        loop.forget(output.descriptor.number)
        outputs.removeAll { $0 === output }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, of output: Output) {
        // A disk that is full must not stop the program: what cannot be kept is lost, and clients still get it.
        try? log?.append(bytes, from: output.stream)
    }

    private func send(_ bytes: UnsafeRawBufferPointer, of output: Output) {
        let kind: AttachFrame.Kind = output.stream == .output ? .output : .errorOutput
        for client in clients.values where client.hello?.wantsOutput == true {
            client.send(kind, bytes)
            if client.isHopeless { client.finish(with: .cut) }
        }
        holdOrRelease()
    }

    /// Stops reading the program's output while a patient client is behind, and goes on when it has caught up.
    func holdOrRelease() {
        let mustHold = clients.values.contains { $0.holdsProgram }
        guard mustHold != isHeld else { return }
        isHeld = mustHold
        for output in outputs {
            // A watched descriptor can always be changed.
            try? loop.change(output.descriptor.number, mustHold ? [] : .readable)
        }
    }
}
