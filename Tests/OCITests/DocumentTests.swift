// SPDX-License-Identifier: Apache-2.0
import Foundation
import OCI
import Testing

private func digest(_ digit: Character) throws -> OCI.Digest {
    try Digest(parsing: "sha256:" + String(repeating: digit, count: 64))
}

struct DocumentTests {
    @Test
    func `a configuration of Docker's is read, whatever is null in it`() throws {
        let text = """
            {"architecture":"arm64","variant":"v8","os":"linux","created":"2024-05-01T12:00:00Z","docker_version":"28",
             "config":{"User":"node","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Entrypoint":null,"Cmd":["node"],
                       "Volumes":null,"WorkingDir":"/app","Labels":{"k":"v"},"StopSignal":"SIGQUIT","OnBuild":null,
                       "Healthcheck":{"Test":["CMD","true"],"Interval":30000000000},"Hostname":""},
             "rootfs":{"type":"layers","diff_ids":["\(try digest("1"))"]},
             "history":[{"created_by":"ADD rootfs /","created":"2024-05-01T12:00:00Z"},
                        {"created_by":"CMD [\\"node\\"]","empty_layer":true}]}
            """
        let configuration = try JSONDecoder().decode(ImageConfiguration.self, from: Data(text.utf8))
        let settings = try #require(configuration.config)
        #expect(configuration.platform == Platform(os: "linux", architecture: "arm64", variant: "v8"))
        #expect(settings.user == "node" && settings.workingDirectory == "/app" && settings.stopSignal == "SIGQUIT")
        #expect(settings.entrypoint == nil && settings.command == ["node"] && settings.environment == ["A=b"])
        #expect(settings.exposedPorts?.keys.sorted() == ["80/tcp"] && settings.labels == ["k": "v"])
        #expect(settings.healthcheck?.interval == 30_000_000_000)
        #expect(try configuration.rootfs.diffIDs == [digest("1")])
        #expect(configuration.history?.map(\.emptyLayer) == [nil, true])
    }

    @Test
    func `an image without layers may have null where the list is`() throws {
        let text = #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null}}"#
        let configuration = try JSONDecoder().decode(ImageConfiguration.self, from: Data(text.utf8))
        #expect(configuration.rootfs.diffIDs.isEmpty && configuration.config == nil)
    }

    @Test
    func `a manifest keeps its parts through JSON`() throws {
        let config = ContentDescriptor(mediaType: .configuration, digest: try digest("1"), size: 3)
        let layer = ContentDescriptor(mediaType: .gzipLayer, digest: try digest("2"), size: 4)
        let manifest = ImageManifest(config: config, layers: [layer])
        let bytes = try JSONEncoder().encode(manifest)
        #expect(try JSONDecoder().decode(ImageManifest.self, from: bytes) == manifest)
    }

    @Test
    func `a digest with a wrong digit stops the whole document`() {
        let text = #"{"digest":"sha256:zz","size":1,"mediaType":"x"}"#
        #expect(throws: Digest.Malformed.self) {
            try JSONDecoder().decode(ContentDescriptor.self, from: Data(text.utf8))
        }
    }

    @Test
    func `a layer's chain id hashes the chain below and its own diffID`() throws {
        var hashed: [String] = []
        let diffIDs = try [digest("1"), digest("2"), digest("3")]
        let chain = ChainID.ofLayers(diffIDs) { text in
            hashed.append(String(decoding: text, as: UTF8.self))
            return Digest(sha256: [UInt8](repeating: UInt8(hashed.count), count: 32))
        }
        #expect(chain.first == diffIDs[0] && chain.count == 3)
        #expect(hashed == ["\(diffIDs[0]) \(diffIDs[1])", "\(chain[1]) \(diffIDs[2])"])
    }

    @Test(
        arguments: [
            (Platform(os: "linux", architecture: "amd64"), Platform(os: "linux", architecture: "amd64"), true),
            (
                Platform(os: "linux", architecture: "arm64", variant: "v8"),
                Platform(os: "linux", architecture: "arm64"), true
            ),
            (
                Platform(os: "linux", architecture: "arm64", variant: "v8"),
                Platform(os: "linux", architecture: "arm64", variant: "v9"), false
            ),
            (Platform(os: "linux", architecture: "amd64"), Platform(os: "windows", architecture: "amd64"), false),
        ])
    func `a platform runs what was built for it`(machine: Platform, image: Platform, runs: Bool) {
        #expect(machine.runs(image) == runs)
    }
}
