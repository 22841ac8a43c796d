// SPDX-License-Identifier: Apache-2.0
import Engine
import MonitorProtocol
import Testing

@testable import LocalEngine

struct CapabilityTests {
    private static let standard = CapabilitySet.standard.bits
    private static func bit(_ capability: Capability) -> UInt64 { CapabilitySet([capability]).bits }

    @Test(
        arguments: [
            ([], [], false, standard),
            (["NET_ADMIN"], [], false, standard | bit(.netAdmin)),
            (["cap_net_admin"], ["CAP_CHOWN"], false, (standard | bit(.netAdmin)) & ~bit(.chown)),
            ([], ["ALL"], false, 0),
            (["CHOWN"], ["all"], false, bit(.chown)),
            (["ALL"], ["MKNOD"], false, CapabilitySet.all.bits & ~bit(.mknod)),
            ([], ["ALL"], true, CapabilitySet.all.bits),
            (["CHOWN"], ["CHOWN"], false, standard),
        ] as [([String], [String], Bool, UInt64)])
    func `what is added and dropped follows Docker's rules`(
        added: [String], dropped: [String], isPrivileged: Bool, bits: UInt64
    ) throws {
        #expect(try CapabilitySet(adding: added, dropping: dropped, isPrivileged: isPrivileged).bits == bits)
    }

    @Test func `Docker's default set is the one that everybody's scripts show`() {
        // What `grep CapBnd /proc/self/status` prints in a Docker container.
        #expect(String(CapabilitySet.standard.bits, radix: 16) == "a80425fb")
    }

    @Test(arguments: ["NOSUCH", "CAP_", "", "SYS_ADMINX"])
    func `a name that is no capability is refused with it`(name: String) {
        #expect(throws: EngineError.self) { try CapabilitySet(adding: [name], dropping: [], isPrivileged: false) }
    }

    @Test(arguments: [
        ("24", "CAP_SYS_RESOURCE"), ("0", "CAP_CHOWN"), ("40", "CAP_CHECKPOINT_RESTORE"), ("63", "capability 63"),
    ])
    func `what a machine cannot give is told by its name`(number: String, name: String) {
        let found = MonitorProtocol.Adjustment(setting: "capability \(number)", asked: "granted", given: "", number: 1)
        #expect(Engine.Adjustment(found) == .init(kind: .capability, name: name, asked: "granted", given: ""))
    }

    @Test func `numbers are the kernel's`() {
        #expect(Capability.sysAdmin.rawValue == 21)
        #expect(Capability.checkpointRestore.rawValue == 40)
        #expect(Capability(named: "cap_bpf") == .bpf)
        #expect(Capability.sysTtyConfig.name == "SYS_TTY_CONFIG")
    }
}
