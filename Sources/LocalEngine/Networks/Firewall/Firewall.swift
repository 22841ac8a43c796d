// SPDX-License-Identifier: Apache-2.0

import Engine

/// The rules of one engine: a table of its own, `inet dsh-…`, and nothing in anybody else's but what `ForwardPolicy`
/// says.
///
/// Rules are made once; a published port is one element of a map that they look into.
struct Firewall: Sendable {
    /// The table and the bridge have the same name.
    let name: String

    /// Makes the table anew with these ports, in one transaction: there is no moment without rules.
    func install(_ subnet: Subnet, _ ports: [PortRecord]) throws {
        try change(
            """
            add table inet \(name)
            delete table inet \(name)
            table inet \(name) {
                \(Map.everywhere.declaration)
                \(Map.oneAddress.declaration)
                chain guard {
                    type filter hook prerouting priority raw; policy accept;
                    iifname "\(name)" ip daddr 127.0.0.0/8 drop
                }
                chain publish {
                    dnat ip to ip daddr . meta l4proto . th dport map @\(Map.oneAddress.rawValue)
                    dnat ip to meta l4proto . th dport map @\(Map.everywhere.rawValue)
                }
                chain arriving {
                    type nat hook prerouting priority dstnat; policy accept;
                    ip daddr != 127.0.0.0/8 fib daddr type local jump publish
                }
                chain departing {
                    type nat hook output priority -100; policy accept;
                    ip daddr != 127.0.0.0/8 fib daddr type local jump publish
                }
                chain disguise {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr \(subnet) oifname != "\(name)" masquerade
                    ip saddr \(subnet) oifname "\(name)" ct status dnat masquerade
                }
                chain passing {
                    type filter hook forward priority filter; policy accept;
                    oifname "\(name)" ct state established,related accept
                    oifname "\(name)" ct status dnat accept
                    oifname "\(name)" iifname != "\(name)" drop
                }
            }
            \(commands("add", ports))
            """)
    }

    /// Takes ports away and adds others, in one transaction.
    ///
    /// - Throws: also when one to be removed is not there: then the maps are not what the records say.
    func change(removing removed: [PortRecord], adding added: [PortRecord]) throws {
        let text = commands("delete", removed) + commands("add", added)
        if !text.isEmpty { try change(text) }
    }

    /// Makes the maps hold these ports and nothing else.
    func replace(with ports: [PortRecord]) throws {
        let flushes = Map.allCases.map { "flush map inet \(name) \($0.rawValue)\n" }.joined()
        try change(flushes + commands("add", ports))
    }

    /// Removes the table; nothing where there is none.
    func remove() throws {
        try change("add table inet \(name)\ndelete table inet \(name)\n")
    }

    /// The elements of the maps, each as a line of text that is the same for the same port.
    func elements() throws -> Set<String> {
        var found: Set<String> = []
        for map in Map.allCases {
            let text = try listed("list map inet \(name) \(map.rawValue)")
            guard let start = text.firstRange(of: "elements = {"),
                let end = text[start.upperBound...].firstIndex(of: "}")
            else { continue }
            for element in text[start.upperBound..<end].split(separator: ",") {
                found.insert(element.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            }
        }
        return found
    }

    /// What `elements` shows for a port; `nil` for one that the firewall has no part in.
    static func element(of port: PortRecord) -> String? {
        guard let map = Map(port) else { return nil }
        return map.key(port, transport: port.transport == .tcp ? "6" : "17") + " : " + value(port)
    }

    /// A map from where a packet is going to where it shall go.
    private enum Map: String, CaseIterable {
        case everywhere
        case oneAddress = "one_address"

        /// `nil` for a port that the firewall has no part in: loopback addresses and IPv6 are the monitor's.
        init?(_ port: PortRecord) {
            guard !port.hostAddress.isIPv6, !port.hostAddress.isLoopback else { return nil }
            self = port.hostAddress.isUnspecified ? .everywhere : .oneAddress
        }

        var declaration: String {
            let key = self == .everywhere ? "inet_proto . inet_service" : "ipv4_addr . inet_proto . inet_service"
            return "map \(rawValue) { type \(key) : ipv4_addr . inet_service; }"
        }

        func key(_ port: PortRecord, transport: String) -> String {
            (self == .everywhere ? "" : "\(port.hostAddress) . ") + "\(transport) . \(port.hostPort)"
        }
    }

    private static func value(_ port: PortRecord) -> String { "\(port.containerAddress) . \(port.containerPort)" }

    private func commands(_ verb: String, _ ports: [PortRecord]) -> String {
        ports.compactMap { port in
            Map(port).map { map in
                let key = map.key(port, transport: port.transport.rawValue)
                let element = verb == "add" ? "\(key) : \(Self.value(port))" : key
                return "\(verb) element inet \(name) \(map.rawValue) { \(element) }\n"
            }
        }.joined()
    }

    private func change(_ text: String) throws { try listed(text) }

    @discardableResult
    private func listed(_ text: String) throws -> String {
        do {
            return try Nftables.run(text)
        } catch let refusal as Nftables.Refusal {
            throw EngineError(.system, .engine, "cannot change the firewall's rules: \(refusal)", cause: refusal)
        }
    }
}
