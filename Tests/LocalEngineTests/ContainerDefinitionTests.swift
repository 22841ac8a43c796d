// SPDX-License-Identifier: Apache-2.0
import Engine
import MonitorProtocol
import OCI
import Testing

@testable import LocalEngine

/// What a container is, decided when it is created, and kept as bytes.
struct ContainerDefinitionTests {
    private func define(
        architecture: String = "amd64", _ change: (inout ContainerRequest) throws -> Void
    ) throws -> ContainerDefinition {
        var request = ContainerRequest(image: "starter")
        request.command = ["true"]
        try change(&request)
        let image = ResolvedImage(
            id: try ImageID(parsing: "sha256:" + String(repeating: "ab", count: 32)), settings: ImageSettings(),
            layerDirectories: ["/layer"], architecture: architecture)
        return try ContainerDefinition(request, id: .random(), image: image)
    }

    @Test(arguments: [
        "box", "box.example.com", "under_score", "9", "A-b", String(repeating: "a", count: 63),
    ])
    func `a host name that programs can carry is taken`(name: String) throws {
        #expect(try define { $0.hostname = name }.hostname == name)
    }

    @Test(arguments: [
        " ", "two words", "-box", "box-", "a..b", ".box", "box.", "a/b", "a\nb", "상자", "box#1",
        String(repeating: "a", count: 64), String(repeating: "a.", count: 33) + "a",
    ])
    func `what is no host name is refused in Docker's words`(name: String) {
        #expect {
            try define { $0.hostname = name }
        } throws: {
            guard let error = $0 as? EngineError else { return false }
            return error.code == .invalid && error.message == "invalid hostname format: \(name)"
        }
    }

    @Test func `a definition is read as it was written, ranges of ports too`() throws {
        let definition = try define {
            $0.ports = try PortMapping.parse("8000-8010:80") + PortMapping.parse("127.0.0.1::81/udp")
            $0.hostname = "box"
        }
        let read = try ContainerDefinition(decoding: definition.encoded)
        #expect(read == definition, "\(read) \(definition)")
    }

    @Test func `an image for another processor is an adjustment, one for this machine is none`() throws {
        let own = Platform.current.architecture
        #expect(try define(architecture: own) { _ in }.adjustments.isEmpty)
        let foreign = try define(architecture: "riscv64") { _ in }.adjustments
        #expect(
            foreign == [
                Engine.Adjustment(
                    kind: .platform, name: "platform", asked: "linux/riscv64", given: "linux/\(own)")
            ])
    }
}
