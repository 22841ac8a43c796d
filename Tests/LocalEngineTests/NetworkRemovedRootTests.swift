// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// Bridges of roots whose directory somebody removed by hand.
struct NetworkRemovedRootTests {
    @Test func `what a root left that somebody removed by hand is found and taken away by another`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { mine in
            try await machine.withNetworks { theirs in
                let container = try mine.start()
                let networks = theirs.networks
                _ = try machine.host.run { try networks.standingBase() }
                let path = theirs.networks.paths.root
                #expect(try theirs.interface(theirs.networks.bridge)?.alias == path)
                #expect(try mine.check(mend: true, inUse: [container.id]).isEmpty)
                #expect(rename(path, path + "-elsewhere") == 0)
                let finding = CheckFinding(
                    kind: .leakedInterface, subject: "\(theirs.networks.bridge) of \(path)", isMended: true)
                #expect(try mine.check(mend: true, inUse: [container.id]) == [finding])
                #expect(try theirs.interface(theirs.networks.bridge) == nil)
                #expect(try !machine.nft("list ruleset").contains(theirs.networks.bridge))
                #expect(try mine.check(mend: true, inUse: [container.id]).isEmpty)
                #expect(rename(path + "-elsewhere", path) == 0)
            }
        }
    }

    @Test func `a removed root whose container is still connected keeps its bridge`() async throws {
        let machine = try NetworkMachine()
        try await machine.withNetworks { mine in
            try await machine.withNetworks { theirs in
                let container = try theirs.start()
                let path = theirs.networks.paths.root
                #expect(rename(path, path + "-elsewhere") == 0)
                #expect(try mine.check(mend: true).isEmpty)
                #expect(try theirs.interface(theirs.networks.bridge) != nil)
                #expect(rename(path + "-elsewhere", path) == 0)
                withExtendedLifetime(container) {}
            }
        }
    }
}
