// SPDX-License-Identifier: Apache-2.0

/// A value that travels as bytes: it lists its fields once, and that list both writes and reads them.
///
/// One list instead of an encoder and a decoder, because two lists can disagree.
public protocol Transferable {
    /// The blank value that reading fills.
    init()
    /// Hands every field to `wire`, always in the same order.
    mutating func transfer(through wire: inout Wire)
}

/// Bytes that are being written, or bytes that are being read. Integers are little-endian and of fixed width; strings
/// and lists have a 32-bit count before them.
///
/// Reading past the end or meeting a value that does not exist never traps: fields keep their blank value and
/// `isIntact` turns false, which `decode` reports once for the whole value.
public struct Wire {
    private enum Direction { case writing, reading }

    private let direction: Direction
    private var cursor = 0
    /// What has been written so far, or what is being read.
    public private(set) var bytes: [UInt8]
    /// False once something that was read was missing or impossible.
    public private(set) var isIntact = true

    /// Starts writing.
    public init() {
        direction = .writing
        bytes = []
    }

    /// Starts reading `bytes`.
    public init(reading bytes: [UInt8]) {
        direction = .reading
        self.bytes = bytes
    }

    /// True when everything was read and nothing is left over.
    var isSpent: Bool { isIntact && cursor == bytes.count }

    /// Notes that what was read cannot be.
    public mutating func refuse() { isIntact = false }

    /// Carries an integer of any fixed width.
    public mutating func carry<Value: FixedWidthInteger>(_ value: inout Value) {
        let size = Value.bitWidth / 8
        switch direction {
        case .writing:
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        case .reading:
            guard bytes.count - cursor >= size else { return refuse() }
            value = bytes.withUnsafeBytes {
                Value(littleEndian: $0.loadUnaligned(fromByteOffset: cursor, as: Value.self))
            }
            cursor += size
        }
    }

    /// Carries a yes or no as one byte.
    public mutating func carry(_ value: inout Bool) {
        var byte: UInt8 = value ? 1 : 0
        carry(&byte)
        if byte > 1 { refuse() }
        value = byte == 1
    }

    /// Carries an enumeration by its raw value; one that does not exist is refused.
    public mutating func carry<Value: RawRepresentable>(_ value: inout Value) where Value.RawValue: FixedWidthInteger {
        var raw = value.rawValue
        carry(&raw)
        if let known = Value(rawValue: raw) { value = known } else { refuse() }
    }

    /// Carries bytes as they are.
    public mutating func carry(_ value: inout [UInt8]) {
        let count = carryCount(value.count, smallest: 1)
        switch direction {
        case .writing:
            bytes.append(contentsOf: value)
        case .reading:
            value = Array(bytes[cursor..<cursor + count])
            cursor += count
        }
    }

    /// Carries a value by its own list of fields.
    public mutating func carry<Value: Transferable>(_ value: inout Value) { value.transfer(through: &self) }

    /// Carries a list; its elements take at least a byte each, so a false count cannot ask for much memory.
    public mutating func carry<Value: Transferable>(_ values: inout [Value]) {
        let count = carryCount(values.count, smallest: 1)
        switch direction {
        case .writing:
            for index in values.indices { carry(&values[index]) }
        case .reading:
            values = []
            for _ in 0..<count where isIntact {
                var value = Value()
                carry(&value)
                values.append(value)
            }
        }
    }

    /// Carries a value that may be absent.
    public mutating func carry<Value: Transferable>(_ value: inout Value?) {
        guard carryPresence(value != nil) else { return value = nil }
        var present = value ?? Value()
        carry(&present)
        value = present
    }

    /// Carries an integer that may be absent.
    public mutating func carry<Value: FixedWidthInteger>(_ value: inout Value?) {
        guard carryPresence(value != nil) else { return value = nil }
        var present = value ?? 0
        carry(&present)
        value = present
    }

    /// Carries a list of byte strings.
    public mutating func carry(_ values: inout [[UInt8]]) {
        let count = carryCount(values.count, smallest: 4)
        if direction == .reading { values = Array(repeating: [], count: count) }
        for index in values.indices { carry(&values[index]) }
    }

    private mutating func carryPresence(_ isPresent: Bool) -> Bool {
        var presence = isPresent
        carry(&presence)
        return presence && isIntact
    }

    private mutating func carryCount(_ count: Int, smallest: Int) -> Int {
        var wide = UInt32(count)
        carry(&wide)
        if direction == .reading, Int(wide) * smallest > bytes.count - cursor { refuse() }
        return isIntact ? Int(wide) : 0
    }
}

extension String: Transferable {
    /// Carries the text as UTF-8.
    public mutating func transfer(through wire: inout Wire) {
        var bytes = Array(utf8)
        wire.carry(&bytes)
        self = String(decoding: bytes, as: UTF8.self)
    }
}

extension Transferable {
    /// This value as bytes.
    public var encoded: [UInt8] {
        var wire = Wire()
        var value = self
        value.transfer(through: &wire)
        return wire.bytes
    }

    /// Reads a value that fills `bytes` exactly.
    public init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        var wire = Wire(reading: bytes)
        self.init()
        transfer(through: &wire)
        guard wire.isSpent else { throw MalformedBytes(format: "\(Self.self)") }
    }
}

/// Bytes that are not what their place says they are: cut short, written by another version, or damaged.
public struct MalformedBytes: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the format that was expected.
    public let format: String

    /// Names the format that was expected.
    public init(format: String) { self.format = format }

    /// A sentence for a person.
    public var description: String { "not a valid \(format)" }
}
