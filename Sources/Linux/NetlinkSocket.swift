// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A connection to the kernel's networking, in the network namespace of the thread that opened it: netlink(7).
public struct NetlinkSocket: ~Copyable, Sendable {
    /// Which part of the kernel answers.
    public enum Family: Int32, Sendable {
        /// Interfaces, addresses, routes: rtnetlink(7).
        case route = 0
        /// nftables and connection tracking.
        case netfilter = 12
    }

    private let descriptor: Descriptor
    /// One datagram of an answer; the kernel fills at most this much of a dump at once.
    private static let bufferSize = 32_768
    /// How often a dump that a change came in between is begun again.
    private static let attempts = 8

    /// Opens a socket that execve(2) closes.
    ///
    /// - Throws: the step that failed, with errno.
    public init(_ family: Family) throws(SystemError) {
        descriptor = Descriptor(
            number: try attempt("socket netlink") {
                socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), family.rawValue)
            })
    }

    /// The number of an interface of this socket's namespace; `nil` where there is none of that name.
    ///
    /// - SeeAlso: netdevice(7), SIOCGIFINDEX: one call, where a netlink question takes two.
    public func index(of name: String) -> UInt32? {
        var request = ifreq()
        let bytes = Array(name.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: request.ifr_ifrn.ifrn_name) else { return nil }
        withUnsafeMutableBytes(of: &request.ifr_ifrn.ifrn_name) { $0.copyBytes(from: bytes) }
        guard ioctl(descriptor.number, UInt(SIOCGIFINDEX), &request) == 0 else { return nil }
        return UInt32(request.ifr_ifru.ifru_ivalue)
    }

    /// Has the kernel do everything that is in the batch.
    ///
    /// The kernel goes on after a message that failed, so later ones may have been done.
    /// - Throws: the first message's failure, by its step.
    public func perform(_ batch: consuming NetlinkBatch) throws(SystemError) {
        _ = try exchange(batch)
    }

    /// Sends a batch whose last message asks for one thing, and returns the answers.
    func exchange(_ batch: consuming NetlinkBatch) throws(SystemError) -> [NetlinkReply] {
        guard !batch.isEmpty else { return [] }
        batch.askForAcknowledgement()
        try send(batch)
        var replies: [NetlinkReply] = []
        _ = try receive(for: batch, into: &replies)
        return replies
    }

    /// Sends a request for a list, and returns every element of it.
    func dump(_ batch: consuming NetlinkBatch) throws(SystemError) -> [NetlinkReply] {
        for _ in 0..<Self.attempts {
            try send(batch)
            var replies: [NetlinkReply] = []
            if try receive(for: batch, into: &replies) { return replies }
        }
        throw SystemError(step: batch.steps.last ?? "dump", number: EINTR)
    }

    private func send(_ batch: borrowing NetlinkBatch) throws(SystemError) {
        let bytes = batch.bytes
        try attempt(batch.steps.first ?? "send netlink") {
            bytes.withUnsafeBytes { CInt(Glibc.send(descriptor.number, $0.baseAddress, $0.count, 0)) }
        }
    }

    /// Reads until the last message is answered; false where a list changed while it was read.
    private func receive(for batch: borrowing NetlinkBatch, into replies: inout [NetlinkReply]) throws(SystemError)
        -> Bool
    {
        let steps = batch.steps
        let last = UInt32(steps.count)
        var failure: (sequence: UInt32, number: CInt)?
        var isConsistent = true
        var isDone = false
        var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
        while !isDone {
            let count = Int(
                try attempt(steps.last ?? "receive netlink") {
                    buffer.withUnsafeMutableBytes { CInt(recv(descriptor.number, $0.baseAddress, $0.count, 0)) }
                })
            var offset = 0
            while offset + MemoryLayout<nlmsghdr>.size <= count {
                let header = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: nlmsghdr.self) }
                let end = offset + Int(header.nlmsg_len)
                guard Int(header.nlmsg_len) >= MemoryLayout<nlmsghdr>.size, end <= count else { break }
                let body = offset + MemoryLayout<nlmsghdr>.size
                if Int32(header.nlmsg_flags) & NLM_F_DUMP_INTR != 0 { isConsistent = false }
                switch Int32(header.nlmsg_type) {
                case NLMSG_ERROR, NLMSG_DONE:
                    let number =
                        end - body >= 4
                        ? buffer.withUnsafeBytes { -$0.loadUnaligned(fromByteOffset: body, as: Int32.self) } : 0
                    if number > 0, header.nlmsg_seq < failure?.sequence ?? .max {
                        failure = (header.nlmsg_seq, number)
                    }
                    if header.nlmsg_seq == last { isDone = true }
                case NLMSG_NOOP: break
                default:
                    replies.append(NetlinkReply(type: header.nlmsg_type, payload: Array(buffer[body..<end])))
                }
                offset += (Int(header.nlmsg_len) + 3) & ~3
            }
        }
        if let failure {
            let place = Int(failure.sequence) - 1
            throw SystemError(step: steps.indices.contains(place) ? steps[place] : "netlink", number: failure.number)
        }
        return isConsistent
    }
}
