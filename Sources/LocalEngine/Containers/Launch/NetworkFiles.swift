// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc

/// The three small files that are bound over a container's own: hosts, hostname and resolv.conf.
struct NetworkFiles {
    let hosts: String
    let hostname: String
    let resolvConf: String

    init(_ record: ContainerRecord, _ network: NetworkPlan) {
        let request = record.definition.request
        let name = record.definition.hostname
        hostname = name + "\n"
        if request.network == .host {
            hosts = SmallFile.text("/etc/hosts") ?? Self.standardHosts
            resolvConf = SmallFile.text("/etc/resolv.conf") ?? ""
        } else {
            hosts = Self.standardHosts + (network.address.map { "\($0)\t\(name)\n" } ?? "")
            resolvConf = Self.resolvConf(from: SmallFile.text("/etc/resolv.conf") ?? "")
        }
    }

    func write(to files: ContainerFiles) throws(EngineError) {
        try SmallFile.write(hosts.utf8, to: files.hosts, mode: 0o644)
        try SmallFile.write(hostname.utf8, to: files.hostname, mode: 0o644)
        try SmallFile.write(resolvConf.utf8, to: files.resolvConf, mode: 0o644)
    }

    private static let standardHosts = """
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::\tip6-localnet
        ff00::\tip6-mcastprefix
        ff02::1\tip6-allnodes
        ff02::2\tip6-allrouters

        """

    /// The host's file without what answers on the host's loopback only; Docker's public servers where nothing is left.
    static func resolvConf(from host: String) -> String {
        var lines: [Substring] = []
        var hasServer = false
        for line in host.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.first == "nameserver" else {
                if let first = words.first, !first.hasPrefix("#"), !first.hasPrefix(";") { lines.append(line) }
                continue
            }
            guard words.count > 1, let address = try? IPAddress(parsing: words[1].prefix { $0 != "%" }),
                !address.isLoopback
            else { continue }
            hasServer = true
            lines.append(line)
        }
        if !hasServer { lines += ["nameserver 8.8.8.8", "nameserver 8.8.4.4"] }
        return lines.map { $0 + "\n" }.joined()
    }
}
