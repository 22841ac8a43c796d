// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// The connection of the client that starts a program, made before the program so that no output is missed.
final class FirstClient {
    private let pair: SocketPair

    /// Says at once what this client wants.
    init(wantsOutput: Bool, bringsInput: Bool) throws(SystemError) {
        pair = try SocketPair()
        var hello = AttachFrame.Hello()
        hello.wantsOutput = wantsOutput
        hello.bringsInput = bringsInput
        hello.settles = true
        hello.isPatient = true
        try pair.one.send(.hello(hello))
    }

    var monitorEnd: CInt { pair.other.number }

    /// A second descriptor of our end; the monitor's end closes with this object.
    func takeOurEnd() throws(SystemError) -> Descriptor { try pair.one.duplicate() }
}
