// SPDX-License-Identifier: Apache-2.0
import Glibc

extension LeakCheck {
    /// The names of all nftables tables, asked of the kernel itself (netlink(7), NFT_MSG_GETTABLE): tests need no `nft`.
    func nftablesTables() -> [String] {
        guard let socket = netfilterSocket() else { return [] }
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

    /// Deletes a table of family inet with all that is in it; nothing happens where there is none.
    func deleteNftablesTable(_ name: String) {
        guard let socket = netfilterSocket() else { return }
        defer { close(socket) }
        // nfgenmsg of the batch's ends names the subsystem (10); that of the message the family NFPROTO_INET (1).
        func message(_ type: UInt8, _ subsystem: UInt8, _ family: UInt8, _ resource: UInt8, _ body: [UInt8]) -> [UInt8]
        {
            let length = UInt32(20 + body.count)
            let header = withUnsafeBytes(of: length.littleEndian) { Array($0) }
            return header + [type, subsystem, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, family, 0, 0, resource] + body
        }
        let text = Array(name.utf8) + [0]
        var attribute: [UInt8] = [UInt8(4 + text.count), 0, 1, 0] + text
        while attribute.count % 4 != 0 { attribute.append(0) }
        let batch = message(0x10, 0, 0, 10, []) + message(2, 10, 1, 0, attribute) + message(0x11, 0, 0, 10, [])
        _ = send(socket, batch, batch.count, 0)  // a table that is not there is no failure
    }

    private func netfilterSocket() -> CInt? {
        // AF_NETLINK and NETLINK_NETFILTER.
        let socket = Glibc.socket(16, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 12)
        return socket >= 0 ? socket : nil
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
