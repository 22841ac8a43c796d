// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension NetlinkSocket {
    /// Makes the kernel forget every UDP flow from or to this IPv4 address; only for a socket of the family
    /// `netfilter`.
    ///
    /// A UDP flow has no end: while a client keeps sending, the translation that its first packet got lives on, and
    /// its packets go to an address that nobody has any more.
    /// - Parameter address: four bytes; the address of a container, not of the host.
    public func forgetDatagramFlows(of address: [UInt8]) throws(SystemError) {
        var header = nfgenmsg()
        header.nfgen_family = UInt8(AF_INET)
        var list = NetlinkBatch()
        list.add(
            "list flows", type: Self.conntrack(IPCTNL_MSG_CT_GET), flags: NLM_F_ROOT | NLM_F_MATCH, header: header)
        for reply in try dump(list) {
            let attributes = reply.attributes(after: MemoryLayout<nfgenmsg>.size)
            guard let original = attributes.bytes(Int(CTA_TUPLE_ORIG.rawValue)),
                let answer = attributes.bytes(Int(CTA_TUPLE_REPLY.rawValue)),
                let (_, transport) = Self.tuple(original), transport == UInt8(IPPROTO_UDP),
                Self.tuple(original)?.source == address || Self.tuple(answer)?.source == address
            else { continue }
            var batch = NetlinkBatch()
            batch.add("forget a flow", type: Self.conntrack(IPCTNL_MSG_CT_DELETE), header: header) { batch in
                batch.attribute(Int(CTA_TUPLE_ORIG.rawValue) | Int(NLA_F_NESTED), bytes: Array(original))
                if let zone = attributes.bytes(Int(CTA_ZONE.rawValue)) {
                    batch.attribute(Int(CTA_ZONE.rawValue), bytes: Array(zone))
                }
            }
            do throws(SystemError) {
                try perform(batch)
            } catch {
                // It ended by itself meanwhile.
                if error.number != ENOENT { throw error }
            }
        }
    }

    private static func tuple(_ bytes: ArraySlice<UInt8>) -> (source: [UInt8], transport: UInt8)? {
        let parts = NetlinkAttributes(bytes)
        guard let source = parts.nested(Int(CTA_TUPLE_IP.rawValue))?.bytes(Int(CTA_IP_V4_SRC.rawValue)),
            let transport = parts.nested(Int(CTA_TUPLE_PROTO.rawValue))?.integer(
                Int(CTA_PROTO_NUM.rawValue), as: UInt8.self)
        else { return nil }
        return (Array(source), transport)
    }

    private static func conntrack(_ message: cntl_msg_types) -> Int {
        Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(message.rawValue)
    }
}
