// SPDX-License-Identifier: Apache-2.0

import CLinux

/// One message that the kernel answered with.
struct NetlinkReply {
    /// What it is: `RTM_NEWLINK` and so on.
    let type: UInt16
    /// The family's fixed header and the attributes.
    let payload: [UInt8]

    /// The fixed header; `nil` where the message is too short for it.
    func header<Header: BitwiseCopyable>(as _: Header.Type) -> Header? {
        guard payload.count >= MemoryLayout<Header>.size else { return nil }
        return payload.withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
    }

    /// The attributes after a fixed header of this size.
    func attributes(after header: Int) -> NetlinkAttributes {
        NetlinkAttributes(payload[min((header + 3) & ~3, payload.count)...])
    }
}

/// Attributes of a message, or those inside one of them.
struct NetlinkAttributes {
    private var values: [(type: Int, bytes: ArraySlice<UInt8>)] = []

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while rest.count >= 4 {
            let (length, type) = rest.withUnsafeBytes {
                ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            }
            guard length >= 4, length <= rest.count else { return }
            // NLA_TYPE_MASK: the two highest bits say "nested" and "in network byte order".
            values.append((Int(type & 0x3fff), rest[rest.startIndex + 4..<rest.startIndex + Int(length)]))
            rest = rest.dropFirst((Int(length) + 3) & ~3)
        }
    }

    /// The bytes of the first attribute of this type.
    func bytes(_ type: Int) -> ArraySlice<UInt8>? { values.first { $0.type == type }?.bytes }

    /// An integer in the machine's byte order.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Int, as _: Value.Type = Value.self) -> Value? {
        guard let bytes = bytes(type), bytes.count >= MemoryLayout<Value>.size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }

    /// Text up to its NUL.
    func text(_ type: Int) -> String? {
        bytes(type).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// What is inside an attribute.
    func nested(_ type: Int) -> NetlinkAttributes? { bytes(type).map(NetlinkAttributes.init) }
}
