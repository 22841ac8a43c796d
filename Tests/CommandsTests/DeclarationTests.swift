// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Testing

@testable import Commands

/// The declarations that help and completion read against what ArgumentParser really parses.
struct DeclarationTests {
    private struct Dump: Decodable {
        struct Command: Decodable { let arguments: [Argument]? }
        struct Argument: Decodable {
            struct Name: Decodable {
                let kind: String
                let name: String
            }
            let kind: String
            let names: [Name]?
            let isRepeating: Bool
        }
        let command: Command
    }

    /// Declarations are metatypes, which cannot be arguments of a test: their names stand for them.
    static let names = Catalogue.declarations.map(\.name)

    @Test(arguments: names)
    func `every declared flag is parsed, and every parsed flag is declared`(name: String) throws {
        let type = try #require(Catalogue.type(named: name))
        let dump = try JSONDecoder().decode(Dump.self, from: Data(type._dumpHelp().utf8))
        let parsed = (dump.command.arguments ?? []).filter { $0.kind != "positional" }
        let declared = type.declaration.flags
        #expect(Set(parsed.compactMap { $0.names?.first?.name }).subtracting(["help"]) == Set(declared.map(\.long)))
        for flag in declared {
            let argument = try #require(parsed.first { $0.names?.first?.name == flag.long })
            switch flag.value {
            case .none: #expect(argument.kind == "flag")
            case .onByDefault, .one: #expect(argument.kind == "option" && !argument.isRepeating)
            case .many: #expect(argument.kind == "option" && argument.isRepeating)
            }
        }
    }

    @Test(arguments: names)
    func `no two flags of a command share a name`(name: String) throws {
        let declaration = try #require(Catalogue.type(named: name)).declaration
        let longs =
            declaration.flags.flatMap { [$0.long] + $0.olderNames }
            + (declaration.absent + declaration.ignored).map(\.long)
        #expect(Set(longs).count == longs.count)
        let shorts =
            declaration.flags.compactMap(\.short) + (declaration.absent + declaration.ignored).compactMap(\.short)
        #expect(Set(shorts).count == shorts.count)
    }

    @Test func `no two commands share a name, and none that is there is called absent`() {
        let names = Catalogue.declarations.flatMap(\.names)
        #expect(Set(names).count == names.count)
        #expect(AbsentCommand.all.flatMap(\.names).filter(names.contains) == [])
        for name in names where name.contains(" ") {
            #expect(Catalogue.groups.contains { name.hasPrefix($0.name + " ") })
        }
    }

    @Test(arguments: names)
    func `usage names flags exactly where there are any`(name: String) throws {
        let declaration = try #require(Catalogue.type(named: name)).declaration
        #expect(declaration.usage.contains("[OPTIONS]") == !declaration.flags.isEmpty)
    }

    @Test(arguments: [
        "ps": ["container ls", "container list", "container ps"], "rm": ["container rm", "container remove"],
        "rmi": ["image rm", "image remove"], "images": ["image ls", "image list"], "run": ["container run"],
        "stop": ["container stop"], "logs": ["container logs"], "cp": ["container cp"], "exec": ["container exec"],
        "tag": ["image tag"], "save": ["image save"], "load": ["image load"], "import": ["image import"],
        "history": ["image history"], "build": ["image build", "buildx build", "builder build"],
        "builder prune": ["buildx prune"], "builder du": ["buildx du"], "start": ["container start"],
        "kill": ["container kill"],
    ])
    func `the long forms are the same commands`(short: String, long: [String]) throws {
        let type = try #require(Catalogue.type(named: short))
        for name in long { #expect(Catalogue.type(named: name) == type) }
    }
}
