// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// An address and a port as the kernel takes them: where a socket is bound, or whom it talks to.
public struct InternetAddress: Hashable, Sendable {
    /// 4 or 16 bytes in network order.
    public let bytes: [UInt8]
    /// 0 lets the kernel choose when a socket is bound.
    public let port: UInt16
    /// The interface of a link-local IPv6 address; otherwise 0.
    public let scope: UInt32

    /// An address of 4 or 16 bytes.
    public init(bytes: [UInt8], port: UInt16, scope: UInt32 = 0) {
        self.bytes = bytes
        self.port = port
        self.scope = scope
    }

    /// `AF_INET` or `AF_INET6`.
    var family: Int32 { bytes.count == 4 ? AF_INET : AF_INET6 }

    /// The address in the form that system calls take.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let size = withUnsafeMutableBytes(of: &storage) { raw -> Int in
            if bytes.count == 4 {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
                raw.storeBytes(of: address, as: sockaddr_in.self)
                return MemoryLayout<sockaddr_in>.size
            }
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes.prefix(16)) }
            raw.storeBytes(of: address, as: sockaddr_in6.self)
            return MemoryLayout<sockaddr_in6>.size
        }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }

    /// Reads what a system call wrote; `nil` for another family.
    init?(_ storage: borrowing sockaddr_storage) {
        let family = Int32(storage.ss_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        self = withUnsafeBytes(of: storage) { raw in
            if family == AF_INET {
                let address = raw.load(as: sockaddr_in.self)
                let bytes = withUnsafeBytes(of: address.sin_addr) { Array($0) }
                return Self(bytes: bytes, port: UInt16(bigEndian: address.sin_port))
            }
            let address = raw.load(as: sockaddr_in6.self)
            let bytes = withUnsafeBytes(of: address.sin6_addr) { Array($0) }
            return Self(bytes: bytes, port: UInt16(bigEndian: address.sin6_port), scope: address.sin6_scope_id)
        }
    }
}
