// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// What the engine puts into a container's `/etc` because it depends on the network: hosts, hostname and resolv.conf.
struct NetworkFiles: Hashable, Sendable {
    var hosts: String
    var hostname: String
    var resolvConf: String

    /// The three files for a container.
    ///
    /// - Parameters:
    ///   - address: where it is on the bridge; `nil` without one.
    ///   - choice: with the host's network, the host's own files are shown, as they are now.
    init(hostname: String, choice: NetworkChoice, address: IPv4Address?) {
        self.hostname = hostname + "\n"
        let resolver = Self.text(of: "/etc/resolv.conf")
        if choice == .host {
            hosts = Self.text(of: "/etc/hosts")
            resolvConf = resolver
        } else {
            hosts = Self.hosts(hostname: hostname, address: address)
            resolvConf = Self.resolvConf(
                host: resolver, behindStub: { Self.text(of: "/run/systemd/resolve/resolv.conf") })
        }
    }

    /// Adds lines of the user's, before the container's own name as Docker has them last.
    mutating func add(_ entries: [BuildRequest.HostEntry], gateway: IPv4Address?) {
        for entry in entries {
            guard let address = entry.address?.description ?? gateway?.description else { continue }
            hosts += "\(address)\t\(entry.name)\n"
        }
    }

    /// Docker's lines, and the container's own name at its own address.
    static func hosts(hostname: String, address: IPv4Address?) -> String {
        let usual = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters

            """
        return usual + (address.map { "\($0)\t\(hostname)\n" } ?? "")
    }

    /// The host's resolvers, less those that a container cannot reach: loopback addresses, which are its own loopback
    /// there, and IPv6 ones, since the bridge has no IPv6. Where none is left, Docker's: 8.8.8.8 and 8.8.4.4.
    ///
    /// - Parameter behindStub: the file with the real resolvers, read when the host asks systemd-resolved alone.
    static func resolvConf(host: String, behindStub: () -> String) -> String {
        var text = host
        if servers(in: text) == ["127.0.0.53"] {
            let real = behindStub()
            if !real.isEmpty { text = real }
        }
        var kept = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            guard let server = server(in: line) else { return true }
            // One that cannot be read is of no use to a resolver either.
            guard let address = try? IPAddress(parsing: server) else { return false }
            return !address.isIPv6 && !address.isLoopback
        }
        if servers(in: kept.joined(separator: "\n")).isEmpty {
            if kept.last == "" { kept.removeLast() }
            kept += ["nameserver 8.8.8.8", "nameserver 8.8.4.4", ""]
        }
        return kept.joined(separator: "\n")
    }

    private static func servers(in text: String) -> [Substring] {
        text.split(separator: "\n").compactMap(server)
    }

    /// The address of a `nameserver` line, with an IPv6 address's interface cut off: resolv.conf(5).
    private static func server(in line: Substring) -> Substring? {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count >= 2, words[0] == "nameserver" else { return nil }
        return words[1].prefix { $0 != "%" }
    }

    /// The file's text; empty where there is none, as for a resolver.
    private static func text(of path: String) -> String {
        // A resolver reads a missing file as an empty one.
        guard let file = try? Descriptor(opening: path, O_RDONLY), let bytes = try? file.readToEnd() else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
