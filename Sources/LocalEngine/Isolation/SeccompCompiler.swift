// SPDX-License-Identifier: Apache-2.0

import CSeccomp
import Engine
import Glibc

/// Turns the profile into the program that seccomp(2) loads.
enum SeccompCompiler {
    /// The array of `sock_filter` for a container with these capabilities.
    ///
    /// - Throws: `.system` when libseccomp refuses a rule.
    static func program(for capabilities: CapabilitySet) throws(EngineError) -> [UInt8] {
        prologue(for: capabilities) + (try compiled(SeccompProfile.rules(for: capabilities)))
    }

    private static func failure(_ step: String, _ result: CInt) -> EngineError {
        EngineError(.system, .engine, "seccomp: \(step): \(String(cString: strerror(-result)))")
    }

    private static func compiled(_ rules: [SeccompProfile.Rule]) throws(EngineError) -> [UInt8] {
        guard let context = seccomp_init(cseccomp_errno(UInt16(EPERM))) else {
            throw failure("seccomp_init", -ENOMEM)
        }
        defer { seccomp_release(context) }
        for architecture in subordinates {
            let result = seccomp_arch_add(context, architecture)
            guard result == 0 || result == -EEXIST else { throw failure("seccomp_arch_add", result) }
        }
        // A binary tree: the kernel runs the program once for each of its calls while it loads it (seccomp's bitmap of
        // calls that are always allowed), which a straight list of 400 comparisons makes slow.
        let optimized = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        guard optimized == 0 else { throw failure("seccomp_attr_set", optimized) }
        for rule in rules {
            let action = rule.failure.map(cseccomp_errno) ?? cseccomp_allow()
            for name in rule.calls {
                let number = seccomp_syscall_resolve_name(name)
                // A call that this library or this architecture does not know: `prologue` has the recent ones.
                if number == cseccomp_unknown() { continue }
                let result = add(rule.condition, number, action, to: context)
                // An architecture without the call, or a rule that is there already.
                guard result == 0 || result == -EDOM || result == -EEXIST else { throw failure(name, result) }
            }
        }
        return try export(context)
    }

    private static func add(
        _ condition: SeccompProfile.Condition?, _ number: CInt, _ action: UInt32, to context: scmp_filter_ctx
    ) -> CInt {
        guard let condition else { return seccomp_rule_add_array(context, action, number, 0, nil) }
        var comparison = scmp_arg_cmp(arg: condition.argument, op: SCMP_CMP_EQ, datum_a: condition.value, datum_b: 0)
        switch condition.comparison {
        case .equals: break
        case .differsFrom: comparison.op = SCMP_CMP_NE
        case .hasNoneOf: comparison.op = SCMP_CMP_MASKED_EQ
        }
        return seccomp_rule_add_array(context, action, number, 1, &comparison)
    }

    private static func export(_ context: scmp_filter_ctx) throws(EngineError) -> [UInt8] {
        let file = cseccomp_memory_file()
        guard file >= 0 else { throw failure("memfd_create", -errno) }
        defer { close(file) }
        let result = seccomp_export_bpf(context, file)
        guard result == 0 else { throw failure("seccomp_export_bpf", result) }
        let size = Int(lseek(file, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: size)
        guard pread(file, &bytes, size, 0) == size else { throw failure("read the program", -EIO) }
        return bytes
    }

    #if arch(x86_64)
        private static let subordinates = [cseccomp_arch_x86(), cseccomp_arch_x32()]
    #elseif arch(arm64)
        private static let subordinates = [cseccomp_arch_arm()]
    #endif
}

extension SeccompCompiler {
    /// What stands before libseccomp's program: calls that the library does not know, and those that nobody knows yet.
    private static func prologue(for capabilities: CapabilitySet) -> [UInt8] {
        var allowed = SeccompProfile.recent.filter { $0.with.map(capabilities.contains) ?? true }.map(\.number)
        #if arch(x86_64)
            allowed.append(SeccompProfile.uretprobe)
        #endif
        // The number is the first field of `struct seccomp_data`. Those of x32 have bit 30 and so go on to libseccomp's.
        var program: [Instruction] = [.loadWord(0)]
        for (position, number) in allowed.enumerated() {
            // Over the comparisons that are left and the three instructions before `allow`.
            program.append(.jump(ifEqual: number, then: UInt8(allowed.count - position - 1 + 3), else: 0))
        }
        program += [
            .jump(ifGreater: SeccompProfile.newest, then: 0, else: 3),
            .jump(ifAtLeast: SeccompProfile.firstPrivate, then: 2, else: 0),
            .return(cseccomp_errno(UInt16(ENOSYS))),
            .return(cseccomp_allow()),
        ]
        return program.flatMap(\.bytes)
    }

    /// One `struct sock_filter`.
    ///
    /// - SeeAlso: linux/bpf_common.h; Documentation/userspace-api/seccomp_filter.rst.
    private struct Instruction {
        let code: UInt16
        var then: UInt8 = 0
        var otherwise: UInt8 = 0
        let constant: UInt32

        static func loadWord(_ offset: UInt32) -> Self { Self(code: 0x20, constant: offset) }
        static func `return`(_ action: UInt32) -> Self { Self(code: 0x06, constant: action) }
        static func jump(ifEqual value: UInt32, then: UInt8, else otherwise: UInt8) -> Self {
            Self(code: 0x15, then: then, otherwise: otherwise, constant: value)
        }
        static func jump(ifGreater value: UInt32, then: UInt8, else otherwise: UInt8) -> Self {
            Self(code: 0x25, then: then, otherwise: otherwise, constant: value)
        }
        static func jump(ifAtLeast value: UInt32, then: UInt8, else otherwise: UInt8) -> Self {
            Self(code: 0x35, then: then, otherwise: otherwise, constant: value)
        }

        var bytes: [UInt8] {
            withUnsafeBytes(of: code) { Array($0) } + [then, otherwise] + withUnsafeBytes(of: constant) { Array($0) }
        }
    }
}
