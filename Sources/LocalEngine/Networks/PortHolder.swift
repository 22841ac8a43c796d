// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// The process that has a port of the host: asked only once a port was refused, since the answer is a walk over /proc.
struct PortHolder: Hashable, Sendable {
    let process: Int32
    /// The name that it was started by, without directories.
    let command: String
    /// The container that it supervises, where it is one of dsh's own: of this engine or another.
    let container: ContainerID?

    /// Looks for the process; `nil` where it is hidden or gone again.
    static func find(_ port: PortNumber, _ transport: Transport, at address: IPAddress) -> PortHolder? {
        let inodes = Set(
            [("", false), ("6", true)].flatMap { suffix, isIPv6 in
                sockets(in: "/proc/thread-self/net/\(transport.rawValue)\(suffix)", port, transport)
                    .filter { collides($0.address, isIPv6, with: address) }.map(\.inode)
            })
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        for process in entries(of: "/proc").compactMap({ Int32($0) }) {
            let directory = "/proc/\(process)/fd"
            if entries(of: directory).contains(where: { links.contains(target(of: "\(directory)/\($0)")) }) {
                return PortHolder(process: process, words: text(of: "/proc/\(process)/cmdline").split(separator: "\0"))
            }
        }
        return nil
    }

    private init(process: Int32, words: [Substring]) {
        self.process = process
        command = words.first?.split(separator: "/").last.map(String.init) ?? "a process"
        // A supervisor is started as `dsh-monitor ID`; other words are another program's.
        container = command == "dsh-monitor" && words.count > 1 ? try? ContainerID(parsing: words[1]) : nil
    }

    /// An IPv6 socket that is not restricted holds the IPv4 port as well.
    private static func collides(_ bound: String, _ isIPv6: Bool, with address: IPAddress) -> Bool {
        let isEvery = bound.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
        if isIPv6 != address.isIPv6 { return isIPv6 && isEvery }
        return isEvery || address.isUnspecified || bound == kernelText(of: address)
    }

    /// The address as /proc/net shows it: words of 32 bits in the machine's byte order, in hexadecimal.
    private static func kernelText(of address: IPAddress) -> String {
        stride(from: 0, to: address.bytes.count, by: 4).map { start in
            let word = address.bytes[start..<start + 4].reversed()
            return word.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }.joined()
    }

    /// Sockets that hold the port: for TCP those that listen (0A), for UDP those without a peer (07).
    private static func sockets(
        in table: String, _ port: PortNumber, _ transport: Transport
    ) -> [(address: String, inode: String)] {
        text(of: table).split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == (transport == .tcp ? "0A" : "07") else { return nil }
            let local = fields[1].split(separator: ":")
            guard local.count == 2, UInt16(local[1], radix: 16) == port.number else { return nil }
            return (String(local[0]), String(fields[9]))
        }
    }

    private static func text(of path: String) -> String {
        // A process that is gone meanwhile holds nothing.
        guard let file = try? Descriptor(opening: path, O_RDONLY), let bytes = try? file.readToEnd() else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func target(of link: String) -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink(link, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    }

    private static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}
