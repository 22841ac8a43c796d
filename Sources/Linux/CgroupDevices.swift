// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Permits or forbids a group some devices; later rules win.
public struct CgroupDeviceRule: Hashable, Sendable {
    /// The kind of device.
    public enum Kind: Sendable { case all, character, block }

    /// What is done with a device.
    public struct Access: OptionSet, Hashable, Sendable {
        /// Bits in the order `r`, `w`, `m`.
        public let rawValue: UInt8
        /// Takes the bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Reading.
        public static let read = Access(rawValue: 1)
        /// Writing.
        public static let write = Access(rawValue: 2)
        /// Making a node: mknod(2).
        public static let make = Access(rawValue: 4)
        /// All three.
        public static let all: Access = [.read, .write, .make]
    }

    /// Permits, or forbids.
    public let isAllowed: Bool
    /// The kind of device.
    public let kind: Kind
    /// `nil` is every number.
    public let major: UInt32?
    /// `nil` is every number.
    public let minor: UInt32?
    /// What is permitted or forbidden.
    public let access: Access

    /// A rule.
    public init(isAllowed: Bool, kind: Kind, major: UInt32?, minor: UInt32?, access: Access) {
        self.isAllowed = isAllowed
        self.kind = kind
        self.major = major
        self.minor = minor
        self.access = access
    }
}

extension Cgroup {
    /// Applies rules to a group that has none yet.
    ///
    /// A hybrid machine's unified tree asks a program, too, and is preferred to version 1's controller: a process is born
    /// in it, whereas moving one into a group of version 1 waits for every processor (cgroup_threadgroup_rwsem), which was
    /// seen to take 5 to 36 ms.
    public func restrictDevices(_ rules: [CgroupDeviceRule]) throws(SystemError) {
        if let unifiedDirectory {
            do throws(SystemError) {
                return try attachDeviceProgram(rules, to: unifiedDirectory)
            } catch {
                // A kernel without such programs, or one that lends them to nobody.
                if isUnified || access("\(Self.root)/devices/cgroup.procs", F_OK) < 0 { throw error }
            }
        }
        try restrictDevicesByFiles(rules)
    }

    /// Version 1's way: the group of its devices controller is made where it is missing.
    func restrictDevicesByFiles(_ rules: [CgroupDeviceRule]) throws(SystemError) {
        guard try makeLegacy(.devices) else { throw SystemError(step: "find the devices controller", number: ENOENT) }
        let directory = directory(.devices)
        for rule in rules {
            try Self.write(rule.legacyLine, to: "\(directory)/devices.\(rule.isAllowed ? "allow" : "deny")")
        }
    }

    /// Version 2 has no files for devices: a BPF program decides (cgroups(7), bpf(2)).
    func attachDeviceProgram(_ rules: [CgroupDeviceRule], to directory: String) throws(SystemError) {
        let group = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
        let instructions = DeviceProgram(rules).instructions
        let program = Descriptor(
            number: try attempt("load device program") {
                clinux_load_device_program(instructions, UInt32(instructions.count))
            })
        try attempt("attach device program to \(directory)") {
            clinux_attach_device_program(group.number, program.number)
        }
    }
}

extension CgroupDeviceRule {
    var fitsEverything: Bool { kind == .all && access == .all && major == nil && minor == nil }

    /// The line of the kernel's Documentation/admin-guide/cgroup-v1/devices.rst.
    var legacyLine: String {
        let type =
            switch kind {
            case .all: "a"
            case .character: "c"
            case .block: "b"
            }
        let numbers = "\(major.map(String.init) ?? "*"):\(minor.map(String.init) ?? "*")"
        let letters: [(Access, String)] = [(.read, "r"), (.write, "w"), (.make, "m")]
        return "\(type) \(numbers) \(letters.filter { access.contains($0.0) }.map(\.1).joined())"
    }
}

/// Rules as a BPF program of the type `BPF_PROG_TYPE_CGROUP_DEVICE`: it returns 1 to permit, 0 to forbid.
struct DeviceProgram {
    private(set) var instructions: [UInt64] = []

    /// The last rule that fits decides, so that rules are tried from the last to the first; where none fits, no.
    init(_ rules: [CgroupDeviceRule]) {
        // struct bpf_cgroup_dev_ctx in r1: access << 16 | type, major, minor, 32 bits each.
        add(Self.load32, to: 2, from: 1, offset: 0)
        add(Self.copy32, to: 3, from: 2)
        add(Self.and32, to: 2, value: 0xffff)
        add(Self.shiftRight32, to: 3, value: 16)
        add(Self.load32, to: 4, from: 1, offset: 4)
        add(Self.load32, to: 5, from: 1, offset: 8)
        for rule in rules.reversed() {
            add(rule)
            // The kernel refuses programs with instructions that are never reached.
            if rule.fitsEverything { return }
        }
        finish(false)
    }

    private mutating func add(_ rule: CgroupDeviceRule) {
        var body = DeviceProgram()
        // Each test leaves the rule: its jump is set once the rule's length is known.
        switch rule.kind {
        case .all: break
        case .block: body.add(Self.jumpNotEqual32, to: 2, value: 1)
        case .character: body.add(Self.jumpNotEqual32, to: 2, value: 2)
        }
        if rule.access != .all {
            // In the kernel's order: mknod 1, read 2, write 4.
            let bits = Int32((rule.access.contains(.make) ? 1 : 0) | Int32(rule.access.rawValue & 3) << 1)
            body.add(Self.copy32, to: 1, from: 3)
            // A permission must cover all that is asked for; a prohibition catches any part of it.
            body.add(Self.and32, to: 1, value: rule.isAllowed ? ~bits : bits)
            body.add(rule.isAllowed ? Self.jumpNotEqual32 : Self.jumpEqual32, to: 1, value: 0)
        }
        if let major = rule.major { body.add(Self.jumpNotEqual32, to: 4, value: Int32(bitPattern: major)) }
        if let minor = rule.minor { body.add(Self.jumpNotEqual32, to: 5, value: Int32(bitPattern: minor)) }
        body.finish(rule.isAllowed)
        let end = body.instructions.count
        for (index, instruction) in body.instructions.enumerated() {
            let isJump = [Self.jumpNotEqual32, Self.jumpEqual32].contains(UInt8(truncatingIfNeeded: instruction))
            instructions.append(isJump ? instruction | UInt64(end - index - 1) << 16 : instruction)
        }
    }

    private init() {}

    private mutating func finish(_ isAllowed: Bool) {
        add(Self.set64, to: 0, value: isAllowed ? 1 : 0)
        add(Self.exit)
    }

    /// One instruction: code, registers, offset, value (the kernel's Documentation/bpf/standardization).
    private mutating func add(_ code: UInt8, to: UInt64 = 0, from: UInt64 = 0, offset: UInt64 = 0, value: Int32 = 0) {
        instructions.append(
            UInt64(code) | to << 8 | from << 12 | offset << 16 | UInt64(UInt32(bitPattern: value)) << 32)
    }

    private static let load32: UInt8 = 0x61
    private static let copy32: UInt8 = 0xbc
    private static let and32: UInt8 = 0x54
    private static let shiftRight32: UInt8 = 0x74
    private static let set64: UInt8 = 0xb7
    private static let jumpNotEqual32: UInt8 = 0x56
    private static let jumpEqual32: UInt8 = 0x16
    private static let exit: UInt8 = 0x95
}
