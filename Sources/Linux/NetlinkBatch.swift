// SPDX-License-Identifier: Apache-2.0

import CLinux

/// Messages of netlink(7) in one buffer: one send(2) carries them all, and the kernel obeys them in their order.
public struct NetlinkBatch: Sendable {
    /// The messages as they are sent.
    private(set) var bytes: [UInt8] = []
    /// What each message does, for the one that fails.
    private(set) var steps: [String] = []
    private var lastStart = 0

    /// An empty batch.
    public init() { bytes.reserveCapacity(512) }

    /// Whether there is nothing to send.
    public var isEmpty: Bool { steps.isEmpty }

    /// Adds one message: the family's fixed header, then what `attributes` adds.
    ///
    /// Only the last message of a batch asks for an acknowledgement (see `askForAcknowledgement`): a failure is
    /// reported without one, and each costs the kernel a packet.
    mutating func add(
        _ step: String, type: Int, flags: Int32 = 0, header: some BitwiseCopyable,
        attributes: (inout Self) -> Void = { _ in }
    ) {
        lastStart = bytes.count
        steps.append(step)
        let start = nlmsghdr(
            nlmsg_len: 0, nlmsg_type: UInt16(type), nlmsg_flags: UInt16(NLM_F_REQUEST | flags),
            nlmsg_seq: UInt32(steps.count), nlmsg_pid: 0)
        append(start)
        append(header)
        align()
        attributes(&self)
        writeLength(UInt32(bytes.count - lastStart), at: lastStart)
    }

    /// Adds an attribute of an integer in the machine's byte order.
    mutating func attribute(_ type: Int, _ value: some FixedWidthInteger & BitwiseCopyable) {
        let start = open(type)
        append(value)
        close(start)
    }

    /// Adds an attribute of bytes as they are.
    mutating func attribute(_ type: Int, bytes value: [UInt8]) {
        let start = open(type)
        bytes.append(contentsOf: value)
        close(start)
    }

    /// Adds an attribute of text, which ends in NUL.
    mutating func attribute(_ type: Int, _ text: String) {
        let start = open(type)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        close(start)
    }

    /// Adds an attribute that holds others, after a fixed header where it has one.
    mutating func nested(_ type: Int, header: (some BitwiseCopyable)?, attributes: (inout Self) -> Void) {
        let start = open(type | Int(NLA_F_NESTED))
        if let header {
            append(header)
            align()
        }
        attributes(&self)
        close(start)
    }

    /// Adds an attribute that holds others.
    mutating func nested(_ type: Int, attributes: (inout Self) -> Void) {
        nested(type, header: UInt8?.none, attributes: attributes)
    }

    /// Makes the last message one that is answered in any case, so that a reader knows when all is done.
    mutating func askForAcknowledgement() {
        guard !isEmpty else { return }
        bytes[lastStart + 6] |= UInt8(NLM_F_ACK)
    }

    private mutating func open(_ type: Int) -> Int {
        let start = bytes.count
        append(UInt16(0))
        append(UInt16(type))
        return start
    }

    private mutating func close(_ start: Int) {
        let length = UInt16(bytes.count - start)
        withUnsafeBytes(of: length) { raw in
            bytes[start] = raw[0]
            bytes[start + 1] = raw[1]
        }
        align()
    }

    private mutating func append(_ value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    private mutating func align() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    private mutating func writeLength(_ length: UInt32, at place: Int) {
        withUnsafeBytes(of: length) { raw in
            for index in 0..<4 { bytes[place + index] = raw[index] }
        }
    }
}
