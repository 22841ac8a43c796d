// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Synchronization
import TestSupport

/// A server on the loopback address whose answers a test writes down, byte for byte.
final class FileServer: Sendable {
    private let answers: Mutex<[String: [UInt8]]>
    private let asked = Mutex<[String]>([])
    private let socket: CInt
    let port: UInt16

    /// The paths that were asked for, in order.
    var requests: [String] { asked.withLock { $0 } }

    /// - Parameter answers: whole messages by path.
    init(_ answers: [String: [UInt8]] = [:]) throws {
        self.answers = Mutex(answers)
        let bound = try InternetSocket.bound(.stream, to: InternetAddress(bytes: [127, 0, 0, 1], port: 0))
        port = bound.localAddress?.port ?? 0
        // A duplicate that waits.
        socket = dup(bound.descriptor.number)
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK)
        let own = self
        Thread.detachNewThread { own.serve() }
    }

    /// Refuses whoever comes from now on.
    func close() { shutdown(socket, Int32(SHUT_RDWR)) }

    func answer(_ path: String, _ message: [UInt8]) { answers.withLock { $0[path] = message } }

    /// An answer of status 200 with a body.
    func give(_ path: String, _ body: String, _ fields: String = "") {
        answer(path, Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)".utf8))
    }

    private func serve() {
        while true {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else {
                _ = Glibc.close(socket)
                return
            }
            var request = [UInt8](repeating: 0, count: 1 << 14)
            let count = recv(connection, &request, request.count, 0)
            let words = String(decoding: request.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
            let path = words.count > 1 ? String(words[1]) : ""
            asked.withLock { $0.append(path) }
            let missing = Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
            let answer = answers.withLock { $0[path] } ?? missing
            _ = answer.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            _ = Glibc.close(connection)
        }
    }
}
