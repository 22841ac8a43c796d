// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension NetlinkSocket {
    /// The number that every committed change of any nftables rule raises; only for a socket of the family `netfilter`.
    ///
    /// A number that has not changed means that nobody has touched the rules: the cheapest way to know that they stand.
    public func firewallGeneration() throws(SystemError) -> UInt32 {
        var batch = NetlinkBatch()
        batch.add("ask for the firewall's generation", type: Self.nftables(NFT_MSG_GETGEN), header: nfgenmsg())
        let reply = try exchange(batch).first { Int($0.type) == Self.nftables(NFT_MSG_NEWGEN) }
        let attributes = reply?.attributes(after: MemoryLayout<nfgenmsg>.size)
        return UInt32(bigEndian: attributes?.integer(Int(NFTA_GEN_ID.rawValue)) ?? 0)
    }

    /// Whether an nftables table of the family `inet` exists; only for a socket of the family `netfilter`.
    public func hasFirewallTable(_ name: String) throws(SystemError) -> Bool {
        var header = nfgenmsg()
        header.nfgen_family = UInt8(NFPROTO_INET)
        var batch = NetlinkBatch()
        batch.add("look for table \(name)", type: Self.nftables(NFT_MSG_GETTABLE), header: header) {
            $0.attribute(Int(NFTA_TABLE_NAME.rawValue), name)
        }
        do throws(SystemError) {
            return try !exchange(batch).isEmpty
        } catch {
            if error.number == ENOENT { return false }
            throw error
        }
    }

    /// Whether a base chain of an nftables table of the family `ip` drops what its rules do not accept; only for a
    /// socket of the family `netfilter`.
    ///
    /// - Returns: `nil` where there is no such chain. Chains of iptables are seen when it is the kind that uses
    ///   nftables.
    public func dropsByDefault(chain: String, ofTable table: String) throws(SystemError) -> Bool? {
        var header = nfgenmsg()
        header.nfgen_family = UInt8(NFPROTO_IPV4)
        var batch = NetlinkBatch()
        batch.add("look for chain \(chain)", type: Self.nftables(NFT_MSG_GETCHAIN), header: header) { batch in
            batch.attribute(Int(NFTA_CHAIN_TABLE.rawValue), table)
            batch.attribute(Int(NFTA_CHAIN_NAME.rawValue), chain)
        }
        do throws(SystemError) {
            let attributes = try exchange(batch).first?.attributes(after: MemoryLayout<nfgenmsg>.size)
            let policy: UInt32? = attributes?.integer(Int(NFTA_CHAIN_POLICY.rawValue))
            return policy.map { UInt32(bigEndian: $0) == 0 }  // NF_DROP
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    private static func nftables(_ message: nf_tables_msg_types) -> Int {
        Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(message.rawValue)
    }
}
