// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension Namespaces {
    /// Runs `body` with this thread in another network namespace; sockets that it opens belong there.
    ///
    /// - Parameter namespace: an open descriptor of the namespace.
    /// - Throws: what `body` throws; the failure to go or to come back, after which the thread is where it is.
    public static func whileInNetwork<Value>(
        _ namespace: borrowing Descriptor, _ body: () throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        let home = try Descriptor(opening: "/proc/thread-self/ns/net", O_RDONLY)
        try enterNetwork(namespace)
        let result: Value
        do throws(SystemError) {
            result = try body()
        } catch {
            try enterNetwork(home)
            throw error
        }
        try enterNetwork(home)
        return result
    }

    /// Puts this thread into a network namespace for good.
    public static func enterNetwork(_ namespace: borrowing Descriptor) throws(SystemError) {
        let number = namespace.number
        try attempt("setns network") { clinux_setns(number, clinux_new_net) }
    }
}
