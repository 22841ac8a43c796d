// SPDX-License-Identifier: Apache-2.0
import Glibc

extension LeakCheck {
    /// The names of all nftables tables, asked of the kernel itself (netlink(7), NFT_MSG_GETTABLE): tests need no `nft`.
    func nftablesTables() -> [String] {
        // AF_NETLINK and NETLINK_NETFILTER.
        let socket = Glibc.socket(16, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 12)
        guard socket >= 0 else { return [] }
        defer { close(socket) }
        // nlmsghdr: length 20, type NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, NLM_F_REQUEST | NLM_F_DUMP; nfgenmsg.
        let request: [UInt8] = [20, 0, 0, 0, 1, 10, 0x01, 0x03, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        guard send(socket, request, request.count, 0) == request.count else { return [] }

        var names: [String] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { return names }
            var offset = 0
            while offset + 16 <= count {
                let length = Int(buffer.uint32(at: offset))
                let type = buffer.uint16(at: offset + 4)
                // NLMSG_DONE ends the dump, NLMSG_ERROR too (no nf_tables in this kernel, not root).
                if type == 3 || type == 2 || length < 20 { return names }
                if let name = tableName(buffer[(offset + 20)..<min(offset + length, count)]) { names.append(name) }
                offset += (length + 3) & ~3
            }
        }
    }

    /// The attribute NFTA_TABLE_NAME (1) among a message's attributes.
    private func tableName(_ attributes: ArraySlice<UInt8>) -> String? {
        let bytes = Array(attributes)
        var offset = 0
        while offset + 4 <= bytes.count {
            let length = Int(bytes.uint16(at: offset))
            if length < 4 { return nil }
            if bytes.uint16(at: offset + 2) & 0x3fff == 1 {
                return String(decoding: bytes[(offset + 4)..<(offset + length)].prefix { $0 != 0 }, as: UTF8.self)
            }
            offset += (length + 3) & ~3
        }
        return nil
    }
}

extension [UInt8] {
    fileprivate func uint16(at offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }
    fileprivate func uint32(at offset: Int) -> UInt32 {
        UInt32(uint16(at: offset)) | UInt32(uint16(at: offset + 2)) << 16
    }
}
