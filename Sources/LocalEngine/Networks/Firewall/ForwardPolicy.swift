// SPDX-License-Identifier: Apache-2.0

import Engine

/// What other programs say about packets that pass through the host.
///
/// Docker, and other firewalls, set the policy of iptables' FORWARD chain to DROP. An accept in our own table does not
/// help: every table has to let a packet through. So an accept for our bridge goes where Docker keeps room for others'
/// rules, `DOCKER-USER`, or to the chain itself, in the form in which iptables shows it.
struct ForwardPolicy: Sendable {
    /// Our bridge.
    let bridge: String

    /// The two rules, by which way a packet crosses the bridge.
    private enum Way: String, CaseIterable {
        case into = "oifname"
        case from = "iifname"
    }

    /// Adds what is missing of our two rules.
    ///
    /// - Returns: whether anything was missing; then one change was made.
    func admit() throws -> Bool {
        let chain = try listing(of: Self.dockersChain) == nil ? Self.mainChain : Self.dockersChain
        let text = try listing(of: chain) ?? ""
        let missing = Way.allCases.filter { handles(of: $0, in: text).isEmpty }
        try run(missing.map { "insert rule ip filter \(chain) \(rule($0))\n" }.joined())
        return !missing.isEmpty
    }

    /// Whether one of our rules stands anywhere.
    func isAdmitted() throws -> Bool { try !ours().isEmpty }

    /// Removes our rules wherever they stand.
    func withdraw() throws {
        try run(ours().map { "delete rule ip filter \($0.chain) handle \($0.handle)\n" }.joined())
    }

    private static let dockersChain = "DOCKER-USER"
    private static let mainChain = "FORWARD"

    // The counter is there because iptables shows, and finds, rules with one.
    private func rule(_ way: Way) -> String { "\(way.rawValue) \"\(bridge)\" counter accept" }

    private func ours() throws -> [(chain: String, handle: String)] {
        try [Self.dockersChain, Self.mainChain].flatMap { chain in
            let text = try listing(of: chain) ?? ""
            return Way.allCases.flatMap { handles(of: $0, in: text) }.map { (chain, $0) }
        }
    }

    private func handles(of way: Way, in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.starts(with: [way.rawValue[...], "\"\(bridge)\"", "counter"]), words.contains("accept"),
                let place = words.lastIndex(of: "handle"), place + 1 < words.count
            else { return nil }
            return String(words[place + 1])
        }
    }

    /// The chain's rules with their handles; `nil` where there is no such chain.
    private func listing(of chain: String) throws -> String? {
        do {
            return try Nftables.run("list chain ip filter \(chain)")
        } catch is Nftables.Refusal {
            return nil
        }
    }

    private func run(_ text: String) throws {
        guard !text.isEmpty else { return }
        do {
            try Nftables.run(text)
        } catch let refusal as Nftables.Refusal {
            throw EngineError(
                .system, .engine, "cannot let containers through another firewall: \(refusal)", cause: refusal)
        }
    }
}
