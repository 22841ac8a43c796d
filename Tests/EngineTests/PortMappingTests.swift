// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Engine

struct PortMappingTests {
    @Test(
        arguments: [
            ("80", nil, nil, 80, .tcp), ("3000:80", nil, 3000, 80, .tcp), ("3000:80/udp", nil, 3000, 80, .udp),
            ("127.0.0.1:3000:80/UDP", "127.0.0.1", 3000, 80, .udp), ("127.0.0.1::80", "127.0.0.1", nil, 80, .tcp),
            ("[::1]:3000:80", "::1", 3000, 80, .tcp), ("[::]:3000:80/tcp", "::", 3000, 80, .tcp),
            (":80", nil, nil, 80, .tcp), ("0.0.0.0:8080:80", "0.0.0.0", 8080, 80, .tcp),
        ] as [(Substring, String?, UInt16?, UInt16, Transport)])
    func `every form of --publish is read`(
        text: Substring, address: String?, host: UInt16?, container: UInt16, transport: Transport
    ) throws {
        let mappings = try PortMapping.parse(text)
        try #require(mappings.count == 1)
        #expect(mappings[0].address?.text == address)
        #expect(mappings[0].hostPort?.number == host)
        #expect(mappings[0].containerPort.number == container && mappings[0].transport == transport)
    }

    @Test func `ranges of the same length go side by side`() throws {
        let mappings = try PortMapping.parse("8000-8002:80-82")
        #expect(mappings.map(\.hostPort?.number) == [8000, 8001, 8002])
        #expect(mappings.map(\.containerPort.number) == [80, 81, 82])
        #expect(try PortMapping.parse("80-81").map(\.containerPort.number) == [80, 81])
    }

    @Test(arguments: ["8000-8010:80", "127.0.0.1:8000-8010:80/udp", "[::1]::80", "80", "3000:80"])
    func `a mapping is written as it was read`(text: String) throws {
        let mappings = try PortMapping.parse(text[...])
        #expect(mappings.map { $0.text(withTransport: false) } == [text])
        #expect(mappings.first?.text() == (text.hasSuffix("/udp") ? text : text + "/tcp"))
    }

    @Test func `a range of the host for one port of the container is one mapping`() throws {
        let mapping = try #require(try PortMapping.parse("8000-8010:80").first)
        #expect(mapping.hostPort == PortNumber(8000) && mapping.lastHostPort == PortNumber(8010))
        #expect(mapping.containerPort == PortNumber(80) && mapping.hostPorts == "8000-8010")
        #expect(try PortMapping.parse("8000-8000:80").first?.lastHostPort == nil)
    }

    @Test(
        arguments: zip(
            [
                "", "0", "65536:80", "80/sctp", "host:1:2", "8000-8001:80-82", "82-80", "3000:", "-1", "+80", "8 0",
                "80:",
            ],
            ["", "0", "65536", "sctp", "host", "8000-8001:80-82", "82-80", "3000:", "", "+80", "8 0", "80:"]))
    func `a malformed mapping says which part is wrong`(text: String, part: String) {
        #expect { try PortMapping.parse(text[...]) } throws: { ($0 as? Malformed)?.text == part }
    }
}

struct IPAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("::", "::"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("fe80::1:0:0:1", "fe80::1:0:0:1"), ("::ffff:10.0.0.1", "::ffff:a00:1"), ("2001:DB8::", "2001:db8::"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
        ])
    func `an address is written as RFC 5952 has it`(text: String, written: String) throws {
        #expect(try IPAddress(parsing: text).text == written)
    }

    @Test(
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.x", "::1::", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            ":::", "1.2.3.4:", "localhost", "+1.2.3.4", "::1.2.3.4.5",
        ])
    func `what is no address is refused`(text: String) {
        #expect { try IPAddress(parsing: text) } throws: { ($0 as? Malformed)?.text == text }
    }

    @Test func `loopback and unspecified addresses are known`() throws {
        #expect(try IPAddress(parsing: "127.9.9.9").isLoopback && IPAddress(parsing: "::1").isLoopback)
        #expect(try !IPAddress(parsing: "::2").isLoopback && IPAddress(parsing: "::").isUnspecified)
    }
}
